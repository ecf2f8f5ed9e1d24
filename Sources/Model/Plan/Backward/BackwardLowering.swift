/// The steps of a backward pass, made of those of the forward plan in reverse.
struct BackwardLowering {
  private(set) var steps: [BackwardStep] = []
  /// The names of the tensors of weights that have a gradient.
  private(set) var weights = Set<String>()
  /// The gradients of activations; what a residual adds up has that of the sum.
  private(set) var ofActivations: [ActivationName: GradientName] = [:]
  private let plan: Plan
  /// The sum of the parts of each gradient that are there so far.
  private var open: [GradientName.Target: Part] = [:]
  /// The number of parts of each gradient that are still to come.
  private var left: [GradientName.Target: Int] = [:]
  /// The forward step whose gradients are made.
  private var step: Step

  /// A sum of parts of a gradient, and the words for what they come through.
  private struct Part {
    let name: GradientName
    let through: String
  }

  init(_ plan: Plan) {
    self.plan = plan
    step = plan.steps[0]
    for step in plan.steps {
      for name in step.operation.differentiated(step.inputs) { left[.activation(name), default: 0] += 1 }
      for tensor in step.operation.tensors { left[.weight(tensor.name), default: 0] += 1 }
    }
  }

  /// Makes the steps from the activation `logits` back to the first.
  ///
  /// - Throws: `BackwardRefusal` naming a step whose gradient is not known.
  mutating func lower(from logits: ActivationName) throws(BackwardRefusal) {
    guard let last = plan.place(of: logits) else { return }
    step = plan.steps[last]
    left[.activation(logits)] = 1
    add(.activation(logits), .crossEntropy, [logits], [])
    for index in (0...last).reversed() {
      step = plan.steps[index]
      guard let gradient = open.removeValue(forKey: .activation(step.name))?.name else { continue }
      ofActivations[step.name] = gradient
      try back(gradient)
    }
  }

  /// Makes the gradients of what the step takes from that of what it gives.
  private mutating func back(_ gradient: GradientName) throws(BackwardRefusal) {
    switch step.operation {
    case .unembedding(let layer, let cap):
      add(input(), .unembedding(layer, softCap: cap), [step.inputs[0]], [gradient])
      guard let cap else { return product(layer, gradient) }
      guard layer.bias == nil else { throw unknown("an unembedding with a soft cap and a bias") }
      add(layer.weight, .unembeddingWeight(layer, softCap: cap), [step.inputs[0]], [gradient])
    case .linear(let layer):
      add(input(), .linear(layer), [], [gradient])
      product(layer, gradient)
    case .rmsNorm(let layer):
      add(input(), .rmsNorm(layer), [step.inputs[0]], [gradient])
      add(layer.weight, .rmsNormWeight(layer), [step.inputs[0]], [gradient])
    case .layerNorm(let layer):
      add(input(), .layerNorm(layer), [step.inputs[0]], [gradient])
      add(layer.weight, .layerNormWeight(layer), [step.inputs[0]], [gradient])
      if let bias = layer.bias { add(bias, .bias, [], [gradient]) }
    case .rotaryEmbedding(let layer) where step.inputs.count > 1: try joined(layer, gradient)
    case .rotaryEmbedding(let layer): add(input(), .rotaryEmbedding(layer), [], [gradient])
    case .attentionValues(let layer): try attention(layer, gradient)
    case .activation(let function): add(input(), .activation(function), [step.inputs[0]], [gradient])
    case .gate:
      add(input(0), .gate, [step.inputs[1]], [gradient])
      add(input(1), .gate, [step.inputs[0]], [gradient])
    case .clampedGate(let layer):
      add(input(0), .clampedGate(layer), step.inputs, [gradient])
      add(input(1), .clampedUp(layer), step.inputs, [gradient])
    case .router(let layer): add(input(), .experts(.router(layer)), [step.inputs[0], step.name], [gradient])
    case .expertSum: try expertSum(gradient)
    case .expertLinear(let layer): expertLinear(layer, gradient)
    case .scale(let layer): add(input(), .scale(layer), [], [gradient])
    case .residualAdd: for name in step.inputs { contribute(gradient, to: .activation(name)) }
    case .learnedPosition(let layer):
      contribute(gradient, to: input())
      add(layer.weight, .rows(byPosition: true), [], [gradient])
    case .embedding(let layer): add(layer.weight, .rows(byPosition: false), [], [gradient])
    default: throw unknown("the layer \(step.layer.rawValue)")
    }
  }

  /// The gradients of the tensors of a product.
  private mutating func product(_ layer: LinearLayer, _ gradient: GradientName) {
    add(layer.weight, .linearWeight, [step.inputs[0]], [gradient])
    if let bias = layer.bias { add(bias, .bias, [], [gradient]) }
  }

  /// The gradients of a key's own part and of the part that all heads share, which alone is turned.
  private mutating func joined(_ layer: RotaryEmbeddingLayer, _ gradient: GradientName) throws(BackwardRefusal) {
    func width(_ index: Int) -> Int? {
      plan[step.inputs[index]]?.outputs[0].extents.last?.count(tokens: 1, positions: 1)
    }
    guard let own = width(0), let shared = width(1), layer.firstRotated >= own
    else { throw unknown("keys of which heads share a part, and of which others are turned") }
    add(input(0), .headPart(0..<own), [], [gradient])
    let sum = GradientName(input(1), part: "\(through) before it was turned")
    steps.append(step(sum, .headSum(own..<own + shared), [], [gradient], nil))
    var turned = layer
    turned.firstRotated -= own
    add(input(1), .rotaryEmbedding(turned), [], [sum])
  }

