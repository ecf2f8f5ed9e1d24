import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension SegmentPass {
  /// A matrix product: exact, with the bound of a sum in any order from exact sums of magnitudes.
  ///
  /// *Error bound*: with x̂ within E of x, ŵ within ε·|w| + α of w, and T ≥ Σ|ŵ|·|x̂|, the sum of n products strays by at
  /// most Σ|w|·E + (ε·Σ|w||x̂| + α·Σ|x̂|) for its terms, and by n·u·(1 + u)·(T + n·η) + n·η for its roundings
  /// (`ArithmeticModel.dot`). A bias is one term more, or is added to the stored sum; the greater of the two holds.
  func linear(_ x: Value, _ layer: LinearLayer) throws(EnclosureError) -> Value {
    guard hasPlainSums else { return try trackedLinear(x, layer) }
    let product = try Reference.linear(x.exact, LinearLayer(weight: layer.weight), precision: precision)
    let biases = try layer.bias.map { bias throws(EnclosureError) in try Reference.row(0, of: bias) }
    let known = (0..<x.exact.rows).map { row in x.tracked.row(row).allSatisfy { !$0.isOutside } }
    let errors = x.tracked.map { Ball(Rational(exactly: $0.error) ?? 0) }
    let reach = Activation(
      shape: x.exact.shape,
      elements: zip(x.exact.elements, errors.elements).map { ball, error in
        Ball(midpoint: ball.midpoint, radius: ball.radius + error.midpoint)
      })
    // Nothing is inherited from inputs that are exact.
    let isExact = errors.elements.allSatisfy { $0.midpoint.isZero }
    let inherited = isExact ? nil : try Reference.linearMagnitudes(errors, layer.weight)
    let magnitudes = try Reference.linearMagnitudes(reach, layer.weight)
    let reachSums = (0..<reach.rows).map { row in
      reach.row(row).reduce(Rational(0)) { $0 + $1.midpoint.magnitude + $1.radius }.rounded(toBits: 64, .up)
    }
    let (terms, outputs) = (Integer(layer.weight.columns), layer.weight.rows)
    let (relative, absolute) = weightErrors(layer.weight.type)
    let unit = model.accumulation.unitRoundoff
    let underflow = Rational(terms) * model.accumulation.underflow
    let exact = Activation(
      shape: product.shape,
      elements: product.elements.enumerated().map { index, ball in
        biases.map { ball + Ball($0[index % outputs]) } ?? ball
      })
    let tracked = concurrentMap(exact.elements.count) { index -> Tracked in
      guard known[index / outputs] else { return .outside }
      let strayed = magnitudes.elements[index] * relative + reachSums[index / outputs] * absolute
      let terms = Rational(terms + (biases == nil ? 0 : 1))
      let bias = biases.map { $0[index % outputs] }
      let total = magnitudes.elements[index] + strayed
      guard total + (bias?.magnitude ?? 0) <= model.accumulation.greatestFinite else { return .outside }
      func rounded(_ total: Rational) -> Rational { terms * unit * (1 + unit) * (total + underflow) + underflow }
      let own = (inherited?.elements[index] ?? 0) + strayed
      let sum = value(product.elements[index], error: own + rounded(total))
      guard let bias else { return model.stored(sum) }
      let apart = model.sum(model.stored(sum), parameter(bias))
      let together = value(
        exact.elements[index], error: own + rounded(total + bias.magnitude) + bias.magnitude * relative)
      return model.stored(together.orAs(apart))
    }
    return Value(exact, Activation(shape: exact.shape, elements: tracked))
  }

  private func value(_ ball: Ball, error: Rational) -> Tracked {
    Tracked(
      lower: ball.lower.doubleRoundedDown, upper: ball.upper.doubleRoundedUp,
      error: error.rounded(toBits: 53, .up).doubleRoundedUp)
  }

  /// Whether sums are in any order, of factors as they are, in nearest roundings without flushing.
  private var hasPlainSums: Bool {
    model.factors == nil && model.order == .any && !model.isFaithful && !model.flushesToZero
  }

  /// How far a weight as the kernel reads it may be from the stored one: relatively, and where it is subnormal.
  private func weightErrors(_ type: TensorType) -> (relative: Rational, absolute: Rational) {
    let isHeld =
      switch type {
      case .f32: model.storage.precision >= 24
      case .bf16: model.storage.precision >= 8 && model.storage.leastExponent <= -133
      case .f16: model.storage.precision >= 11 && model.storage.leastExponent <= -24
      default: false
      }
    return isHeld ? (0, 0) : (model.storage.unitRoundoff, model.storage.underflow)
  }

  /// The product in the model's own sums, term by term.
  private func trackedLinear(_ x: Value, _ layer: LinearLayer) throws(EnclosureError) -> Value {
    var weights: [Tracked] = []
    for row in 0..<layer.weight.rows {
      weights += try parameters(layer.weight, row: row)
    }
    let bias = try layer.bias.map { bias throws(EnclosureError) in
      Activation(shape: [layer.weight.rows], elements: try parameters(bias, row: 0))
    }
    return Value(
      try Reference.linear(x.exact, layer, precision: precision),
      Modelled.linear(x.tracked, Activation(shape: layer.weight.shape, elements: weights), bias: bias, model))
  }
}
