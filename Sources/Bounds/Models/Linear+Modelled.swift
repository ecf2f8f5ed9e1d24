import PlumbModel
import PlumbReference
import PlumbTolerance

extension Modelled {
  /// Σⱼ weight[i, j] · x[t, j] + bias[i]: a dot product in the model's order, its factors in the model's format for
  /// factors; the bias as one of its terms, or added at the end to what may have been stored.
  package static func linear(
    _ x: Activation<Tracked>, _ weight: Activation<Tracked>, bias: Activation<Tracked>? = nil, _ model: ArithmeticModel
  ) -> Activation<Tracked> {
    let (tokens, outputs) = (x.rows, weight.rows)
    let factors = weight.map { model.factor($0) }
    let inputs = x.map { model.factor($0) }
    let elements = concurrentMap(tokens * outputs) { index -> Tracked in
      let (row, weights) = (inputs.row(index / outputs), factors.row(index % outputs))
      guard let bias = bias?.elements[index % outputs] else { return model.stored(model.dot(row, weights)) }
      let apart = model.sum(model.stored(model.dot(row, weights)), bias)
      return model.stored(model.dot(row, weights, bias: bias).orAs(apart))
    }
    return Activation(shape: x.shape.dropLast() + [outputs], elements: elements)
  }

  /// down(activation(up(x))), each step stored.
  package static func feedForward(
    _ x: Activation<Tracked>, up: Activation<Tracked>, upBias: Activation<Tracked>?, _ activation: ActivationFunction,
    down: Activation<Tracked>, downBias: Activation<Tracked>?, _ model: ArithmeticModel
  ) -> Activation<Tracked> {
    let hidden = activated(linear(x, up, bias: upBias, model), activation, model)
    return linear(hidden, down, bias: downBias, model)
  }

  /// down(activation(gate(x)) · up(x)), each step stored.
  package static func gatedFeedForward(
    _ x: Activation<Tracked>, gate opening: Activation<Tracked>, up: Activation<Tracked>,
    _ activation: ActivationFunction, down: Activation<Tracked>, _ model: ArithmeticModel
  ) -> Activation<Tracked> {
    let hidden = gate(activated(linear(x, opening, model), activation, model), linear(x, up, model), model)
    return linear(hidden, down, model)
  }
}
