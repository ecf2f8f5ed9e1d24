import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbLayers
import PlumbModel
import PlumbReference
import PlumbTolerance

enum RouterEntry: BoundedEntry {
  /// The attributes that say what becomes of the chosen experts' scores.
  static let weighing = [
    LayerSignature.Attribute(
      "score", .word(RouterLayer.Score.softmax.rawValue),
      "what makes a score s of a logit: the softmax over all experts, or the sigmoid of each",
      words: RouterLayer.Score.allCases.map(\.rawValue)),
    LayerSignature.Attribute(
      "renormalised", .flag(true), "whether the chosen experts' scores are divided by their sum"),
    LayerSignature.Attribute(
      "addsToSum", .flag(false), "whether 1e-20 is added to the sum that sigmoids are divided by"),
    LayerSignature.Attribute("factor", .real(1), "what the weights are multiplied by"),
  ]

  static let signature = LayerSignature(
    .router,
    "y[t, e] = factor · s[e] / Σ s of the chosen, or factor · s[e], for the experts of the greatest s + bias in the groups that are kept; "
      + "0 for others; of equal ones the lowest index",
    tensors: [.input("logits", ["tokens", "experts"]), .parameter("bias", ["experts"], isOptional: true)],
    attributes: [LayerSignature.Attribute("chosen", .integer(2), "how many experts a token is given to")] + weighing + [
      LayerSignature.Attribute("groups", .integer(1), "how many groups the experts stand in, one after the other"),
      LayerSignature.Attribute("keptGroups", .integer(1), "how many groups are kept, by the greatest of their numbers"),
      LayerSignature.Attribute(
        "groupScore", .word(ExpertGroups.Score.greatest.rawValue),
        "a group's number: the greatest of its experts' s + bias, or the sum of its two greatest",
        words: ExpertGroups.Score.allCases.map(\.rawValue)),
    ],
    output: ["tokens", "experts"])

  /// The router of a case, whose product has rows that differ: logits are equal only where their numbers are.
  static func layer(_ input: CheckedCase) -> RouterLayer {
    let experts = input.extent("experts")
    guard
      let rows = Tensor(
        name: "logits", type: .f32, shape: [experts, 1], bytes: WeightArray((0..<experts).map { Float($0) })),
      let score = RouterLayer.Score(rawValue: input.word("score"))
    else { preconditionFailure("the signature lists the scores") }
    return RouterLayer(
      logits: LinearLayer(weight: rows),
      chosen: input.source.layer == .router ? input.integer("chosen") : input.extent("chosen"),
      score: score, isRenormalised: input.flag("renormalised"),
      addsToSum: input.flag("addsToSum"), factor: input.number("factor"))
  }

  private static func whole(_ input: CheckedCase) -> RouterLayer {
    var layer = layer(input)
    layer.choiceBias = input.optionalWeights("bias")
    if input.integer("groups") != 1, let score = ExpertGroups.Score(rawValue: input.word("groupScore")) {
      layer.groups = ExpertGroups(count: input.integer("groups"), kept: input.integer("keptGroups"), score: score)
    }
    return layer
  }

  static func validate(_ input: CheckedCase) throws(CaseError) {
    try validateFactor(input)
    guard 1...max(input.extent("experts"), 1) ~= input.integer("chosen") else {
      throw CaseError(
        .router,
        "attribute 'chosen' is \(input.integer("chosen")), expected 1 to the \(input.extent("experts")) experts")
    }
    guard input.integer("groups") != 1 || input.integer("keptGroups") == 1 else {
      throw CaseError(.router, "attribute 'keptGroups' is \(input.integer("keptGroups")), but there is one group")
    }
    if let groups = whole(input).groups, let problem = groups.errors(layer(input)).first {
      throw CaseError(.router, problem)
    }
  }

  static func validateFactor(_ input: CheckedCase) throws(CaseError) {
    guard input.number("factor") > 0, input.number("factor").isFinite else {
      throw CaseError(input.source.layer, "attribute 'factor' must be a positive, finite number")
    }
  }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    guard Filter.hasFiniteTensors(input) else { return nil }
    return try Checks.router(input.real("logits"), whole(input), precision: precision)
  }

  static func tracked(_ input: CheckedCase, in model: ArithmeticModel) -> Activation<Tracked> {
    let logits = input.real("logits")
    guard Filter.hasFiniteTensors(input),
      let proof = RouterProof(logits, whole(input), bias: input.optionalReal("bias"), in: model)
    else { return logits.map { _ in .outside } }
    return proof.weights(model.read(logits), in: model)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.router(input.real("logits"), whole(input), instructionSet: instructionSet)
  }

  /// The sentence on the token of `output` that was given to another expert than any engine in `arithmetic` gives it to, where there is
  /// one: of all the one by the greatest difference.
  static func anotherExpert(_ input: CheckedCase, _ output: Activation<Float>, in arithmetic: Arithmetic) -> String? {
    let (logits, layer) = (input.real("logits"), whole(input))
    // The engine's own arithmetic is, of a router, that of its formula in Float64.
    let model = if case .model(let model) = arithmetic { model } else { ArithmeticModel.declared }
    guard let proof = RouterProof(logits, layer, bias: input.optionalReal("bias"), in: model) else { return nil }
    let found = (0..<logits.rows).compactMap { token -> (token: Int, pair: RouterProof.Refutation)? in
      let made = RouterProof.experts(of: output.row(token))
      guard made.count == layer.chosen else { return nil }
      return proof.refutation(of: made, token: token).map { (token, $0) }
    }
    guard let (token, pair) = found.max(by: { $0.pair.difference < $1.pair.difference }), pair.difference > 0 else {
      return nil
    }
    let margin = pair.margin.isFinite ? ", \(ReportText.short(pair.margin)) times what rounding may do to the two" : ""
    return FailureKind.anotherExpert.rawValue
      + ": token \(token) is given to expert \(pair.chosen) and not to \(pair.preferred), which the exact scores prefer by "
      + "\(ReportText.short(pair.difference)) at least\(margin)"
  }
}
