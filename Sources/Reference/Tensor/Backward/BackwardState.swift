import PlumbExact
import PlumbModel

/// The gradients of a backward pass that are still needed, and the activations of the segment that it is in.
struct BackwardState {
  private let forward: SegmentedForward
  private let targets: [Int]
  private let precision: Int
  private let weightBits: Int
  private var activations: [ActivationName: BallTensor] = [:]
  private var gradients: [GradientName: GradientRows] = [:]
  /// The gradients of the scores of the attention that the pass is in.
  private var scores: (name: ActivationName, gradients: BallTensor)?
  /// The gradient of logits before a soft cap, by that of those behind it.
  private var uncapped: (name: GradientName, gradient: BallTensor)?
  /// The mean of the losses.
  private(set) var loss = Ball.zero

  init(forward: SegmentedForward, targets: [Int], precision: Int, weightBits: Int) {
    self.forward = forward
    self.targets = targets
    self.precision = precision
    self.weightBits = weightBits
  }

  /// Goes to another segment of the forward pass, which `stream` enters.
  mutating func enter(segment: Int, _ stream: BallTensor?) throws(EnclosureError) {
    activations = try forward.activations(of: segment, stream)
    (scores, uncapped) = (nil, nil)
  }

  /// Forgets a gradient that no later step takes.
  mutating func forget(_ name: GradientName) { gradients[name] = nil }

  /// Keeps `gradient` for later steps.
  mutating func keep(_ gradient: GradientRows, as name: GradientName) { gradients[name] = gradient }

  /// Zeros in the shape of the gradient that `step` gives.
  func zeros(of step: BackwardStep) -> GradientRows {
    let precision = precision
    guard let weight = step.weight else {
      guard let name = step.name.activation else { preconditionFailure("'\(step.name)' is the gradient of nothing") }
      return GradientRows(held(name).map { _, row in BallRow([WideRow(zeros: row.count)], precision: precision) })
    }
    let width = weight.shape.last ?? 0
    return GradientRows(weight: weight.shape) { _ in BallRow([WideRow(zeros: width)], precision: precision) }
  }

  /// The gradient that `step` gives.
  mutating func gradient(of step: BackwardStep) throws(EnclosureError) -> GradientRows {
    var result = try result(of: step)
    // A product gives a token's heads as one row.
    if let name = step.name.activation, let shape = activations[name]?.shape, let held = result.held {
      result = GradientRows(held.reshaped(shape))
    }
    return result
  }

