import PlumbModel
import PlumbTolerance

// Element by element; each result is stored.
extension Modelled {
  /// x + y.
  package static func residualAdd(
    _ x: Activation<Tracked>, _ y: Activation<Tracked>, _ model: ArithmeticModel
  ) -> Activation<Tracked> {
    pairwise(x, y) { model.stored(model.sum($0, $1)) }
  }

  /// x · y.
  package static func gate(
    _ x: Activation<Tracked>, _ y: Activation<Tracked>, _ model: ArithmeticModel
  ) -> Activation<Tracked> {
    pairwise(x, y) { model.stored(model.product($0, $1)) }
  }

  /// max(x, 0), without a rounding.
  package static func relu(_ x: Activation<Tracked>, _ model: ArithmeticModel) -> Activation<Tracked> {
    x.map { model.stored($0.rectified) }
  }

  /// x / (1 + e^(−x)), or x times the reciprocal.
  ///
  /// Outside the domain where e^(−x) may overflow, below about −88.
  package static func silu(_ x: Activation<Tracked>, _ model: ArithmeticModel) -> Activation<Tracked> {
    x.map { x in
      let divisor = model.sum(Tracked(1), model.exponential(-x))
      return model.stored(model.quotientOrReciprocal(x, divisor))
    }
  }

  /// x/2 · (1 + erf(x · √½)): the constant rounded, the halving wherever it stands, as it rounds nothing.
  package static func gelu(_ x: Activation<Tracked>, _ model: ArithmeticModel) -> Activation<Tracked> {
    let root = model.constant(0.7071067811865476)
    return x.map { x in
      let argument = model.product(x, root).orAs(model.quotient(x, model.constant(1.4142135623730951)))
      let sum = model.sum(Tracked(1), model.errorFunction(argument))
      return model.stored(model.halved(x, times: sum))
    }
  }

  /// x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³))): the cube as (x·x)·x, both constants rounded.
  ///
  /// The polynomial as x · (1 + 0.044715·x²) has as many roundings of as large numbers, and is within too. Outside the
  /// domain where the cube may overflow.
  package static func geluTanh(_ x: Activation<Tracked>, _ model: ArithmeticModel) -> Activation<Tracked> {
    let (factor, cubic) = (model.constant(0.7978845608028654), model.constant(0.044715))
    return x.map { x in
      let square = model.product(x, x)
      let cube = model.product(cubic, model.product(square, x))
      let inner = model.product(x, model.sum(Tracked(1), model.product(cubic, square)))
      let argument = model.product(factor, model.sum(x, cube).orAs(inner))
      let sum = model.sum(Tracked(1), model.hyperbolicTangent(argument))
      return model.stored(model.halved(x, times: sum))
    }
  }

  /// `x` through `function`.
  static func activated(
    _ x: Activation<Tracked>, _ function: ActivationFunction, _ model: ArithmeticModel
  ) -> Activation<Tracked> {
    switch function {
    case .relu: relu(x, model)
    case .gelu: gelu(x, model)
    case .geluTanh: geluTanh(x, model)
    case .silu: silu(x, model)
    }
  }

  private static func pairwise(
    _ x: Activation<Tracked>, _ y: Activation<Tracked>, _ operation: (Tracked, Tracked) -> Tracked
  ) -> Activation<Tracked> {
    Activation(shape: x.shape, elements: zip(x.elements, y.elements).map(operation))
  }
}

extension ArithmeticModel {
  /// x/2 · y, or (x · y)/2, or x · (y/2).
  fileprivate func halved(_ x: Tracked, times y: Tracked) -> Tracked {
    let half = Tracked(0.5)
    return product(product(half, x), y).orAs(product(half, product(x, y))).orAs(product(x, product(half, y)))
  }
}
