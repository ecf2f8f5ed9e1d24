/// A normalisation along the rows of what it is given.
package enum Norm: Sendable {
  /// By the root of the mean square.
  case rms(RMSNormLayer)
  /// By the mean and the root of the variance.
  case layer(LayerNormLayer)

  /// The tensors of the layer, in the order in which a kernel reads them.
  var tensors: [Tensor] {
    switch self {
    case .rms(let layer): [layer.weight]
    case .layer(let layer): [layer.weight] + (layer.bias.map { [$0] } ?? [])
    }
  }

  /// The step that it is in a plan.
  var operation: Operation {
    switch self {
    case .rms(let layer): .rmsNorm(layer)
    case .layer(let layer): .layerNorm(layer)
    }
  }
}
