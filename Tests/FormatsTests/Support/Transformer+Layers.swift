import PlumbModel

// The layers that a reader made, each kind as it stands first.
extension Transformer {
  var rotary: RotaryEmbeddingLayer { plan.rotaryLayers[0] }

  var attention: AttentionLayer {
    guard let layer = plan.attention(inBlock: 0) else { preconditionFailure("block 0 has no attention") }
    return layer
  }

  /// Every norm, in the order of a pass.
  var norms: [RMSNormLayer] {
    plan.steps.compactMap { if case .rmsNorm(let layer) = $0.operation { layer } else { nil } }
  }
}
