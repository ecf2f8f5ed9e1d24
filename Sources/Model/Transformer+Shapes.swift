extension Transformer {
  /// The faults of the shapes, in words that name the tensor; empty when they agree.
  package var shapeErrors: [String] {
    var errors: [String] = []
    for step in plan.steps {
      let wrong = step.operation.attributeErrors
      if !wrong.unusable.isEmpty { return wrong.unusable }
      for error in wrong.errors where !errors.contains(error) { errors.append(error) }
    }
    // A decoder reads its own tokens one by one: the keys of later ones are not there yet.
    if isDecoder, !isCausal { errors.append("attention without a causal mask needs all tokens at once") }
    for (index, block) in blocks.enumerated() where block.repeatsKind {
      errors.append("block \(index) has two branches of one kind")
    }
    for (index, block) in blocks.enumerated() { errors += block.expertErrors(index) + block.sharedKeyErrors(index) }
    return errors + plan.steps.flatMap(tensorErrors)
  }

  /// The errors of the tensors of `step`, beside the extents of what it takes and gives.
  private func tensorErrors(_ step: Step) -> [String] {
    func expect(_ tensor: Tensor?, _ shape: [Int]) -> [String] {
      guard let tensor, tensor.shape != shape else { return [] }
      return ["tensor '\(tensor.name)' has shape \(tensor.shape), expected \(shape)"]
    }
    /// The number of elements of a token in `name`.
    func width(_ name: ActivationName) -> Int {
      let output = plan[name]?.outputs.first { $0.name == name }
      return output?.extents.dropFirst().reduce(1) { $0 * $1.count(tokens: 1, positions: 1) } ?? 0
    }
    let input = step.inputs.first.map(width) ?? 0
    /// The number of elements along the last axis, which a norm runs over.
    let row = step.outputs[0].extents.last?.count(tokens: 1, positions: 1) ?? 0
    switch step.operation {
    case .embedding(let layer): return expect(layer.weight, [layer.weight.rows, layer.weight.columns])
    case .learnedPosition(let layer):
      let rows = layer.weight.rows
      return expect(layer.weight, [rows, input])
        + (rows < contextLength
          ? ["tensor '\(layer.weight.name)' has \(rows) positions, fewer than the context of \(contextLength)"] : [])
    case .rmsNorm(let layer): return expect(layer.weight, [layer.weight.columns == input ? input : row])
    case .layerNorm(let layer):
      let row = layer.weight.columns == input ? input : row
      return expect(layer.weight, [row]) + expect(layer.bias, [row])
    case .linear(let layer), .unembedding(let layer, _):
      return expect(layer.weight, [width(step.name), input]) + expect(layer.bias, [width(step.name)])
    case .rotaryEmbedding(let layer):
      // Both pairings stay within a head.
      let headSize = plan[step.name]?.outputs[0].extents.last?.count(tokens: 1, positions: 1) ?? 0
      let isWithin =
        0...headSize ~= layer.firstRotated && 0...headSize - layer.firstRotated ~= layer.rotatedSize
        && layer.rotatedSize.isMultiple(of: 2)
      let from = layer.firstRotated == 0 ? "" : " from element \(layer.firstRotated) on"
      return isWithin
        ? [] : ["rotated size \(layer.rotatedSize)\(from) is not an even number up to the head size \(headSize)"]
    case .expertLinear(let layer):
      let extents = step.outputs[0].extents
      let inputs = plan[step.inputs[0]]?.outputs[0].extents.last?.count(tokens: 1, positions: 1) ?? 0
      return layer.products.flatMap { product in
        expect(product.weight, [extents.last?.count(tokens: 1, positions: 1) ?? 0, inputs])
          + expect(product.bias, [row])
      }
    case .router(let layer): return expect(layer.choiceBias, [layer.experts])
    case .softmax(let layer): return expect(layer?.sinks?.tensor, [layer?.heads ?? 0])
    case .attentionScores, .attentionValues, .residualAdd, .scale, .activation, .gate, .clampedGate, .clamp, .expertSum:
      return []
    }
  }
}

