import PlumbExact
import PlumbModel

extension Checks {
  /// The feed-forward layer as a whole: the running error of its three steps.
  package static func feedForward(
    _ x: Activation<Float>, _ layer: FeedForwardLayer, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    guard let up = try linear(x, layer.up, precision: precision) else { return nil }
    return try linear(activated(up, layer.activation, precision: precision), layer.down, precision: precision)
  }

  /// The gated feed-forward layer as a whole: the running error of its five steps.
  package static func gatedFeedForward(
    _ x: Activation<Float>, _ layer: GatedFeedForwardLayer, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    guard let opening = try linear(x, layer.gate, precision: precision),
      let up = try linear(x, layer.up, precision: precision)
    else { return nil }
    return try gatedFeedForward(opening, up, layer, precision: precision)
  }

  /// The same of what the engine computed.
  static func gatedFeedForward(
    _ x: Expectation, _ layer: GatedFeedForwardLayer, precision: Int
  ) throws(EnclosureError) -> Expectation {
    try gatedFeedForward(
      linear(x, layer.gate, precision: precision), linear(x, layer.up, precision: precision), layer,
      precision: precision)
  }

  private static func gatedFeedForward(
    _ opening: Expectation, _ up: Expectation, _ layer: GatedFeedForwardLayer, precision: Int
  ) throws(EnclosureError) -> Expectation {
    let activated = try activated(opening, layer.activation, precision: precision)
    return try linear(gate(activated, up, precision: precision), layer.down, precision: precision)
  }
}
