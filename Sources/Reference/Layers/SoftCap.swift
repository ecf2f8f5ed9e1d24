import PlumbExact
import PlumbModel

extension Reference {
  /// cap · tanh(x / cap) of each element, in the shape of `x`: what keeps scores and logits within ±cap.
  ///
  /// *Error bound*: encloses the true values; from an exact `x`, to about `precision` bits.
  /// - Throws: `EnclosureError` where the cap is not positive and finite.
  package static func softCapped(
    _ x: Activation<Ball>, _ cap: Float, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    guard cap > 0, let cap = Rational(exactly: cap) else {
      throw .argumentOutsideDomain(function: "softCapped: cap \(cap)")
    }
    let elements = concurrentMap(x.elements.count) { index -> Ball in
      let ratio = x.elements[index] * Ball(1 / cap)
      return (Ball(cap) * Ball.tanh(ratio, precision: precision + 4)).settled(precision)
    }
    return Activation(shape: x.shape, elements: elements)
  }
}
