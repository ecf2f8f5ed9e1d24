import PlumbExact
import PlumbModel

extension Reference {
  /// Each element, or the limit where it is greater, or minus the limit where it is less, in the shape of `x`.
  ///
  /// *Error bound*: none, for an exact `x`; otherwise encloses the true values.
  /// - Throws: `EnclosureError` where the limit is not positive and finite.
  package static func clamp(_ x: Activation<Ball>, _ layer: ClampLayer) throws(EnclosureError) -> Activation<Ball> {
    guard layer.limit > 0, let limit = Rational(exactly: layer.limit) else {
      throw .argumentOutsideDomain(function: "clamp: limit \(layer.limit)")
    }
    return x.map { Ball.max(Ball.min($0, Ball(limit)), Ball(-limit)) }
  }
}
