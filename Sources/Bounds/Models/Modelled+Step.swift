import PlumbExact
import PlumbModel
import PlumbTolerance

extension Modelled {
  /// The result of a step of a plan for `inputs` in the arithmetic of `model`, in the shape that the plan says.
  ///
  /// `read` gives a tensor's elements as a kernel reads them. Row 0 stands at position 0. `tokens` are those of the pass.
  ///
  /// - Throws: what `read` throws.
  package static func result<Failure: Error>(
    of step: Step, _ inputs: [Activation<Tracked>], tokens: [Int], _ model: ArithmeticModel,
    reading read: (Tensor) throws(Failure) -> Activation<Tracked>
  ) throws(Failure) -> Activation<Tracked> {
    func input(_ index: Int = 0) -> Activation<Tracked> { step.operation.arranged(inputs[index]) }
    func product(_ layer: LinearLayer) throws(Failure) -> Activation<Tracked> {
      let bias: Activation<Tracked>? = if let bias = layer.bias { try read(bias) } else { nil }
      return linear(input(), try read(layer.weight), bias: bias, model)
    }
    switch step.operation {
    case .embedding(let layer): return embedding(tokens, weight: try read(layer.weight), model)
    case .learnedPosition(let layer):
      return learnedPosition(input(), weight: try read(layer.weight), firstPosition: 0, model)
    case .rmsNorm(let layer):
      return rmsNorm(
        input(), weight: try read(layer.weight), epsilon: layer.epsilon, addsOne: layer.addsOne, model)
    case .layerNorm(let layer):
      let bias: Activation<Tracked>? = if let bias = layer.bias { try read(bias) } else { nil }
      return layerNorm(input(), weight: try read(layer.weight), bias: bias, epsilon: layer.epsilon, model)
    case .linear(let layer):
      let result = try product(layer)
      return result.reshaped(step.shape(tokens: result.rows))
    case .unembedding(let layer): return try product(layer)
    case .rotaryEmbedding(let layer): return rotaryEmbedding(input(), layer, firstPosition: 0, model)
    case .attentionScores(let layer): return attentionScores(input(0), input(1), layer, firstPosition: 0, model)
    case .softmax(let layer?): return softmax(input(), layer, firstPosition: 0, model)
    case .softmax(nil): return softmax(input(), model)
    case .attentionValues(let layer): return attentionValues(input(0), input(1), layer, firstPosition: 0, model)
    case .residualAdd: return residualAdd(input(0), input(1), model)
    case .activation(let function): return activated(input(), function, model)
    case .gate: return gate(input(0), input(1), model)
    }
  }
}
