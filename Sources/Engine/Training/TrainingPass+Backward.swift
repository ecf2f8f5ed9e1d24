internal import CKernels
import PlumbModel

extension Engine.TrainingPass {
  /// Adds the gradients of all weights; the logits hold their own gradients.
  func backward(_ inputs: [UInt8]) {
    let stream = unsafe memory.streamGradient
    unsafe stream.update(repeating: 0, count: rows * shape.width)
    unsafe weightBackward(memory.logits, memory.finalNorm, parameter(.unembedding))
    unsafe linearBackward(memory.logits, parameter(.unembedding), adds: false, into: memory.normGradient)
    unsafe normBackward(
      memory.stream(shape.blocks), gradient: memory.normGradient, parameter(.finalNorm), onto: stream)
    for block in (0..<shape.blocks).reversed() {
      feedForwardBackward(block)
      attentionBackward(block)
    }
    // Columns are dealt out, so that the rows of one token are added in their order.
    let (width, together, embedding) = (shape.width, 32, parameter(.embedding))
    crew.run((width + together - 1) / together) { item, _ in
      for (row, token) in inputs.enumerated() {
        for column in item * together..<min((item + 1) * together, width) {
          unsafe gradients.base[embedding.offset + Int(token) * width + column] += stream[row * width + column]
        }
      }
    }
  }

  private func feedForwardBackward(_ block: Int) {
    let (place, stream, width) = unsafe (memory.blocks[block], memory.streamGradient, shape.feedForward)
    unsafe weightBackward(stream, place.gated, parameter(.down, block))
    unsafe linearBackward(stream, parameter(.down, block), adds: false, into: memory.gatedGradient)
    eachRows { first, last in
      let start = first * width
      unsafe kernels.gated_backward(
        place.gate + start, place.up + start, memory.gatedGradient + start, (last - first) * width)
    }
    unsafe weightBackward(place.gate, place.feedForwardNorm, parameter(.gate, block))
    unsafe weightBackward(place.up, place.feedForwardNorm, parameter(.up, block))
    unsafe linearBackward(place.gate, parameter(.gate, block), adds: false, into: memory.normGradient)
    unsafe linearBackward(place.up, parameter(.up, block), adds: true, into: memory.normGradient)
    unsafe normBackward(
      place.middle, gradient: memory.normGradient, parameter(.feedForwardNorm, block), onto: stream)
  }

  private func attentionBackward(_ block: Int) {
    let (place, stream) = unsafe (memory.blocks[block], memory.streamGradient)
    unsafe weightBackward(stream, place.values, parameter(.attentionOutput, block))
    unsafe linearBackward(stream, parameter(.attentionOutput, block), adds: false, into: memory.valuesGradient)
    let (query, key, value) = unsafe (memory.queryGradient, memory.keyGradient, memory.valueGradient)
    unsafe key.update(repeating: 0, count: rows * shape.keyWidth)
    unsafe value.update(repeating: 0, count: rows * shape.keyWidth)
    unsafe eachHead { head, scratch in
      var causal = causalShape
      unsafe kernels.causal_backward(
        &causal, place.query + head.query, place.key + head.key, place.value + head.key, place.weights + head.weights,
        memory.valuesGradient + head.query, query + head.query, key + head.key, value + head.key, scratch)
    }
    unsafe turn(query, heads: shape.heads, direction: -1)
    unsafe turn(key, heads: shape.keyValueHeads, direction: -1)
    var adds = false
    for unsafe(part, gradient) in unsafe [(LlamaShape.Part.query, query), (.key, key), (.value, value)] {
      unsafe weightBackward(gradient, place.attentionNorm, parameter(part, block))
      unsafe linearBackward(gradient, parameter(part, block), adds: adds, into: memory.normGradient)
      adds = true
    }
    unsafe normBackward(
      memory.stream(block), gradient: memory.normGradient, parameter(.attentionNorm, block), onto: stream)
  }

  /// The first tensor of weights, or else the first activation of the last forward pass, that has a number which is not finite.
  package var firstNonFinite: String? {
    for parameter in parameters where !weights.isFinite(parameter.places) { return "tensor '\(parameter.name)'" }
    let (wide, key, deep) = (rows * shape.width, rows * shape.keyWidth, rows * shape.feedForward)
    func isWrong(_ numbers: Numbers, _ count: Int) -> Bool { !(0..<count).allSatisfy { unsafe numbers[$0].isFinite } }
    for block in 0..<shape.blocks {
      let place = unsafe memory.blocks[block]
      let parts: [(ActivationName.Role, Numbers, Int)] = unsafe [
        (.attentionNorm, place.attentionNorm, wide), (.rotatedQuery, place.query, wide), (.rotatedKey, place.key, key),
        (.value, place.value, key), (.attentionValues, place.values, wide), (.attentionResidual, place.middle, wide),
        (.feedForwardNorm, place.feedForwardNorm, wide), (.gate, place.gate, deep), (.up, place.up, deep),
        (.gatedUp, place.gated, deep), (.feedForwardResidual, memory.stream(block + 1), wide),
      ]
      for unsafe(role, numbers, count) in unsafe parts where unsafe isWrong(numbers, count) {
        return ActivationName(block: block, role).description
      }
    }
    if unsafe isWrong(memory.finalNorm, wide) { return ActivationName(.finalNorm).description }
    return nil
  }
}
