import PlumbBounds
import PlumbExact
import PlumbLayers
import PlumbModel
import PlumbReference
import PlumbTolerance

extension SegmentPass {
  /// A matrix product: exact, with the bound of a sum in any order from sums of magnitudes.
  ///
  /// *Error bound*: with x̂ within E of x, ŵ within ε·|w| + α of w, and T ≥ Σ|ŵ|·|x̂|, the sum of n products strays by at
  /// most Σ|w|·E + (ε·Σ|w||x̂| + α·Σ|x̂|) for its terms, and by `ArithmeticModel.roundings(ofProducts:addingUpTo:)`. A bias is one term more, or is added to the stored sum; the greater of the two holds.
  func linear(_ x: Value, _ layer: LinearLayer) throws(EnclosureError) -> Value {
    guard hasPlainSums else { return try trackedLinear(x, layer) }
    let product = try Reference.linear(x.exact, LinearLayer(weight: layer.weight), precision: precision)
    let biases = try layer.bias.map { bias throws(EnclosureError) in try Reference.row(0, of: bias) }
    let known = (0..<x.exact.rows).map { row in x.tracked.row(row).allSatisfy { !$0.isOutside } }
    // Nothing is inherited from inputs that are exact.
    let errors = x.tracked.map { $0.isOutside ? 0 : $0.error }
    let isExact = errors.elements.allSatisfy { $0 == 0 }
    let reach = x.tracked.map { $0.isOutside ? 0 : Outward.sumUp($0.magnitude, $0.error) }
    let inherited = isExact ? nil : try magnitudes(errors, layer.weight)
    let magnitudes = try magnitudes(reach, layer.weight)
    let reachSums = (0..<reach.rows).map { row in reach.row(row).reduce(0.0, Outward.sumUp) }
    let outputs = layer.weight.rows
    let terms = layer.weight.columns + (biases == nil ? 0 : 1)
    let (relative, absolute) = weightErrors(layer.weight.type)
    let greatest = model.accumulation.greatest
    let exact = Activation(
      shape: product.shape,
      elements: product.elements.enumerated().map { index, ball in
        biases.map { ball + Ball($0[index % outputs]) } ?? ball
      })
    let tracked = concurrentMap(exact.elements.count) { index -> Tracked in
      guard known[index / outputs] else { return .outside }
      let bias = biases.map { $0[index % outputs] }
      let size = bias.map { $0.magnitude.doubleRoundedUp } ?? 0
      let strayed = Outward.sumUp(
        Outward.productUp(magnitudes[index], relative), Outward.productUp(reachSums[index / outputs], absolute))
      let total = Outward.sumUp(magnitudes[index], strayed)
      guard Outward.sumUp(total, size) <= greatest,
        let apart = model.roundings(ofProducts: terms, addingUpTo: total),
        let together = model.roundings(ofProducts: terms, addingUpTo: Outward.sumUp(total, size))
      else { return .outside }
      let own = Outward.sumUp(inherited?[index] ?? 0, strayed)
      let sum = value(product.elements[index], error: Outward.sumUp(own, apart))
      guard let bias else { return model.stored(sum) }
      let added = value(
        exact.elements[index], error: Outward.sumUp(Outward.sumUp(own, together), Outward.productUp(size, relative)))
      return model.stored(added.orAs(model.sum(model.stored(sum), parameter(bias))))
    }
    return Value(exact, Activation(shape: exact.shape, elements: tracked))
  }

  private func value(_ ball: Ball, error: Double) -> Tracked {
    Tracked(lower: ball.lowerRoundedDown, upper: ball.upperRoundedUp, error: error)
  }

  /// At least Σⱼ |weight[i, j]|·x[t, j] for each output i of each row t, where no x is negative.
  ///
  /// *Error bound*: of Float32 weights in Float64, in any order: a term is rounded once as a product and at most n − 1
  /// times in sums, by u = 2⁻⁵³ each, and a product may underflow by 2⁻¹⁰⁷⁵. With no term negative, the computed sum S̃ is
  /// at least S·(1 − u)ⁿ − n·2⁻¹⁰⁷⁵, and as (1 − u)⁻ⁿ ≤ 1 + 2nu for nu ≤ ½, S ≤ (S̃ + n·2⁻¹⁰⁷⁴)·(1 + n·2⁻⁵²).
  private func magnitudes(_ x: Activation<Double>, _ weight: Tensor) throws(EnclosureError) -> [Double] {
    let (columns, outputs) = (weight.columns, weight.rows)
    guard weight.type == .f32, columns < 1 << 40 else {
      let exact = x.map { Ball(Rational(exactly: $0) ?? 0) }
      return try Reference.linearMagnitudes(exact, weight).elements.map(\.doubleRoundedUp)
    }
    let words = (columns + 3) / 4
    @Sendable func packed(_ numbers: [Double]) -> [SIMD4<Double>] {
      var words = [SIMD4<Double>](repeating: .zero, count: words)
      for (index, number) in numbers.enumerated() { words[index / 4][index % 4] = number }
      return words
    }
    let rows = (0..<x.rows).map { packed(Array(x.row($0))) }
    let byOutput = try concurrentMap(outputs) { output throws(EnclosureError) -> [Double] in
      guard let numbers = weight.numbers(ofRows: output..<output + 1), numbers.allSatisfy(\.isFinite) else {
        throw .argumentOutsideDomain(function: "linear")
      }
      let weights = packed(numbers.map { Double($0.magnitude) })
      return rows.map { row in
        var sums = SIMD4<Double>.zero
        for index in 0..<words { sums += weights[index] * row[index] }
        let sum = sums[0] + sums[1] + sums[2] + sums[3]
        return Outward.productUp(
          Outward.sumUp(sum, Double(columns) * 0x1p-1074), 1 + Double(columns) * 0x1p-52)
      }
    }
    return rows.indices.flatMap { row in byOutput.map { $0[row] } }
  }

  /// Whether sums are in any order, of factors as they are, in nearest roundings without flushing.
  private var hasPlainSums: Bool {
    model.factors == nil && model.order == .any && !model.isFaithful && !model.flushesToZero
  }

  /// How far a weight as the kernel reads it may be from the stored one: relatively, and where it is subnormal.
  private func weightErrors(_ type: TensorType) -> (relative: Double, absolute: Double) {
    let isHeld =
      switch type {
      case .f32: model.storage.precision >= 24
      case .bf16: model.storage.precision >= 8 && model.storage.leastExponent <= -133
      case .f16: model.storage.precision >= 11 && model.storage.leastExponent <= -24
      default: false
      }
    if isHeld { return (0, 0) }
    return (model.storage.unitRoundoff.doubleRoundedUp, model.storage.underflow.doubleRoundedUp)
  }

  /// The product in the model's own sums, term by term.
  private func trackedLinear(_ x: Value, _ layer: LinearLayer) throws(EnclosureError) -> Value {
    let bias = try layer.bias.map(parameters)
    return Value(
      try Reference.linear(x.exact, layer, precision: precision),
      Linear(x.tracked, weight: Weights(try parameters(layer.weight)), bias: bias, in: model).forward())
  }
}
