import PlumbExact
import PlumbModel

extension Reference {
  /// The exact gradient of a decoder's loss: a forward pass, and the steps of the backward plan, all in balls.
  ///
  /// The inputs of each block are kept, and a block's other activations are computed again when the backward pass reaches it, so that
  /// no more than one block's are held at a time.
  package struct GradientPass: Sendable {
    /// The weights and their layers.
    package let transformer: Transformer
    /// The steps backwards.
    package let plan: BackwardPlan
    /// The number of bits that a midpoint carries at most, from the greatest of its row on.
    package let precision: Int
    /// The number of bits of the gradients of matrices of weights, from the greatest number of each factor's token on.
    package let weightBits: Int

    /// Prepares a pass of `transformer`, whose backward plan is `plan`.
    package init(_ transformer: Transformer, _ plan: BackwardPlan, precision: Int, weightBits: Int) {
      self.transformer = transformer
      self.plan = plan
      self.precision = precision
      self.weightBits = min(weightBits, precision)
    }

    /// Computes the gradients for `tokens`, which the tokens `targets` follow, shows each to `observer` in the order of the
    /// backward plan, and returns the loss: the mean of the tokens' cross-entropies.
    ///
    /// - Throws: as `Reference.TensorPass`; what `observer` throws.
    package func run(
      _ tokens: [Int], targets: [Int], isCancelled: () -> Bool = { false },
      observer: (BackwardStep, GradientRows) throws -> Void
    ) throws -> Ball {
      let forward = try SegmentedForward(transformer, tokens, logits: plan.logits, precision: precision)
      return try run(forward, targets: targets, isCancelled) { step, _, exact in
        let gradient = try exact()
        try observer(step, gradient)
        return gradient
      }
    }

    /// The same through the `activations` of an engine's forward pass over `tokens`, but for the scores of attentions and their softmax,
    /// which are made of its queries and keys; later steps take the gradients that `making` gives.
    ///
    /// `making` gets each step with zeros in the shape of its gradient, and the exact gradient when it asks for that.
    ///
    /// - Throws: as `run`; what `making` throws.
    package func run(
      _ tokens: [Int], targets: [Int], on activations: @escaping @Sendable (ActivationName) -> Activation<Ball>?,
      isCancelled: () -> Bool = { false },
      making: (BackwardStep, _ zeros: GradientRows, _ exact: () throws(EnclosureError) -> GradientRows) throws ->
        GradientRows
    ) throws {
      var forward = try SegmentedForward(transformer, tokens, logits: plan.logits, precision: precision)
      forward.known = activations
      _ = try run(forward, targets: targets, isCancelled, making)
    }

    private func run(
      _ forward: SegmentedForward, targets: [Int], _ isCancelled: () -> Bool,
      _ making: (BackwardStep, _ zeros: GradientRows, _ exact: () throws(EnclosureError) -> GradientRows) throws ->
        GradientRows
    ) throws -> Ball {
      guard !targets.isEmpty, forward.tokens.count == targets.count else {
        throw EnclosureError.argumentOutsideDomain(function: "the loss of no tokens")
      }
      var streams: [BallTensor] = []
      for segment in 0...transformer.blocks.count {
        streams.append(try forward.stream(after: segment, streams.last))
        if isCancelled() || Task.isCancelled { throw CancellationError() }
      }
      var pass = BackwardState(forward: forward, targets: targets, precision: precision, weightBits: weightBits)
      // The head's activations are those of the first steps; each block's replace them in turn.
      try pass.enter(segment: transformer.blocks.count + 1, streams[transformer.blocks.count])
      var block: Int?
      for (index, step) in plan.steps.enumerated() {
        if step.block != block {
          try pass.enter(segment: step.block.map { $0 + 1 } ?? 0, step.block.map { streams[$0] })
          block = step.block
        }
        let zeros = pass.zeros(of: step)
        let gradient = try making(step, zeros) { () throws(EnclosureError) in try pass.gradient(of: step) }
        pass.keep(gradient, as: step.name)
        for name in plan.released[index] { pass.forget(name) }
        if isCancelled() || Task.isCancelled { throw CancellationError() }
      }
      return pass.loss
    }
  }
}

