import PlumbLayers
import PlumbModel

extension AttentionLayer {
  /// Makes a window of two positions or more one shorter.
  mutating func narrow() { window = window.map { $0 > 1 ? $0 - 1 : $0 } }

  /// Makes a window one longer.
  mutating func widen() { window = window.map { $0 + 1 } }
}

extension SoftCap {
  /// tanh(y / cap), not multiplied by the cap again.
  static func notMultiplied<Context: BugContext>(_ y: Row<Context>, _ cap: Float) -> Row<Context> {
    (y / y.parameter(Double(cap))).hyperbolicTangent()
  }

  /// y cut off at the cap.
  static func clamped<Context: BugContext>(_ y: Row<Context>, _ cap: Float) -> Row<Context> {
    y.rising { min(max($0, -Double(cap)), Double(cap)) }
  }
}
