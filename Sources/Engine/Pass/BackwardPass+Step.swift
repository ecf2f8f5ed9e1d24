import PlumbModel

extension Engine.BackwardPass {
  /// The gradient that `step` gives for `inputs`, in the shape of what it is the gradient of.
  func gradient(of step: BackwardStep, _ inputs: Inputs) -> Activation<Float> {
    let result = result(of: step, inputs)
    guard let name = step.name.activation, let shape = activations[name]?.shape else { return result }
    return result.reshaped(shape)
  }

  private func result(of step: BackwardStep, _ inputs: Inputs) -> Activation<Float> {
    func x(_ index: Int = 0) -> Activation<Float> { inputs.activations[index] }
    let shape = step.weight?.shape ?? []
    switch step.operation {
    case .crossEntropy:
      return Engine.crossEntropyBackward(x(), targets: targets, gradient: incoming, CrossEntropyLayer())
    case .unembedding(let layer, let cap?):
      return Engine.unembeddingBackward(
        x().joined, weight: matrix(layer.weight), gradient: inputs.gradients[0].joined, softCap: cap)
    case .unembeddingWeight(let layer, let cap):
      return Engine.unembeddingWeightBackward(
        x().joined, weight: matrix(layer.weight), gradient: inputs.gradients[0].joined, softCap: cap)
    case .linear(let layer), .unembedding(let layer, nil):
      return product(inputs.gradients[0].joined, with: layer.weight)
    case .linearWeight: return Engine.linearWeightBackward(inputs.gradients[0].joined, x: x().joined, crew)
    case .bias: return Engine.biasBackward(inputs.gradients[0].joined)
    case .rmsNorm(let layer):
      return Engine.rmsNormBackward(
        x().cut(layer.weight.count), gradient: inputs.gradients[0].cut(layer.weight.count),
        weight: vector(layer.weight), epsilon: layer.epsilon, addsOne: layer.addsOne)
    case .rmsNormWeight(let layer):
      return Engine.rmsNormWeightBackward(
        x().cut(layer.weight.count), gradient: inputs.gradients[0].cut(layer.weight.count), epsilon: layer.epsilon)
    case .layerNorm(let layer):
      return Engine.layerNormBackward(
        x().cut(layer.weight.count), gradient: inputs.gradients[0].cut(layer.weight.count),
        weight: vector(layer.weight), epsilon: layer.epsilon)
    case .layerNormWeight(let layer):
      return Engine.layerNormWeightBackward(
        x().cut(layer.weight.count), gradient: inputs.gradients[0].cut(layer.weight.count), epsilon: layer.epsilon)
    case .rotaryEmbedding(let layer): return Engine.rotaryEmbeddingBackward(inputs.gradients[0], layer)
    case .attentionQuery(let attention): return attentionGradients(attention, inputs).query
    case .attentionKey(let attention): return attentionGradients(attention, inputs).key
    case .attentionValue(let attention): return attentionGradients(attention, inputs).value
    case .attentionSinks(let attention): return attentionGradients(attention, inputs).sinks
    case .headPart(let range): return inputs.gradients[0].part(of: range)
    case .headSum(let range):
      return Engine.biasBackward(inputs.gradients[0].part(of: range).headsAsRows)
    case .clampedGate(let layer):
      return Engine.clampedGateBackward(x(0), x(1), gradient: inputs.gradients[0], layer)
    case .clampedUp(let layer):
      return Engine.clampedUpBackward(x(0), x(1), gradient: inputs.gradients[0], layer)
    case .experts(let part): return Engine.expertsBackward(part, inputs.activations, inputs.gradients[0], crew)
    case .activation(.relu): return Engine.reluBackward(x(), gradient: inputs.gradients[0])
    case .activation(.gelu): return Engine.geluBackward(x(), gradient: inputs.gradients[0])
    case .activation(.geluTanh): return Engine.geluTanhBackward(x(), gradient: inputs.gradients[0])
    case .activation(.silu): return Engine.siluBackward(x(), gradient: inputs.gradients[0])
    case .gate: return Engine.gate(inputs.gradients[0].reshaped(x().shape), x(), crew)
    case .scale(let layer): return Engine.scale(inputs.gradients[0], layer)
    case .sum:
      return Engine.residualAdd(inputs.gradients[0], inputs.gradients[1].reshaped(inputs.gradients[0].shape), crew)
    case .rows(let byPosition):
      let before = inputs.gradients.count > 1 ? inputs.gradients[1] : Activation(zeros: shape)
      return Engine.embeddingBackward(
        byPosition ? Array(tokens.indices) : tokens, gradient: inputs.gradients[0], before: before)
    }
  }

  /// gradient · weight, from the numbers as they are stored where these are Float32s.
  private func product(_ gradient: Activation<Float>, with weight: Tensor) -> Activation<Float> {
    let direct = unsafe weight.withUnsafeBytes { bytes -> Activation<Float>? in
      guard weight.type == .f32, let base = bytes.baseAddress,
        UInt(bitPattern: base) % UInt(MemoryLayout<Float>.alignment) == 0
      else { return nil }
      // The tensor checked that its bytes hold all its numbers, which are aligned.
      let numbers = unsafe UnsafeBufferPointer(start: base.assumingMemoryBound(to: Float.self), count: weight.count)
      return unsafe Engine.linearBackward(gradient, numbers, columns: weight.columns, crew)
    }
    if let direct { return direct }
    return unsafe matrix(weight).elements.withUnsafeBufferPointer { numbers in
      unsafe Engine.linearBackward(gradient, numbers, columns: weight.columns, crew)
    }
  }

  private func matrix(_ weight: Tensor) -> Activation<Float> {
    Activation(shape: weight.shape, elements: vector(weight))
  }

  private func vector(_ weight: Tensor) -> [Float] { Engine.decoded(weight, crew) }
}

extension Activation {
  /// The elements in rows of `width`.
  fileprivate func cut(_ width: Int) -> Activation {
    columns == width ? self : reshaped([width == 0 ? 0 : elements.count / width, width])
  }
}

extension Activation<Float> {
  /// Zeros of `shape`.
  fileprivate init(zeros shape: [Int]) {
    self.init(shape: shape, elements: [Float](repeating: 0, count: shape.reduce(1, *)))
  }
}
