import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

// Layers that are made of others. Each step takes an expectation, what the step before must compute and how far the engine
// may be from it, and gives the next. With x̃ the engine's input of a step f, which is within B of the exact x, the
// engine's result lies within |f(x̃) − f(x)| of f(x), and within f's own bound at x̃ of that.
extension Checks {
  /// A matrix product of what the engine computed: Σ|w|·B of the inputs' errors, and the bound of the sum itself at the
  /// greatest inputs that they allow.
  ///
  /// Outside the domain for a row that has an input outside.
  static func linear(
    _ x: Expectation, _ layer: LinearLayer, precision: Int
  ) throws(EnclosureError) -> Expectation {
    let exact = try Reference.linear(x.exact, layer, precision: precision)
    let inherited = try Reference.linearMagnitudes(x.errors, layer.weight)
    let magnitudes = try Reference.linearMagnitudes(x.widened, layer.weight)
    let bias = try layer.bias.map { bias throws(EnclosureError) in try Reference.row(0, of: bias) }
    let (terms, outputs) = (layer.weight.columns, layer.weight.rows)
    let sums = summation(of: layer)
    let known = (0..<x.exact.rows).map { row in
      x.bounds[row * terms..<(row + 1) * terms].allSatisfy { $0 != nil }
    }
    let bounds = exact.elements.indices.map { index -> Rational? in
      guard known[index / outputs] else { return nil }
      let bias = bias.map { $0[index % outputs].magnitude }
      return sums?.bound(absoluteSum: magnitudes.elements[index] + (bias ?? 0))
        .map { $0 + inherited.elements[index] }
    }
    return Expectation(exact: exact, bounds: bounds)
  }

  /// An activation function of what the engine computed: how far the function strays over the inputs that their errors
  /// allow, then its own accuracy and rounding.
  static func activated(
    _ x: Expectation, _ function: ActivationFunction, precision: Int
  ) throws(EnclosureError) -> Expectation {
    let exact = try Reference.activated(x.exact, function, precision: precision)
    let reached = try Reference.activated(x.widened, function, precision: precision)
    let relative = relativeError(of: function).rational
    let bounds = exact.elements.indices.map { index -> Rational? in
      guard x.bounds[index] != nil else { return nil }
      let (here, there) = (exact.elements[index], reached.elements[index])
      return Tolerance.oneRounding(
        of: here, relativeError: relative,
        absoluteError: here.distance(across: there) * (1 + relative) + Rational(significand: 1, exponent: -1000))
    }
    return Expectation(exact: exact, bounds: bounds)
  }

  /// A product of what the engine computed: |x̃ỹ − xy| ≤ |x|·B + |y|·A + A·B, then one rounding.
  static func gate(_ x: Expectation, _ y: Expectation, precision: Int) -> Expectation {
    let exact = Reference.gate(x.exact, y.exact, precision: precision)
    let bounds = exact.elements.indices.map { index -> Rational? in
      guard let a = x.bounds[index], let b = y.bounds[index] else { return nil }
      let inherited =
        x.exact.elements[index].greatestMagnitude * b + y.exact.elements[index].greatestMagnitude * a + a * b
      return Tolerance.oneRounding(of: exact.elements[index], relativeError: 0, absoluteError: inherited)
    }
    return Expectation(exact: exact, bounds: bounds)
  }

  /// The relative error that the engine declares for `function` before its one rounding.
  private static func relativeError(of function: ActivationFunction) -> Double {
    switch function {
    case .relu: 0
    case .gelu: Engine.geluRelativeError
    case .geluTanh: Engine.geluTanhRelativeError
    case .silu: Engine.siluRelativeError
    }
  }
}

extension Expectation {
  /// An expectation of what is given exactly.
  init(exactly exact: Activation<Ball>) {
    self.init(exact: exact, bounds: [Rational?](repeating: 0, count: exact.elements.count))
  }

  /// The bounds as exact numbers of few bits; 0 outside the domain.
  var errors: Activation<Ball> {
    Activation(shape: exact.shape, elements: bounds.map { Ball(($0 ?? 0).rounded(toBits: 64, .up)) })
  }

  /// All that the engine's value may be, where the bound is known.
  var widened: Activation<Ball> {
    Activation(
      shape: exact.shape,
      elements: zip(exact.elements, bounds).map {
        Ball(midpoint: $0.midpoint, radius: ($0.radius + ($1 ?? 0)).rounded(toBits: 64, .up))
      })
  }

  /// The greatest magnitudes that the engine's values may have, where the bound is known, as exact numbers of few bits.
  var magnitudes: Activation<Ball> { widened.map { Ball($0.greatestMagnitude) } }
}

extension Ball {
  /// The greatest distance between a number of this ball and one of `other`, rounded up to few bits.
  func distance(across other: Ball) -> Rational {
    ((midpoint - other.midpoint).magnitude + radius + other.radius).rounded(toBits: 64, .up)
  }
}
