import PlumbLayers
import PlumbModel
import PlumbMutants
import PlumbTolerance
import PlumbVerdicts

// Bugs of a mixture of experts. Its steps are no layers of the catalogue: each is computed by its own formula.
extension Hypothesis {
  /// The result of `operation` in place of the step's, in Float64; `nil` where an input is not known.
  static func plain(_ step: DiagnosedStep, _ operation: Operation, _ values: Values) -> Activation<Float>? {
    let inputs = step.step.inputs.compactMap { values[$0] }
    guard inputs.count == step.step.inputs.count else { return nil }
    let logits = inputs.first ?? Activation(shape: [0], elements: [])
    let result = forward(step, operation, inputs.map { $0.map(Double.init) }, logits, in: Float64Context()) {
      Double($0)
    }
    return result.map { Float($0) }
  }

  /// The same in the arithmetic of a dump, from enclosures of what the step takes.
  private static func enclosed(
    _ step: DiagnosedStep, _ operation: Operation, _ inputs: [Activation<Enclosed>], _ arithmetic: ArithmeticModel
  ) -> Activation<Enclosed> {
    let context = EnclosureContext(arithmetic)
    // The choice of experts is known no better than their logits are.
    return forward(step, operation, inputs, inputs[0].map { Float($0.tracked.lower) }, in: context) { weight in
      context.read(weight)
    }
  }

  private static func forward<Context: ArithmeticContext>(
    _ step: DiagnosedStep, _ operation: Operation, _ inputs: [Activation<Context.Number>], _ logits: Activation<Float>,
    in context: Context, _ read: (Float) -> Context.Number
  ) -> Activation<Context.Number> {
    var choice: ExpertChoice?
    if case .router(let layer) = operation {
      choice = ExpertChoice(
        (0..<logits.rows).map { token in
          let own = Array(logits.row(token))
          guard layer.comparesScores else { return layer.experts(by: own) }
          let powers = own.map { Float64Context().exponential(-Double($0)) }
          let inverses = powers.reduce(0) { $0 + 1 / $1 }
          let scores = powers.map { layer.score == .sigmoid ? 1 / (1 + $0) : 1 / $0 / inverses }
          let bias = layer.choiceBias.map { DiagnosedStep.numbers($0).elements.map(Double.init) }
          return layer.experts(by: bias.map { zip(scores, $0).map { $0 + $1 } } ?? scores)
        })
    }
    return Step(outputs: step.step.outputs, operation: operation, inputs: step.step.inputs).forward(
      inputs, tokens: step.tokens, in: context, choice: choice, reading: { DiagnosedStep.numbers($0).map(read) })
  }

  /// The bug of computing the steps of `edit` as the edited model has them, this one and those after it.
  static func edited(_ edit: ModelEdit, _ place: Step, _ transformer: Transformer) -> Hypothesis? {
    guard let operation = edit.operation(of: place, in: transformer) else { return nil }
    let isAlone = edit.steps.count == 1
    return Hypothesis(
      "\(place.operation.name) \(edit.name)", edit.bug, steps: edit.steps,
      enclosed: { step, inputs, arithmetic in
        isAlone ? enclosed(step, operation, inputs, arithmetic) : nil
      },
      output: { step, values in
        edit.operation(of: step.step, in: step.transformer).flatMap { plain(step, $0, values) }
      })
  }

  /// Bugs around the steps of a mixture: what a model is not edited to.
  static func ofExperts(_ place: Step) -> [Hypothesis] {
    switch place.name.role {
    case .sharedWeights:
      [
        Hypothesis("router shared-gate-forgotten", "The shared expert is added as it is, without its gate.") {
          _, values in values[place.inputs[0]].map { $0.map { _ in 1 } }
        }
      ]
    case .experts:
      [
        Hypothesis("expert-sum unweighted", "The experts' results are added without their weights.") { step, values in
          var even = values
          even[place.inputs[0]] = values[place.inputs[0]].map { $0.map { $0 == 0 ? 0 : 1 } }
          return plain(step, place.operation, even)
        }
      ]
    case .mixture:
      [
        Hypothesis("residual-add shared-expert-left-out", "The shared expert is left out.") { _, values in
          values[place.inputs[0]]
        },
        Hypothesis("residual-add experts-left-out", "The chosen experts are left out.") { _, values in
          values[place.inputs[1]]
        },
      ]
    default: []
    }
  }
}

extension Operation {
  /// Whether it is a step that the catalogue does not have: one of a mixture of experts, a softmax with sinks, a turn of a head's end,
  /// or scores whose scale is stretched.
  var isOwnFormula: Bool {
    switch self {
    case .router, .expertLinear, .expertSum: true
    case .softmax(let layer): layer?.sinks != nil
    case .rotaryEmbedding(let layer): layer.firstRotated != 0
    case .attentionScores(let layer): !layer.stretch.isOne
    default: false
    }
  }
}
