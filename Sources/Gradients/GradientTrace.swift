import PlumbEngine
import PlumbModel

/// Everything that the engine's forward and backward pass over a text computed.
package struct GradientTrace: Sendable {
  /// The steps backwards.
  package let plan: BackwardPlan
  /// The tokens that were read, and those that follow them.
  package let tokens: [Int]
  package let targets: [Int]
  /// The activations of the forward pass; the logits are those of every token.
  package let activations: [ActivationName: Activation<Float>]
  /// The gradients by name.
  package let gradients: [GradientName: Activation<Float>]
  /// The gradient of each token's loss.
  package let incoming: Activation<Float>
  /// The cross-entropy of each token.
  package let losses: [Float]
  /// The seconds that the backward pass took.
  package let seconds: Double

  /// Runs the engine over `text`, on `threads` threads.
  ///
  /// - Throws: `Engine.PassError`.
  package init(
    _ transformer: Transformer, _ plan: BackwardPlan, text: [Int], threads: Int? = nil
  ) throws(Engine.PassError) {
    let pass = try Engine.BackwardPass(transformer, plan, text: text, threads: threads)
    var gradients: [GradientName: Activation<Float>] = [:]
    let start = ContinuousClock.now
    pass.run { step, _, gradient in gradients[step.name] = gradient }
    seconds = (ContinuousClock.now - start) / .seconds(1)
    (self.plan, tokens, targets) = (plan, pass.tokens, pass.targets)
    (activations, self.gradients, incoming) = (pass.activations, gradients, pass.incoming)
    losses = pass.losses.elements
  }

  /// The activation called `name`.
  ///
  /// - Precondition: the pass computed it.
  package subscript(_ name: ActivationName) -> Activation<Float> {
    guard let activation = activations[name] else { preconditionFailure("the pass computed no '\(name)'") }
    return activation
  }

  /// The gradient called `name`.
  ///
  /// - Precondition: the pass computed it.
  package subscript(_ name: GradientName) -> Activation<Float> {
    guard let gradient = gradients[name] else { preconditionFailure("the pass computed no '\(name)'") }
    return gradient
  }
}
