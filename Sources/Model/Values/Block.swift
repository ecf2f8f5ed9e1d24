/// One block of a transformer: branches, one after the other.
package struct Block: Sendable {
  /// The branches, first to last; no two of one kind.
  package var branches: [Branch]

  /// Makes the block.
  package init(branches: [Branch]) { self.branches = branches }

  /// A block of attention and a gated feed-forward layer, each behind its norm: h = x + attention(norm(x)),
  /// y = h + feedForward(norm(h)).
  ///
  /// The norms follow the additions where the block `isPostNormalised`: h = norm(x + attention(x)), y = norm(h + feedForward(h)).
  /// Source: Touvron et al. 2023, *LLaMA*, section 2.2 (before); Vaswani et al. 2017, section 3.1 (after).
  package init(
    attentionNorm: RMSNormLayer, attention: AttentionMixer, feedForwardNorm: RMSNormLayer,
    feedForward: GatedFeedForwardLayer, isPostNormalised: Bool = false
  ) {
    let halves: [(RMSNormLayer, Mixer)] = [
      (attentionNorm, .attention(attention)), (feedForwardNorm, .gatedFeedForward(feedForward)),
    ]
    branches = halves.map { norm, mixer in
      isPostNormalised ? Branch(mixer: mixer, sumNorm: .rms(norm)) : Branch(norm: .rms(norm), mixer: mixer)
    }
  }
}
