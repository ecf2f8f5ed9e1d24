import PlumbExact
import PlumbModel

extension Reference {
  /// The product of each element with the layer's number, or its quotient by it, in the shape of `x`.
  ///
  /// *Error bound*: exact for an exact `x` where the number is rational; otherwise encloses the true values, to `precision` bits.
  /// - Throws: `EnclosureError` where the factor is not positive and finite.
  package static func scale(
    _ x: Activation<Ball>, _ layer: ScaleLayer, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    let factor = try factor(of: layer, precision: precision)
    return x.map { ($0 * factor).settled(precision) }
  }

  /// The number that elements are multiplied by.
  static func factor(of layer: ScaleLayer, precision: Int) throws(EnclosureError) -> Ball {
    guard layer.factor > 0, let factor = Rational(exactly: layer.factor) else {
      throw .argumentOutsideDomain(function: "scale: factor \(layer.factor)")
    }
    switch (layer.isRoot, layer.divides) {
    case (false, false): return Ball(factor)
    case (false, true): return Ball(1 / factor)
    case (true, false): return try Ball.squareRoot(Ball(factor), precision: precision)
    case (true, true): return try Ball.reciprocalSquareRoot(Ball(factor), precision: precision)
    }
  }
}
