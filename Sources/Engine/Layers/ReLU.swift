import PlumbModel

extension Engine {
  /// relu(x) = max(x, 0), element by element, exactly.
  ///
  /// *Edge cases*: relu(−0) = −0; relu(NaN) is NaN.
  public static func relu(_ x: Activation<Float>) -> Activation<Float> { x.map { $0 < 0 ? 0 : $0 } }
}
