import PlumbExact
import PlumbModel

extension Reference {
  /// One exact pass of a transformer from the tokens alone: every activation as balls, all tokens at once.
  ///
  /// Balls widen from layer to layer, so `precision` must exceed the bits wanted at the end by the bits lost on the way:
  /// about 18 a block were measured on a model of 30 blocks and 576 hidden elements. Whoever needs narrower balls runs
  /// another pass with more precision. A pass holds the activations of one block and leaves the weights as it found them.
  public struct Pass: Sendable {
    /// The weights and their layers.
    public let transformer: Transformer
    /// The number of bits that a midpoint carries.
    public let precision: Int

    /// What a pass needs to go on after some of its blocks.
    public struct Checkpoint: Sendable {
      /// The number of blocks that are done.
      public let blocks: Int
      /// What comes out of the last of them, `[tokens, hidden]`.
      public let hidden: Activation<Ball>

      /// Makes a checkpoint after `blocks` blocks.
      public init(blocks: Int, hidden: Activation<Ball>) {
        self.blocks = blocks
        self.hidden = hidden
      }
    }

    /// Prepares a pass of `transformer`.
    public init(_ transformer: Transformer, precision: Int) {
      self.transformer = transformer
      self.precision = precision
    }

    /// Computes the activations of `tokens`, which stand at the positions from 0 on, and shows each to `observer` in the
    /// order of `ActivationName.Role`, block after block; logits and probabilities are those of the last token.
    ///
    /// From a `checkpoint` of a pass over the same tokens it goes on with the next block. What `adjusting` makes of an
    /// activation, of the same shape, is what the layers after it get.
    ///
    /// - Throws: `CancellationError` soon after `isCancelled` or the task's cancellation says so; `EnclosureError` where
    ///   `precision` is too low for a layer to be defined on all of its input, a token is outside the vocabulary, or there
    ///   is none; what `observer` throws.
    public func run(
      _ tokens: [Int], from checkpoint: Checkpoint? = nil, isCancelled: () -> Bool = { false },
      adjusting adjust: ((ActivationName, Activation<Ball>) -> Activation<Ball>)? = nil,
      observer: (ActivationName, Activation<Ball>) throws -> Void
    ) throws {
      guard !tokens.isEmpty else { throw EnclosureError.argumentOutsideDomain(function: "a pass of no tokens") }
      func show(_ name: ActivationName, _ exact: Activation<Ball>) throws -> Activation<Ball> {
        let activation = adjust?(name, exact) ?? exact
        try observer(name, activation)
        if isCancelled() || Task.isCancelled { throw CancellationError() }
        return activation
      }
      var hidden =
        try checkpoint?.hidden ?? show(ActivationName(.embedding), try embedding(tokens, transformer.embedding))
      let turns = try rotaryTurns(transformer.rotary, 0..<tokens.count, precision: precision)
      for (index, block) in transformer.blocks.enumerated().dropFirst(checkpoint?.blocks ?? 0) {
        hidden = try run(block, on: hidden, turns) { try show(ActivationName(block: index, $0), $1) }
      }
      let normalised = try show(
        ActivationName(.finalNorm), try rmsNorm(hidden, transformer.finalNorm, precision: precision))
      let last = Activation(shape: [1, normalised.columns], elements: Array(normalised.row(tokens.count - 1)))
      let logits = try show(
        ActivationName(.logits), try unembedding(last, transformer.unembedding, precision: precision))
      _ = try show(ActivationName(.probabilities), try softmax(logits, precision: precision))
    }

    /// One block: the attention and the feed-forward layer, each on the normalised input and added to it.
    private func run(
      _ block: BlockLayer, on hidden: Activation<Ball>, _ turns: Activation<Turn>,
      show: (ActivationName.Role, Activation<Ball>) throws -> Activation<Ball>
    ) throws -> Activation<Ball> {
      let attention = transformer.attention
      func linear(_ x: Activation<Ball>, _ layer: LinearLayer) throws -> Activation<Ball> {
        try Reference.linear(x, layer, precision: precision)
      }
      func heads(_ x: Activation<Ball>, _ layer: LinearLayer, _ count: Int) throws -> Activation<Ball> {
        try linear(x, layer).reshaped([x.rows, count, attention.headSize])
      }
      func rotated(_ x: Activation<Ball>) -> Activation<Ball> {
        Reference.rotated(x, transformer.rotary, turns, precision: precision)
      }

      let input = try show(.attentionNorm, try rmsNorm(hidden, block.attentionNorm, precision: precision))
      var query = try show(.query, try heads(input, block.query, attention.heads))
      var key = try show(.key, try heads(input, block.key, attention.keyValueHeads))
      let value = try show(.value, try heads(input, block.value, attention.keyValueHeads))
      query = try show(.rotatedQuery, rotated(query))
      key = try show(.rotatedKey, rotated(key))
      let scores = try show(.attentionScores, try attentionScores(query, key, attention, precision: precision))
      let weights = try show(.attentionWeights, try softmax(scores, attention, precision: precision))
      let values = try show(.attentionValues, attentionValues(weights, value, attention, precision: precision))
      let joined = values.reshaped([hidden.rows, attention.heads * attention.headSize])
      let output = try show(.attentionOutput, try linear(joined, block.output))
      let middle = try show(.attentionResidual, residualAdd(hidden, output, precision: precision))

      let normalised = try show(.feedForwardNorm, try rmsNorm(middle, block.feedForwardNorm, precision: precision))
      let gate = try show(.gate, try linear(normalised, block.feedForward.gate))
      let up = try show(.up, try linear(normalised, block.feedForward.up))
      let activated = try show(.activatedGate, silu(gate, precision: precision))
      let gated = try show(.gatedUp, Reference.gate(activated, up, precision: precision))
      let down = try show(.down, try linear(gated, block.feedForward.down))
      return try show(.feedForwardResidual, residualAdd(middle, down, precision: precision))
    }
  }
}
