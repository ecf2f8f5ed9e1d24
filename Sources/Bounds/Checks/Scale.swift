import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// A product with one number: the engine's declared accuracy before its one rounding.
  package static func scale(
    _ x: Activation<Float>, _ layer: ScaleLayer, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    guard let inputs = x.asBalls else { return nil }
    return try scale(Expectation(exactly: inputs), layer, precision: precision)
  }

  /// A product of what the engine computed: the number times the errors of the inputs, then its own accuracy and rounding.
  static func scale(_ x: Expectation, _ layer: ScaleLayer, precision: Int) throws(EnclosureError) -> Expectation {
    let exact = try Reference.scale(x.exact, layer, precision: precision)
    let inherited = try Reference.scale(x.errors, layer, precision: 64)
    let declared = Engine.scaleRelativeError(layer).rational
    let bounds = exact.elements.indices.map { index -> Rational? in
      guard let error = x.bounds[index] else { return nil }
      let ball = exact.elements[index]
      if error.isZero && declared.isZero { return Tolerance.oneRounding(of: ball) }
      return Tolerance.oneRounding(
        of: ball, relativeError: declared, absoluteError: inherited.elements[index].upper * (1 + declared))
    }
    return Expectation(exact: exact, bounds: bounds)
  }
}