extension Operation {
  /// The errors of the layer's attributes; first those that make it unusable, beside which nothing else can be said of it.
  fileprivate var attributeErrors: (unusable: [String], errors: [String]) {
    func notPositive(_ number: Float?, _ name: String) -> [String] {
      guard let number, !(number > 0 && number.isFinite) else { return [] }
      return ["\(name) \(number) is not positive and finite"]
    }
    switch self {
    case .attentionScores(let layer):
      guard layer.heads > 0, layer.keyValueHeads > 0, layer.headSize > 0 else {
        return (["heads, key-value heads and head size must be positive"], [])
      }
      guard !layer.heads.multipliedReportingOverflow(by: layer.headSize).overflow else {
        return (["\(layer.heads) heads of \(layer.headSize) are beyond any memory"], [])
      }
      var errors: [String] = []
      if !layer.heads.isMultiple(of: layer.keyValueHeads) {
        errors.append("\(layer.heads) heads cannot share \(layer.keyValueHeads) key-value heads evenly")
      }
      if let after = layer.windowAfter, after < 0 { errors.append("a window of \(after) positions behind a token") }
      if let window = layer.window, window < 1 { errors.append("a window of \(window) positions shows none") }
      return (
        [],
        errors + notPositive(layer.scale, "the scale of the attention")
          + notPositive(layer.softCap, "the soft cap of the attention") + layer.stretch.errors
          + (layer.linearBias?.errors(heads: layer.heads) ?? [])
          + (layer.sizeOfScale < 1 ? ["the size \(layer.sizeOfScale) of the attention's scale is not positive"] : [])
      )
    case .scale(let layer): return ([], notPositive(layer.factor, "the factor of a scale"))
    case .router(let layer):
      guard 1...max(layer.experts, 1) ~= layer.chosen else {
        return (["\(layer.chosen) experts a token cannot be chosen of \(layer.experts)"], [])
      }
      return (
        [],
        notPositive(layer.factor, "the factor of the router's weights")
          + (layer.score == .softmax && layer.choiceBias != nil ? ["a router's softmax has no bias here"] : [])
          + (layer.groups?.errors(layer) ?? [])
      )
    case .clampedGate(let layer):
      return (
        [],
        notPositive(layer.alpha, "the factor of a clamped gate")
          + notPositive(layer.limit, "the limit of a clamped gate")
      )
    case .clamp(let layer): return ([], notPositive(layer.limit, "the limit of a clamp"))
    case .unembedding(_, let cap): return ([], notPositive(cap, "the soft cap of the logits"))
    case .rotaryEmbedding(let layer):
      return (
        [],
        notPositive(layer.scalingFactor, "the factor of the positions") + layer.scaling.errors(pairs: layer.pairs)
          + layer.magnitude.errors
      )
    default: return ([], [])
    }
  }
}

extension Block {
  /// The errors of experts, of which there must be as many as the router has outputs.
  fileprivate func expertErrors(_ index: Int) -> [String] {
    branches.flatMap { branch -> [String] in
      guard case .experts(let mixer) = branch.mixer else { return [] }
      let (router, count) = (mixer.router.logits.weight, mixer.experts.count)
      var errors: [String] = []
      if router.rows != count {
        errors.append("tensor '\(router.name)' has shape \(router.shape), but block \(index) has \(count) experts")
      }
      if mixer.experts.contains(where: {
        $0.activation != mixer.experts[0].activation || $0.clamp != mixer.experts[0].clamp
      }) {
        errors.append("the experts of block \(index) have different activation functions")
      }
      return errors
    }
  }

  /// The errors of a part of keys that heads share: it is joined to theirs as keys are turned, and ends them.
  fileprivate func sharedKeyErrors(_ index: Int) -> [String] {
    branches.flatMap { branch -> [String] in
      guard case .attention(let mixer) = branch.mixer, let shared = mixer.sharedKey else { return [] }
      let size = mixer.attention.headSize
      if mixer.rotary == nil { return ["the keys of block \(index) share a part, but are not turned"] }
      guard shared.weight.rows < size else {
        return [
          "tensor '\(shared.weight.name)' has \(shared.weight.rows) rows, not less than a head's \(size) elements"
        ]
      }
      if mixer.keyNorm != nil { return ["the keys of block \(index) share a part, but have a norm of their own"] }
      return []
    }
  }

  /// Whether two branches are of one kind, and so would give activations of one name.
  fileprivate var repeatsKind: Bool {
    var attention = 0
    for branch in branches { if case .attention = branch.mixer { attention += 1 } }
    return attention > 1 || branches.count - attention > 1
  }
}