  private mutating func result(of step: BackwardStep) throws(EnclosureError) -> GradientRows {
    let precision = precision
    func activation(_ index: Int) -> BallTensor { held(step.activations[index]) }
    func gradient(_ index: Int = 0) -> BallTensor {
      guard let held = rows(step.gradients[index]).held else {
        preconditionFailure("rows of '\(step.name)' are not held")
      }
      return held
    }
    let shape = step.weight?.shape ?? []
    switch step.operation {
    case .crossEntropy:
      let (gradient, loss) = try Reference.crossEntropyBackward(activation(0), targets: targets, precision: precision)
      self.loss = loss
      return GradientRows(gradient)
    case .linear(let layer), .unembedding(let layer, softCap: nil):
      let product = try Reference.linearBackward(gradient(), layer.weight, precision: precision)
      return GradientRows(product)
    case .unembedding(let layer, let cap?):
      let uncapped = try uncapped(step, layer, cap, activation(0), gradient())
      return GradientRows(try Reference.linearBackward(uncapped, layer.weight, precision: precision))
    case .unembeddingWeight(let layer, let cap):
      let uncapped = try uncapped(step, layer, cap, activation(0), gradient())
      return Reference.linearWeightBackward(uncapped, activation(0), shape: shape, bits: weightBits)
    case .linearWeight:
      return Reference.linearWeightBackward(gradient(), activation(0), shape: shape, bits: weightBits)
    case .bias:
      return GradientRows(Reference.columnSums(gradient(), width: shape[0], precision: precision))
    case .rmsNorm(let layer):
      return GradientRows(try Reference.rmsNormBackward(activation(0), gradient(), layer, precision: precision))
    case .rmsNormWeight(let layer):
      return GradientRows(try Reference.rmsNormWeightBackward(activation(0), gradient(), layer, precision: precision))
    case .layerNorm(let layer):
      return GradientRows(try Reference.layerNormBackward(activation(0), gradient(), layer, precision: precision))
    case .layerNormWeight(let layer):
      return GradientRows(try Reference.layerNormWeightBackward(activation(0), gradient(), layer, precision: precision))
    case .rotaryEmbedding(let layer):
      return GradientRows(Reference.rotated(gradient(), layer, try forward.turnsBack(layer), precision: precision))
    case .attentionQuery(let attention):
      return GradientRows(
        Reference.queryGradient(
          try scoreGradients(attention, value: activation(2), gradient()), key: activation(1), attention.layer,
          precision: precision))
    case .attentionKey(let attention):
      return GradientRows(
        Reference.keyGradient(
          try scoreGradients(attention, value: activation(2), gradient()), activation(0), attention.layer,
          precision: precision))
    case .attentionValue(let attention):
      return GradientRows(
        Reference.keyGradient(
          held(attention.weights), gradient(), attention.layer.ofValues(size: activation(2).shape[2]),
          precision: precision))
    case .attentionSinks(let attention):
      return GradientRows(
        Reference.sinkGradients(
          held(attention.weights), value: activation(2), gradient: gradient(), attention.layer, precision: precision))
    case .headPart(let range): return GradientRows(Reference.headPart(gradient(), range, precision: precision))
    case .headSum(let range): return GradientRows(Reference.headSum(gradient(), range, precision: precision))
    case .clampedGate(let layer), .clampedUp(let layer):
      let isOfUp = if case .clampedUp = step.operation { true } else { false }
      return GradientRows(
        try Reference.clampedGateBackward(
          activation(0), activation(1), gradient(), layer, isOfUp: isOfUp, precision: precision))
    case .experts(let part):
      return try Reference.expertsBackward(
        part, step.activations.map(held), gradient(), shape: shape, bits: weightBits, precision: precision)
    case .activation(let function):
      return GradientRows(try Reference.activationBackward(activation(0), gradient(), function, precision: precision))
    case .gate: return GradientRows(Reference.gate(gradient(), activation(0), precision: precision))
    case .scale(let layer):
      let factor = try Reference.factor(of: layer, precision: precision)
      return GradientRows(gradient().map { _, row in row.scaled(by: factor, precision: precision) })
    case .sum: return rows(step.gradients[0]).adding(rows(step.gradients[1]), precision: precision)
    case .rows(let byPosition):
      let before = step.gradients.count > 1 ? rows(step.gradients[1]) : nil
      return Reference.rowsBackward(
        gradient(), places: byPosition ? Array(targets.indices) : forward.tokens, shape: shape, before: before,
        precision: weightBits)
    }
  }

  /// The gradients of the scores of `attention`, once for its query and its key.
  private mutating func scoreGradients(
    _ attention: BackwardOperation.Attention, value: BallTensor, _ gradient: BallTensor
  ) throws(EnclosureError) -> BallTensor {
    if let scores, scores.name == attention.scores { return scores.gradients }
    let gradients = try Reference.scoreGradients(
      held(attention.scores), held(attention.weights), value: value, gradient: gradient, attention.layer,
      precision: precision)
    scores = (attention.scores, gradients)
    return gradients
  }

  /// The gradient of the logits before the soft cap `cap`, once for the unembedding's input and its weight.
  private mutating func uncapped(
    _ step: BackwardStep, _ layer: LinearLayer, _ cap: Float, _ x: BallTensor, _ gradient: BallTensor
  ) throws(EnclosureError) -> BallTensor {
    if let uncapped, uncapped.name == step.gradients[0] { return uncapped.gradient }
    let made = try Reference.uncappedGradient(x, gradient, layer, cap: cap, precision: precision)
    uncapped = (step.gradients[0], made)
    return made
  }

  private func held(_ name: ActivationName) -> BallTensor {
    guard let value = activations[name] else { preconditionFailure("'\(name)' is of another segment") }
    return value
  }

  private func rows(_ name: GradientName) -> GradientRows {
    guard let value = gradients[name] else { preconditionFailure("'\(name)' was not computed, or is forgotten") }
    return value
  }
}
