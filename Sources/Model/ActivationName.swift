/// The name of one activation in a pass: a block (or none, before the first and after the last) and a role.
package struct ActivationName: Sendable, Hashable, CustomStringConvertible {
  /// The part that an activation plays in its block.
  ///
  /// Cases stand in the order in which a pass computes them.
  package enum Role: String, Sendable, CaseIterable {
    /// `[tokens, hidden]`: the rows of the token embedding.
    case embedding
    /// `[tokens, hidden]`: the embedding times a number.
    case scaledEmbedding = "scaled-embedding"
    /// `[tokens, hidden]`: the embedding plus the row of the tokens' type.
    case typedEmbedding = "typed-embedding"
    /// `[tokens, hidden]`: the embedding plus the rows of the positions.
    case positionedEmbedding = "positioned-embedding"
    /// `[tokens, hidden]`: all of the above, normalised before the first block.
    case embeddingNorm = "embedding-norm"
    /// `[tokens, hidden]`: the block's input, normalised.
    case attentionNorm = "attention-norm"
    /// `[tokens, latent]`: the row that queries are made of, where that is not the hidden one.
    case queryLatent = "query-latent"
    /// `[tokens, latent]`: the same, normalised.
    case queryLatentNorm = "query-latent-norm"
    /// `[tokens, latent]`: the row that keys and values are made of, where that is not the hidden one.
    case keyValueLatent = "key-value-latent"
    /// `[tokens, latent]`: the same, normalised.
    case keyValueLatentNorm = "key-value-latent-norm"
    /// `[tokens, heads, headSize]`.
    case query
    /// `[tokens, keyValueHeads, headSize]`: of heads that share a part of their keys, what is their own.
    case key
    /// `[tokens, keyValueHeads, headSize]`: heads of values may have another size.
    case value
    /// `[tokens, 1, headSize]`: the end of each head's key, where heads share one.
    case sharedKey = "shared-key"
    /// `[tokens, heads, headSize]`: each head of the query, or all of them together, normalised.
    case queryNorm = "query-norm"
    /// `[tokens, keyValueHeads, headSize]`: each head of the key, or all of them together, normalised.
    case keyNorm = "key-norm"
    /// `[tokens, heads, headSize]`: the query, kept within a limit.
    case clampedQuery = "clamped-query"
    /// `[tokens, keyValueHeads, headSize]`: the key, kept within a limit.
    case clampedKey = "clamped-key"
    /// `[tokens, keyValueHeads, headSize]`: the value, kept within a limit.
    case clampedValue = "clamped-value"
    /// `[tokens, heads, headSize]`: the query, turned by its position.
    case rotatedQuery = "rotated-query"
    /// `[tokens, keyValueHeads, headSize]`: the key, with what heads share of it, turned by its position.
    case rotatedKey = "rotated-key"
    /// `[heads, tokens, positions]`: scaled scores; elements that the mask excludes hold no value.
    case attentionScores = "attention-scores"
    /// `[heads, tokens, positions]`: the softmax of each row of scores; excluded elements are 0.
    case attentionWeights = "attention-weights"
    /// `[tokens, heads, headSize]`: the weighted sum of the values.
    case attentionValues = "attention-values"
    /// `[tokens, hidden]`: the heads, projected back.
    case attentionOutput = "attention-output"
    /// `[tokens, hidden]`: `attentionOutput`, normalised before it is added.
    case attentionOutputNorm = "attention-output-norm"
    /// `[tokens, hidden]`: what attention gives, times a number.
    case scaledAttention = "scaled-attention"
    /// `[tokens, hidden]`: the block's input plus what attention gives.
    case attentionResidual = "attention-residual"
    /// `[tokens, hidden]`: `attentionResidual`, normalised for all that follows.
    case attentionResidualNorm = "attention-residual-norm"
    /// `[tokens, hidden]`: `attentionResidual`, or the block's input, normalised.
    case feedForwardNorm = "feed-forward-norm"
    /// `[tokens, experts]`.
    case routerLogits = "router-logits"
    /// `[tokens, experts]`: the weights of the experts that are chosen; 0 for the others.
    case routerWeights = "router-weights"
    /// `[tokens, chosen, feedForward]`: the gates of a token's experts, in the order of their index.
    case expertGate = "expert-gate"
    /// `[tokens, chosen, feedForward]`.
    case expertUp = "expert-up"
    /// `[tokens, chosen, feedForward]`: the activation function of `expertGate`.
    case activatedExpertGate = "activated-expert-gate"
    /// `[tokens, chosen, feedForward]`: `activatedExpertGate` times `expertUp`.
    case gatedExpertUp = "gated-expert-up"
    /// `[tokens, chosen, hidden]`.
    case expertDown = "expert-down"
    /// `[tokens, hidden]`: what a token's experts give, added by their weights.
    case experts
    /// `[tokens, feedForward]`, of a mixture of experts those of the shared one.
    case gate
    /// `[tokens, feedForward]`.
    case up
    /// `[tokens, feedForward]`: the activation function of `up`, where there is no gate.
    case activatedUp = "activated-up"
    /// `[tokens, feedForward]`: the activation function of `gate`.
    case activatedGate = "activated-gate"
    /// `[tokens, feedForward]`: `activatedGate` times `up`.
    case gatedUp = "gated-up"
    /// `[tokens, hidden]`.
    case down
    /// `[tokens, 1]`: the number whose sigmoid multiplies what the shared expert gives.
    case sharedLogits = "shared-logits"
    /// `[tokens, 1]`: its sigmoid.
    case sharedWeights = "shared-weights"
    /// `[tokens, hidden]`: what the shared expert gives, times its weight.
    case weightedShared = "weighted-shared"
    /// `[tokens, hidden]`: what the chosen experts and the shared one give together.
    case mixture
    /// `[tokens, hidden]`: `down`, normalised before it is added.
    case feedForwardOutputNorm = "feed-forward-output-norm"
    /// `[tokens, hidden]`: what the feed-forward layer gives, times a number.
    case scaledFeedForward = "scaled-feed-forward"
    /// `[tokens, hidden]`: what entered the feed-forward branch plus what it gives.
    case feedForwardResidual = "feed-forward-residual"
    /// `[tokens, hidden]`: `feedForwardResidual`, normalised for all that follows.
    case feedForwardResidualNorm = "feed-forward-residual-norm"
    /// `[tokens, hidden]`: the last block's output, normalised.
    case finalNorm = "final-norm"
    /// `[1, vocabulary]`: the unembedding of the last token, before a number multiplies it.
    case unscaledLogits = "unscaled-logits"
    /// `[1, vocabulary]`: the unembedding of the last token.
    case logits
    /// `[1, vocabulary]`: the next-token distribution.
    case probabilities
  }

  /// The block's index, or `nil` outside the blocks.
  package let block: Int?
  /// The part that the activation plays.
  package let role: Role

  /// Makes the name of `role` in `block`.
  package init(block: Int? = nil, _ role: Role) {
    self.block = block
    self.role = role
  }

  /// `blocks.3.query`, or `logits` outside the blocks.
  package var description: String {
    block.map { "blocks.\($0).\(role.rawValue)" } ?? role.rawValue
  }
}
