import PlumbBounds
import PlumbEngine
import PlumbLayers
import PlumbModel

extension CheckedCase {
  /// The experts of each token, of which `choice` has a row each.
  package var expertChoice: ExpertChoice {
    let (choice, chosen) = (integers("choice"), extent("chosen"))
    return ExpertChoice((0..<extent("tokens")).map { Array(choice[$0 * chosen..<($0 + 1) * chosen]) })
  }

  /// The numbers of a token's places `[tokens, chosen]` at their experts, `[tokens, experts]`; `zero` for the others.
  func spread<Number: Sendable>(_ given: Activation<Number>, zero: Number) -> Activation<Number> {
    let (choice, chosen, experts) = (integers("choice"), extent("chosen"), extent("experts"))
    var all = [Number](repeating: zero, count: extent("tokens") * experts)
    for (place, expert) in choice.enumerated() { all[place / chosen * experts + expert] = given.elements[place] }
    return Activation(shape: [extent("tokens"), experts], elements: all)
  }
}

extension RouterBackward: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      input.real("logits"), gradient: input.source.spread(input.real("gradient"), zero: input.context.exact(0)),
      RouterEntry.layer(input.source), input.source.expertChoice, in: input.context)
  }
}

enum RouterBackwardEntry: FormulaEntry {
  static let signature = LayerSignature(
    .routerBackward,
    "dlogits[t, e] = w[e] · (d[e] − Σ w · d) of the softmax w over the chosen, d = factor · gradient; not renormalised, of that over "
      + "all; for sigmoids s, d[e] · s[e] · (1 − s[e]), with (d[e] − Σ s · d / Σ s) / Σ s for d[e] where renormalised; the choice constant",
    tensors: [
      .input("logits", ["tokens", "experts"]), .choices("choice", ["tokens", "chosen"], below: "experts"),
      .input("gradient", ["tokens", "chosen"]),
    ],
    attributes: RouterEntry.weighing, output: ["tokens", "experts"])

  static let known = ["score", "renormalised", "addsToSum", "factor"]

  static func validate(_ input: CheckedCase) throws(CaseError) { try RouterEntry.validateFactor(input) }

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    RouterBackward(reading: input).forward()
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.routerBackward(
      input.real("logits"), input.spread(input.real("gradient"), zero: 0), RouterEntry.layer(input), input.expertChoice)
  }
}