  /// The gradients of the router's weights and of what the experts give.
  private mutating func expertSum(_ gradient: GradientName) throws(BackwardRefusal) {
    let (weights, given) = (step.inputs[0], step.inputs[1])
    guard case .router(let layer)? = plan[weights]?.operation, let made = plan[given] else {
      throw unknown("a sum of experts without their router")
    }
    let isOfOne = made.outputs[0].extents.count == 2
    add(.activation(weights), .experts(.weights), [weights, given], [gradient])
    add(
      .activation(given), .experts(.given(places: isOfOne ? 1 : layer.chosen, isOfOne: isOfOne)), [weights], [gradient])
  }

  /// The gradients of the input and of each expert's weight and bias.
  private mutating func expertLinear(_ layer: ExpertLinearLayer, _ gradient: GradientName) {
    let (x, weights) = (step.inputs[0], step.inputs[1])
    let isOfTokens = plan[x]?.outputs[0].extents.count == 2
    add(input(), .experts(.linear(layer, isOfTokens: isOfTokens)), [weights], [gradient])
    for (expert, product) in layer.products.enumerated() {
      add(product.weight, .experts(.linearWeight(expert: expert, chosen: layer.chosen)), [x, weights], [gradient])
      guard let bias = product.bias else { continue }
      add(bias, .experts(.bias(expert: expert, chosen: layer.chosen)), [weights], [gradient])
    }
  }

  /// The gradients of query, key and value from that of the weighted values: scores and softmax are part of the layers.
  private mutating func attention(_ layer: AttentionLayer, _ gradient: GradientName) throws(BackwardRefusal) {
    guard let weights = plan[step.inputs[0]], case .softmax(.some) = weights.operation,
      let scores = plan[weights.inputs[0]], case .attentionScores(let met) = scores.operation,
      left[.activation(weights.name)] == 1, left[.activation(scores.name)] == 1
    else { throw unknown("an attention in which something stands between its parts") }
    let attention = BackwardOperation.Attention(layer: met, scores: scores.name, weights: weights.name)
    let (query, key, value) = (scores.inputs[0], scores.inputs[1], step.inputs[1])
    add(.activation(query), .attentionQuery(attention), [query, key, value], [gradient])
    add(.activation(key), .attentionKey(attention), [query, key, value], [gradient])
    add(.activation(value), .attentionValue(attention), [query, key, value], [gradient])
    if let sinks = met.sinks { add(sinks.tensor, .attentionSinks(attention), [query, key, value], [gradient]) }
  }

  private func input(_ index: Int = 0) -> GradientName.Target { .activation(step.inputs[index]) }

  private func unknown(_ what: String) -> BackwardRefusal {
    BackwardRefusal("the gradient of \(what) is not known yet ('\(step.name)')")
  }

  /// Adds a step that gives the gradient of a tensor of weights, or the part of it that comes through the forward step.
  ///
  /// A table's step takes the gradient so far, and adds its own to it.
  private mutating func add(
    _ tensor: Tensor, _ operation: BackwardOperation, _ activations: [ActivationName], _ gradients: [GradientName]
  ) {
    guard tensor.place != nil else { return }
    weights.insert(tensor.name)
    let target = GradientName.Target.weight(tensor.name)
    guard case .rows = operation, let before = open.removeValue(forKey: target) else {
      return add(target, operation, activations, gradients, tensor)
    }
    append(taking(before, in: target), operation, activations, gradients + [before.name], tensor)
  }

  /// Adds a step that gives the gradient of `target`, or the part of it that comes through the forward step.
  private mutating func add(
    _ target: GradientName.Target, _ operation: BackwardOperation, _ activations: [ActivationName],
    _ gradients: [GradientName], _ tensor: Tensor? = nil
  ) {
    let isWhole = left[target] == 1 && open[target] == nil
    let name = GradientName(target, part: isWhole ? nil : through)
    steps.append(step(name, operation, activations, gradients, tensor))
    contribute(name, to: target, tensor)
  }

  /// Takes in `name` as a part of the gradient of `target`, and adds the sum with the parts before it.
  private mutating func contribute(_ name: GradientName, to target: GradientName.Target, _ tensor: Tensor? = nil) {
    guard let before = open.removeValue(forKey: target) else {
      left[target, default: 1] -= 1
      open[target] = Part(name: name, through: through)
      return
    }
    append(taking(before, in: target), .sum, [], [before.name, name], tensor)
  }

  /// The sum of the part `before` and of what comes through the forward step.
  private mutating func taking(_ before: Part, in target: GradientName.Target) -> Part {
    left[target, default: 1] -= 1
    let through = "\(before.through)+\(through)"
    return Part(name: GradientName(target, part: left[target] == 0 ? nil : through), through: through)
  }

  private mutating func append(
    _ part: Part, _ operation: BackwardOperation, _ activations: [ActivationName], _ gradients: [GradientName],
    _ tensor: Tensor?
  ) {
    steps.append(step(part.name, operation, activations, gradients, tensor))
    open[part.name.target] = part
  }

  private func step(
    _ name: GradientName, _ operation: BackwardOperation, _ activations: [ActivationName], _ gradients: [GradientName],
    _ tensor: Tensor?
  ) -> BackwardStep {
    BackwardStep(
      name: name, operation: operation, activations: activations, gradients: gradients, weight: tensor,
      block: step.name.block)
  }

  /// The word for what comes through the forward step.
  private var through: String { step.name.role.rawValue }
}

extension Operation {
  /// The inputs, of `inputs`, that have a gradient: a choice of experts is constant.
  fileprivate func differentiated(_ inputs: [ActivationName]) -> [ActivationName] {
    if case .expertLinear = self { Array(inputs.prefix(1)) } else { inputs }
  }
}
