import PlumbModel

extension BackwardStep {
  /// The gradient that this step of a backward plan gives, from what it takes, in an arithmetic.
  ///
  /// `read` gives a tensor's elements as a kernel reads them. `incoming` are the gradients of the tokens' losses. Position 0 is that of
  /// the first of `tokens`.
  ///
  /// - Throws: what `read` throws.
  package func backward<Context: ArithmeticContext, Failure: Error>(
    _ activations: [Activation<Context.Number>], _ gradients: [Activation<Context.Number>], tokens: [Int],
    targets: [Int], incoming: Activation<Context.Number>, in context: Context,
    reading read: (Tensor) throws(Failure) -> Activation<Context.Number>
  ) throws(Failure) -> Activation<Context.Number> {
    func x(_ index: Int = 0) -> Activation<Context.Number> { activations[index] }
    func gradient() -> Activation<Context.Number> { gradients[0] }
    func attention(_ layer: AttentionLayer) -> AttentionGradients<Context> {
      AttentionGradients(
        Attention(x(0), x(1), x(2), layer, firstPosition: 0, in: context),
        gradient: gradient().reshaped([x(0).shape[0], layer.heads, x(2).shape[2]]))
    }
    func clampedGate(_ layer: ClampedGateLayer, isOfUp: Bool) -> Activation<Context.Number> {
      ClampedGateBackward(
        ClampedGate(x(0), x(1), layer, in: context), gradient: gradient().reshaped(x().shape), isOfUp: isOfUp
      ).forward()
    }
    switch operation {
    case .crossEntropy:
      return CrossEntropyBackward(x(), targets: targets, gradient: incoming, CrossEntropyLayer(), in: context).forward()
    case .unembedding(let layer, let cap):
      let weight = Weights(try read(layer.weight))
      return UnembeddingBackward(
        Linear(x().joined, weight: weight, in: context),
        LinearBackward(gradient().joined, weight: weight, in: context), softCap: cap
      ).forward()
    case .unembeddingWeight(let layer, let cap):
      return UnembeddingWeightBackward(
        x().joined, weight: Weights(try read(layer.weight)), gradient: gradient().joined, softCap: cap, in: context
      ).forward()
    case .linear(let layer):
      return LinearBackward(gradient().joined, weight: Weights(try read(layer.weight)), in: context).forward()
    case .linearWeight: return LinearWeightBackward(gradient().joined, x: x().joined, in: context).forward()
    case .bias: return BiasBackward(gradient().joined, in: context).forward()
    case .rmsNorm(let layer): return try rmsNorm(layer, x(), gradient(), in: context, reading: read).forward()
    case .rmsNormWeight(let layer):
      let norm = RMSNorm(normalising: x().cut(layer.weight), epsilon: layer.epsilon, in: context)
      return NormWeightBackward(norm, gradient: gradient().cut(layer.weight)).forward()
    case .layerNorm(let layer): return try layerNorm(layer, x(), gradient(), in: context, reading: read).forward()
    case .layerNormWeight(let layer):
      let norm = LayerNorm(normalising: x().cut(layer.weight), epsilon: layer.epsilon, in: context)
      return NormWeightBackward(norm, gradient: gradient().cut(layer.weight)).forward()
    case .rotaryEmbedding(let layer):
      return RotaryEmbeddingBackward(gradient(), layer, firstPosition: 0, in: context).forward()
    case .attentionQuery(let part): return AttentionQueryBackward(attention(part.layer)).forward()
    case .attentionKey(let part): return AttentionKeyBackward(attention(part.layer)).forward()
    case .attentionValue(let part): return AttentionValueBackward(attention(part.layer)).forward()
    case .attentionSinks(let part): return AttentionSinksBackward(attention(part.layer)).forward()
    case .headPart(let range): return gradient().part(of: range)
    case .headSum(let range):
      let sums = BiasBackward(gradient().part(of: range).headsAsRows, in: context).forward()
      return sums.reshaped([gradient().shape[0], 1, range.count])
    case .clampedGate(let layer): return clampedGate(layer, isOfUp: false)
    case .clampedUp(let layer): return clampedGate(layer, isOfUp: true)
    case .experts(let part): return try part.backward(activations, gradient(), in: context, reading: read)
    case .activation(let function): return function.backward(x(), gradient: gradient().reshaped(x().shape), in: context)
    case .gate: return Gate(gradient().reshaped(x().shape), x(), in: context).forward()
    case .scale(let layer): return Scale(gradient(), layer, in: context).forward()
    case .sum: return ResidualAdd(gradients[0], gradients[1].reshaped(gradients[0].shape), in: context).forward()
    case .rows(let byPosition):
      let shape = weight?.shape ?? []
      let zeros = Activation(shape: shape, elements: [Int](repeating: 0, count: shape.reduce(1, *)))
      return EmbeddingBackward(
        byPosition ? Array(tokens.indices) : tokens, gradient: gradient().joined,
        before: gradients.count > 1 ? gradients[1] : zeros.map { context.exact(Double($0)) }, in: context
      ).forward()
    }
  }

  /// The tensors that add up to the gradient of a normalisation's input where each operation has a gradient of its own; none of other
  /// steps.
  ///
  /// - Throws: what `read` throws.
  package func terms<Context: ArithmeticContext, Failure: Error>(
    _ activations: [Activation<Context.Number>], _ gradients: [Activation<Context.Number>], in context: Context,
    reading read: (Tensor) throws(Failure) -> Activation<Context.Number>
  ) throws(Failure) -> [Activation<Context.Number>] {
    switch operation {
    case .rmsNorm(let layer):
      try rmsNorm(layer, activations[0], gradients[0], in: context, reading: read).terms()
    case .layerNorm(let layer):
      try layerNorm(layer, activations[0], gradients[0], in: context, reading: read).terms()
    default: []
    }
  }

  private func rmsNorm<Context: ArithmeticContext, Failure: Error>(
    _ layer: RMSNormLayer, _ x: Activation<Context.Number>, _ gradient: Activation<Context.Number>, in context: Context,
    reading read: (Tensor) throws(Failure) -> Activation<Context.Number>
  ) throws(Failure) -> RMSNormBackward<Context> {
    let norm = RMSNorm(
      x.cut(layer.weight), weight: try read(layer.weight), epsilon: layer.epsilon, addsOne: layer.addsOne, in: context)
    return RMSNormBackward(norm, gradient: gradient.cut(layer.weight))
  }

  private func layerNorm<Context: ArithmeticContext, Failure: Error>(
    _ layer: LayerNormLayer, _ x: Activation<Context.Number>, _ gradient: Activation<Context.Number>,
    in context: Context, reading read: (Tensor) throws(Failure) -> Activation<Context.Number>
  ) throws(Failure) -> LayerNormBackward<Context> {
    let norm = LayerNorm(
      x.cut(layer.weight), weight: try read(layer.weight), bias: nil, epsilon: layer.epsilon, in: context)
    return LayerNormBackward(norm, gradient: gradient.cut(layer.weight))
  }
}

extension Activation {
  /// The elements in rows as long as `weight` is.
  fileprivate func cut(_ weight: Tensor) -> Activation {
    reshaped([weight.count == 0 ? 0 : elements.count / weight.count, weight.count])
  }
}