/// A forward pass in segments: the stem, each block, and the head with the logits of every token.
struct SegmentedForward: Sendable {
  let transformer: Transformer
  let tokens: [Int]
  private let pass: Reference.TensorPass
  private let turns: [RotaryEmbeddingLayer: [RotationRow]]
  private let logits: ActivationName
  /// The activations that are known otherwise, and not computed.
  var known: @Sendable (ActivationName) -> Activation<Ball>? = { _ in nil }

  init(
    _ transformer: Transformer, _ tokens: [Int], logits: ActivationName, precision: Int
  ) throws(EnclosureError) {
    self.transformer = transformer
    self.tokens = tokens
    self.logits = logits
    pass = Reference.TensorPass(transformer, precision: precision)
    var turns: [RotaryEmbeddingLayer: [RotationRow]] = [:]
    for layer in transformer.plan.rotaryLayers where turns[layer] == nil {
      turns[layer] = try pass.rotationRows(layer, positions: tokens.count)
    }
    self.turns = turns
  }

  /// The turns that bring back what `layer` turned.
  func turnsBack(_ layer: RotaryEmbeddingLayer) throws(EnclosureError) -> [RotationRow] {
    try pass.rotationRows(layer, positions: tokens.count, isBackward: true)
  }

  /// The stream that leaves segment `segment`, the stem being 0 and block b being b + 1.
  func stream(after segment: Int, _ entering: BallTensor?) throws(EnclosureError) -> BallTensor {
    let values = try activations(of: segment, entering)
    guard let stream = values[transformer.plan.streams[segment]] else {
      preconditionFailure("a stream was not computed")
    }
    return stream.levelled
  }

  /// Every activation of segment `segment` from what enters it, that included; with the head, of every token.
  func activations(
    of segment: Int, _ entering: BallTensor?
  ) throws(EnclosureError) -> [ActivationName: BallTensor] {
    let plan = transformer.plan
    var values: [ActivationName: BallTensor] = [:]
    if segment > 0 { values[plan.streams[segment - 1]] = entering }
    var packed: (name: ActivationName, rows: [PackedRow])?
    for step in plan.steps[range(of: segment)] {
      let inputs = step.inputs.map { name -> BallTensor in
        guard let value = values[name] else { preconditionFailure("'\(name)' was not computed before '\(step.name)'") }
        return value
      }
      if let known = known(step, inputs) {
        values[step.name] = known
      } else {
        values[step.name] = try pass.result(of: step, inputs, tokens, turns, &packed, ofEveryToken: true)
      }
    }
    return values
  }

  /// The result of `step` where it is known, with a row for each token, or for each place of a token's experts.
  private func known(_ step: Step, _ inputs: [BallTensor]) -> BallTensor? {
    let count: Int
    switch step.operation {
    case .attentionScores, .softmax: return nil
    case .activation, .gate, .clampedGate, .clamp, .scale: count = inputs[0].rows.count
    case .expertLinear(let layer): count = tokens.count * layer.chosen
    default: count = tokens.count
    }
    return known(step.name).map { BallTensor($0, rows: count, precision: pass.precision) }
  }

  private func range(of segment: Int) -> Range<Int> {
    let plan = transformer.plan
    func end(of stream: Int) -> Int { (plan.place(of: plan.streams[stream]) ?? -1) + 1 }
    if segment == 0 { return 0..<end(of: 0) }
    if segment <= plan.blocks.count { return plan.blocks[segment - 1] }
    return end(of: plan.blocks.count)..<(plan.place(of: logits) ?? -1) + 1
  }
}
