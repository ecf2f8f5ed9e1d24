import PlumbModel

extension Engine {
  /// Each element, or the limit where it is greater, or minus the limit where it is less: exactly.
  ///
  /// *Edge cases*: −0 stays −0, an infinity gives the limit with its sign, and NaN gives NaN.
  package static func clamp(_ x: Activation<Float>, _ layer: ClampLayer) -> Activation<Float> {
    x.map { $0 > layer.limit ? layer.limit : $0 < -layer.limit ? -layer.limit : $0 }
  }
}
