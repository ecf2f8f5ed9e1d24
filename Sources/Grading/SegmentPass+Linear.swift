import PlumbBounds
import PlumbExact
import PlumbLayers
import PlumbModel
import PlumbReference
import PlumbTolerance
import PlumbVerdicts

extension SegmentPass {
  /// A matrix product: exact, with the bound of a sum in any order from sums of magnitudes.
  func linear(_ x: Value, _ layer: LinearLayer) throws(EnclosureError) -> Value {
    guard model.hasPlainSums else { return try trackedLinear(x, layer) }
    let inputs = try ProductInputs(x.tracked, of: layer.weight, in: model)
    let product = try Reference.linear(
      replayed(x.exact, inputs), LinearLayer(weight: layer.weight), precision: precision)
    let biases = try biases(of: layer)
    let outputs = layer.weight.rows
    let exact = Activation(
      shape: product.shape,
      elements: product.elements.enumerated().map { index, ball in
        biases.map { ball + Ball($0[index % outputs]) } ?? ball
      })
    @Sendable func ends(_ ball: Ball) -> (lower: Double, upper: Double) { (ball.lowerRoundedDown, ball.upperRoundedUp) }
    let sums = try sums(of: inputs.tracked, layer.weight)
    let tracked = bounded(inputs, layer, biases, sums) { index in
      (ends(product.elements[index]), ends(exact.elements[index]))
    }
    return Value(exact, Activation(shape: exact.shape, elements: tracked))
  }

  /// The same product of `numbers`, which are what `tracked` knows exactly, in Float64 alone.
  func product(_ numbers: Activation<Float>, _ tracked: Activation<Tracked>, _ layer: LinearLayer)
    throws(EnclosureError)
    -> Activation<Tracked>
  {
    let shape = numbers.shape.dropLast() + [layer.weight.rows]
    guard model.hasPlainSums else {
      guard model.activations == nil else { return .unknown(shape: Array(shape)) }
      let weights = Weights(try parameters(layer.weight))
      return Linear(tracked, weight: weights, bias: try layer.bias.map(parameters), in: model).forward()
    }
    let biases = try biases(of: layer)
    let inputs = try ProductInputs(tracked, of: layer.weight, in: model)
    let sums = try sums(of: inputs.tracked, layer.weight, numbers: numbers.elements.map(Double.init))
    let enclosed = sums.sums ?? []
    let elements = bounded(inputs, layer, biases, sums) { index in
      let sum = enclosed[index]
      guard let bias = biases.map({ $0[index % layer.weight.rows] }) else { return (sum, sum) }
      let added = (
        Outward.sumDown(sum.lower, bias.doubleRoundedDown), Outward.sumUp(sum.upper, bias.doubleRoundedUp)
      )
      return (sum, added)
    }
    return Activation(shape: Array(shape), elements: elements)
  }

  private func biases(of layer: LinearLayer) throws(EnclosureError) -> IntegerRow? {
    try layer.bias.map { bias throws(EnclosureError) in try Reference.row(0, of: bias) }
  }

  private func sums(
    of x: Activation<Tracked>, _ weight: Tensor, numbers: [Double]? = nil
  ) throws(EnclosureError) -> ProductSums {
    // Nothing is inherited from inputs that are exact.
    let errors = x.elements.map { !$0.isFinite ? 0 : $0.error }
    let reach = x.elements.map { !$0.isFinite ? 0 : Outward.sumUp($0.magnitude, $0.error) }
    return try ProductSums(
      weight, reach: reach, errors: errors.allSatisfy { $0 == 0 } ? nil : errors, numbers: numbers)
  }

  /// The products of `x`, between whose ends, without and with the bias, the exact ones lie.
  ///
  /// *Error bound*: with x̂ within E of x, ŵ within ε·|w| + α of w, and T ≥ Σ|ŵ|·|x̂|, the terms of a sum stray by at most
  /// Σ|w|·E + (ε·Σ|w||x̂| + α·Σ|x̂|), and by what `ProductInputs` says of quantised weights.
  private func bounded(
    _ inputs: ProductInputs, _ layer: LinearLayer, _ biases: IntegerRow?, _ sums: ProductSums,
    _ ends: @Sendable (_ index: Int) -> (sum: ArithmeticModel.Ends, added: ArithmeticModel.Ends)
  ) -> [Tracked] {
    let (outputs, x) = (layer.weight.rows, inputs.tracked)
    let known = (0..<x.rows).map { row in x.row(row).allSatisfy { $0.isFinite } }
    let reachSums = (0..<x.rows).map { row in
      x.row(row).reduce(0.0) { !$1.isFinite ? $0 : Outward.sumUp($0, Outward.sumUp($1.magnitude, $1.error)) }
    }
    let (relative, absolute) = weightErrors(layer.weight.type)
    return concurrentMap(x.rows * outputs) { index -> Tracked in
      guard known[index / outputs] else { return .outside }
      let strayed = Outward.sumUp(
        Outward.productUp(sums.magnitudes[index], relative), Outward.productUp(reachSums[index / outputs], absolute))
      let ends = ends(index)
      let bias = biases.map { biases in
        let size = biases[index % outputs].magnitude.doubleRoundedUp
        return ArithmeticModel.Bias(
          parameter(biases[index % outputs]), size: size, stray: Outward.productUp(size, relative), added: ends.added)
      }
      let minima = inputs.minima(row: index / outputs, output: index % outputs)
      return inputs.model.productResult(
        terms: layer.weight.columns + inputs.moreTerms, sum: ends.sum,
        magnitudes: Outward.sumUp(Outward.sumUp(sums.magnitudes[index], strayed), minima.magnitude),
        stray: Outward.sumUp(Outward.sumUp(sums.inherited?[index] ?? 0, strayed), minima.stray), bias: bias)
    }
  }

  /// The distance that a weight as the kernel reads it may have from the stored one: relatively, and where it is subnormal.
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
    guard model.activations == nil else {
      return Value(
        try Reference.linear(x.exact, layer, precision: precision),
        .unknown(shape: x.exact.shape.dropLast() + [layer.weight.rows]))
    }
    return Value(
      try Reference.linear(x.exact, layer, precision: precision),
      Linear(x.tracked, weight: Weights(try parameters(layer.weight)), bias: bias, in: model).forward())
  }
}
