import PlumbModel

extension Step {
  /// The result of this step of a plan for `inputs` in an arithmetic, in the shape that the plan says.
  ///
  /// `read` gives a tensor's elements as a kernel reads them. Row 0 stands at position 0. `tokens` are those of the pass. A router
  /// makes the given `choice`.
  ///
  /// - Throws: what `read` throws.
  /// - Precondition: a router is given its choice.
  package func forward<Context: ArithmeticContext, Failure: Error>(
    _ inputs: [Activation<Context.Number>], tokens: [Int], in context: Context,
    choice: ExpertChoice? = nil, reading read: (Tensor) throws(Failure) -> Activation<Context.Number>
  ) throws(Failure) -> Activation<Context.Number> {
    let inputs = taken(inputs)
    func input(_ index: Int = 0) -> Activation<Context.Number> { operation.arranged(inputs[index]) }
    func product(
      _ layer: LinearLayer, of rows: Activation<Context.Number>? = nil
    ) throws(Failure) -> Linear<Context> {
      let bias: Activation<Context.Number>? = if let bias = layer.bias { try read(bias) } else { nil }
      return Linear(rows ?? input(), weight: Weights(try read(layer.weight)), bias: bias, in: context)
    }
    switch operation {
    case .embedding(let layer):
      return Embedding(tokens, weight: Weights(try read(layer.weight)), in: context).forward()
    case .learnedPosition(let layer):
      return LearnedPosition(input(), weight: Weights(try read(layer.weight)), firstPosition: 0, in: context).forward()
    case .rmsNorm(let layer):
      return arranged(
        RMSNorm(input(), weight: try read(layer.weight), epsilon: layer.epsilon, addsOne: layer.addsOne, in: context)
          .forward())
    case .layerNorm(let layer):
      let bias: Activation<Context.Number>? = if let bias = layer.bias { try read(bias) } else { nil }
      return arranged(
        LayerNorm(input(), weight: try read(layer.weight), bias: bias, epsilon: layer.epsilon, in: context).forward())
    case .linear(let layer): return arranged(try product(layer).forward())
    case .unembedding(let layer, let cap): return Unembedding(try product(layer), softCap: cap).forward()
    case .rotaryEmbedding(let layer): return RotaryEmbedding(input(), layer, firstPosition: 0, in: context).forward()
    case .attentionScores(let layer):
      return AttentionScores(input(0), input(1), layer, firstPosition: 0, in: context).forward()
    case .softmax(let layer?): return Softmax(input(), layer, firstPosition: 0, in: context).forward()
    case .softmax(nil): return Softmax(input(), in: context).forward()
    case .attentionValues(let layer):
      return AttentionValues(input(0), input(1), layer, firstPosition: 0, in: context).forward()
    case .residualAdd: return ResidualAdd(input(0), input(1), in: context).forward()
    case .scale(let layer): return Scale(input(), layer, in: context).forward()
    case .activation(let function): return function.forward(input(), in: context)
    case .gate: return Gate(input(0), input(1), in: context).forward()
    case .clampedGate(let layer): return ClampedGate(input(0), input(1), layer, in: context).forward()
    case .clamp(let layer): return Clamp(input(), layer, in: context).forward()
    case .router(let layer):
      guard let choice else { preconditionFailure("'\(name)' is given no choice of experts") }
      return Router(input(), layer, choice, in: context).forward()
    case .expertLinear(let layer):
      let choice = context.choice(of: inputs[1], chosen: layer.chosen)
      return try layer.result(for: inputs[0], choice, zero: context.exact(0)) {
        rows, layer throws(Failure) in try product(layer, of: rows).forward()
      }
    case .expertSum:
      let places = inputs[0].rows == 0 ? 0 : inputs[1].rows / inputs[0].rows
      let sum = ExpertSum(
        inputs[0], inputs[1], context.choice(of: inputs[0], chosen: places), zero: context.exact(0))
      let result = AttentionValues(sum.weights, sum.values, sum.layer, firstPosition: 0, in: context).forward()
      return result.reshaped([inputs[0].rows, inputs[1].columns])
    }
  }
}
