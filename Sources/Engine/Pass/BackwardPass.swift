import PlumbModel

extension Engine {
  /// A forward pass of a decoder over some tokens that keeps its activations, and the backward pass of the loss of the next tokens.
  ///
  /// The loss is the mean of the tokens' cross-entropies. The bits of every gradient depend on the tokens and on the instruction
  /// set, never on the number of threads.
  package final class BackwardPass {
    /// The weights and their layers.
    package let transformer: Transformer
    /// The steps backwards.
    package let plan: BackwardPlan
    /// The tokens that were read.
    package let tokens: [Int]
    /// The tokens that follow them.
    package let targets: [Int]
    /// The activations of the forward pass; the logits are those of every token.
    package private(set) var activations: [ActivationName: Activation<Float>] = [:]
    private let pass: Pass
    /// The gradients of the attention that the pass is in.
    private var attention: (name: ActivationName, gradients: Engine.AttentionGradients)?

    /// The inputs of a step: activations and gradients, in the step's order.
    package typealias Inputs = (activations: [Activation<Float>], gradients: [Activation<Float>])

    /// Runs the forward pass of `transformer`, whose backward plan is `plan`, over all of `text` but its last token.
    ///
    /// - Throws: what `Pass` throws; `noTokens` where fewer than two tokens leave nothing to predict.
    package init(
      _ transformer: Transformer, _ plan: BackwardPlan, text: [Int], threads: Int? = nil
    ) throws(PassError) {
      guard text.count > 1 else { throw .noTokens }
      self.transformer = transformer
      self.plan = plan
      (tokens, targets) = (Array(text.dropLast()), Array(text.dropFirst()))
      pass = try Pass(transformer, threads: threads)
      try pass.check(text)
      var kept: [ActivationName: Activation<Float>] = [:]
      try pass.append(tokens) { kept[$0] = $1 }
      activations = kept
      for step in transformer.plan.steps {
        guard case .unembedding(let layer, let cap) = step.operation, let x = kept[step.inputs[0]] else { continue }
        let product = Engine.linear(x, [layer], pass.crew)[0]
        let capped = cap.map { Activation(shape: product.shape, elements: Engine.softCapped(product.elements, $0)) }
        activations[step.name] = capped ?? product
        if step.name != plan.logits, case .scale(let scale)? = transformer.plan[plan.logits]?.operation {
          activations[plan.logits] = Engine.scale(capped ?? product, scale)
        }
      }
    }

    /// The cross-entropy of each token, `[tokens]`.
    package var losses: Activation<Float> { Engine.crossEntropy(activation(plan.logits), targets: targets) }

    /// Computes the gradients, and shows each with what its step took to `observer` in the order of the plan.
    ///
    /// - Throws: what `observer` throws.
    package func run<Failure: Error>(
      _ observer: (BackwardStep, Inputs, Activation<Float>) throws(Failure) -> Void
    ) throws(Failure) {
      var gradients: [GradientName: Activation<Float>] = [:]
      for (index, step) in plan.steps.enumerated() {
        let inputs = Inputs(
          step.activations.map { activation($0) },
          step.gradients.map { name -> Activation<Float> in
            guard let value = gradients[name] else {
              preconditionFailure("'\(name)' was not computed, or is forgotten")
            }
            return value
          })
        let result = gradient(of: step, inputs)
        gradients[step.name] = result
        for name in plan.released[index] { gradients[name] = nil }
        try observer(step, inputs, result)
      }
    }

    /// The gradient of each token's loss: that of the mean.
    package var incoming: Activation<Float> {
      Activation(shape: [tokens.count], elements: tokens.map { _ in 1 / Float(tokens.count) })
    }

    /// The threads and kernels.
    var crew: Crew { pass.crew }

    /// The gradients of an attention, once for its query, its key and its value.
    func attentionGradients(
      _ attention: BackwardOperation.Attention, _ inputs: Inputs
    ) -> Engine.AttentionGradients {
      if let kept = self.attention, kept.name == attention.scores { return kept.gradients }
      let (query, key, value) = (inputs.activations[0], inputs.activations[1], inputs.activations[2])
      let gradients = Engine.attentionBackward(
        query, key, value,
        gradient: inputs.gradients[0].reshaped([query.shape[0], attention.layer.heads, value.columns]), attention.layer,
        firstPosition: 0)
      self.attention = (attention.scores, gradients)
      return gradients
    }

    private func activation(_ name: ActivationName) -> Activation<Float> {
      guard let value = activations[name] else { preconditionFailure("the pass computed no '\(name)'") }
      return value
    }
  }
}
