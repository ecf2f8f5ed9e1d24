import PlumbExact
import PlumbModel

extension Reference {
  /// The feed-forward layer down(activation(up(x))), `[tokens, hidden]` from `[tokens, hidden]`.
  ///
  /// *Error bound*: encloses the true values.
  /// - Throws: `EnclosureError` where a weight is not finite.
  package static func feedForward(
    _ x: Activation<Ball>, _ layer: FeedForwardLayer, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    let up = try linear(x, layer.up, precision: precision)
    return try linear(activated(up, layer.activation, precision: precision), layer.down, precision: precision)
  }

  /// The gated feed-forward layer down(activation(gate(x)) · up(x)), `[tokens, hidden]` from `[tokens, hidden]`.
  ///
  /// *Error bound*: encloses the true values.
  /// - Throws: `EnclosureError` where a weight is not finite.
  package static func gatedFeedForward(
    _ x: Activation<Ball>, _ layer: GatedFeedForwardLayer, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    let activated = try activated(
      linear(x, layer.gate, precision: precision), layer.activation, precision: precision)
    let up = try linear(x, layer.up, precision: precision)
    return try linear(gate(activated, up, precision: precision), layer.down, precision: precision)
  }

  /// `x` through `function`, element by element.
  ///
  /// *Error bound*: that of the function's own layer.
  /// - Throws: never for a precision from 2 up.
  package static func activated(
    _ x: Activation<Ball>, _ function: ActivationFunction, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    switch function {
    case .relu: relu(x)
    case .gelu: gelu(x, precision: precision)
    case .geluTanh: try geluTanh(x, precision: precision)
    case .silu: silu(x, precision: precision)
    }
  }
}
