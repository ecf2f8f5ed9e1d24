import PlumbExact
import PlumbModel

extension Checks {
  /// The feed-forward layer as a whole: the running error of its three steps.
  static func feedForward(
    _ x: Activation<Float>, _ layer: FeedForwardLayer, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    guard let up = try linear(x, layer.up, precision: precision) else { return nil }
    return try linear(activated(up, layer.activation, precision: precision), layer.down, precision: precision)
  }

  /// The gated feed-forward layer as a whole: the running error of its five steps.
  static func gatedFeedForward(
    _ x: Activation<Float>, _ layer: GatedFeedForwardLayer, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    guard let opening = try linear(x, layer.gate, precision: precision),
      let up = try linear(x, layer.up, precision: precision)
    else { return nil }
    let activated = try activated(opening, .silu, precision: precision)
    return try linear(gate(activated, up, precision: precision), layer.down, precision: precision)
  }
}
