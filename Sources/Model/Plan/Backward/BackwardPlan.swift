/// One step of a backward pass: a layer, what it takes, and the gradient that it gives.
package struct BackwardStep: Sendable {
  /// The gradient that the step gives.
  package let name: GradientName
  /// The layer.
  package let operation: BackwardOperation
  /// The activations of the forward pass that the layer takes, in its order.
  package let activations: [ActivationName]
  /// The gradients that the layer takes, in its order.
  package let gradients: [GradientName]
  /// The tensor of weights whose gradient it gives; `nil` where it gives that of an activation.
  package let weight: Tensor?
  /// The block of the forward step that it belongs to; `nil` outside the blocks.
  package let block: Int?

  /// The catalogue's name of the layer; `nil` where the catalogue has none.
  package var layer: LayerKind? { operation.layer }
  /// The name of the layer in reports.
  package var layerName: String { operation.name }

  /// The same step, whose gradients at the limit of a clamp itself are 0; `nil` of one through no clamp.
  fileprivate var zeroAtLimit: BackwardStep? {
    func edited(_ layer: ClampedGateLayer) -> ClampedGateLayer {
      ClampedGateLayer(alpha: layer.alpha, limit: layer.limit, isZeroAtLimit: true)
    }
    let operation: BackwardOperation
    switch self.operation {
    case .clampedGate(let layer): operation = .clampedGate(edited(layer))
    case .clampedUp(let layer): operation = .clampedUp(edited(layer))
    default: return nil
    }
    return BackwardStep(
      name: name, operation: operation, activations: activations, gradients: gradients, weight: weight, block: block)
  }
}

/// The backward pass of a decoder as a list of steps, each after those whose gradients it takes.
///
/// Derived from the forward plan: the loss is the mean cross-entropy of the tokens that follow those of the pass, and every
/// token's logits have a part in it.
package struct BackwardPlan: Sendable {
  /// The steps, in order: those of the head, of the blocks from the last to the first, and of the stem.
  package private(set) var steps: [BackwardStep]
  /// The gradients that no step after the one of the same index takes, its own among them where none does.
  package let released: [[GradientName]]
  /// The tensors of weights that have a gradient, in the order in which the forward pass meets them.
  package let weights: [Tensor]
  /// The activation of the logits.
  package let logits: ActivationName
  /// The gradients of activations; what a residual adds up has that of the sum.
  private let ofActivations: [ActivationName: GradientName]

  /// The steps of each block and, at `nil`, of the head and the stem.
  package func steps(inBlock block: Int?) -> [BackwardStep] { steps.filter { $0.block == block } }

  /// The whole gradient of `activation`, or that of which it is a copy; `nil` where the pass has none.
  package func gradient(of activation: ActivationName) -> GradientName? { ofActivations[activation] }

  /// Whether gradients go through clamps.
  package var hasClamps: Bool { steps.contains { $0.zeroAtLimit != nil } }

  /// The same pass, whose gradients at the limit of a clamp itself are 0.
  package var zeroAtLimit: BackwardPlan {
    var result = self
    result.steps = steps.map { $0.zeroAtLimit ?? $0 }
    return result
  }

  /// The backward pass of `transformer`.
  ///
  /// - Throws: `BackwardRefusal` naming a step whose gradient is not known, or what of the model has none.
  package init(_ transformer: Transformer) throws(BackwardRefusal) {
    guard transformer.isDecoder, let logits = transformer.plan.steps.last?.inputs.first else {
      throw BackwardRefusal("an encoder has no next token, and no loss of it whose gradient could be taken")
    }
    guard transformer.isCausal else {
      throw BackwardRefusal("a token sees those behind it: the loss of the next token says nothing")
    }
    for tensor in transformer.tensors where tensor.type.elementsPerBlock != 1 {
      throw BackwardRefusal(
        "tensor '\(tensor.name)' is stored in \(tensor.type.label), in blocks; use a model in F32, F16 or BF16")
    }
    var lowering = BackwardLowering(transformer.plan)
    try lowering.lower(from: logits)
    steps = lowering.steps
    ofActivations = lowering.ofActivations
    self.logits = logits
    weights = transformer.tensors.filter { lowering.weights.contains($0.name) }
    var last: [GradientName: Int] = [:]
    for (index, step) in lowering.steps.enumerated() { for name in step.gradients { last[name] = index } }
    var released = [[GradientName]](repeating: [], count: steps.count)
    for (name, index) in last { released[index].append(name) }
    for (index, step) in lowering.steps.enumerated() where last[step.name] == nil { released[index].append(step.name) }
    self.released = released
  }
}

/// The reason why a model has no backward pass here.
package struct BackwardRefusal: Error, Sendable, Equatable, CustomStringConvertible {
  /// One line for the person who must act.
  package let description: String

  package init(_ description: String) { self.description = description }
}
