import PlumbFormats
import PlumbModel
import PlumbReports
import PlumbTolerance
import Testing

@testable import PlumbGradients
@testable import PlumbGrading
@testable import PlumbVerdicts

/// Gradients of mixtures of experts in dumps of PyTorch's (`Tests/Fixtures/mixture_gradients.py`): right ones are within, and a bug that
/// is planted in the backward pass is found where it stands.
@Suite struct MixtureGradeTests {
  private static let text = ModelGradientTests.text

  private static func grade(_ file: SafeTensors, _ name: String) throws -> GradeReport {
    let model = try ModelGradientTests.model(name)
    let dump = try ActivationDump(file, path: "dump", model: model, tokens: text, names: nil)
    return try GradeMeasurement(model: model, dump: dump, arithmetic: nil).report(isCumulative: false).report
  }

  private static func pytorch(_ name: String, _ file: String = "gradient-dump") throws -> SafeTensors {
    try SafeTensors(path: ModelGradientTests.path(name) + "/\(file).safetensors")
  }

  /// PyTorch's dump after `change`.
  private static func changed(
    _ name: String, _ change: (String, inout Activation<Float>) -> Void
  ) throws -> SafeTensors {
    var writer = SafeTensorsWriter()
    for entry in try pytorch(name).entries {
      var activation = try Activation<Float>(entry, file: "dump")
      change(entry.name, &activation)
      writer.add(entry.name, shape: activation.shape, activation.elements)
    }
    return try SafeTensors(bytes: WeightArray(writer.bytes()), file: "dump")
  }

  @Test(arguments: ["mixtral", "qwen3moe", "gptoss"]) func autogradIsWithin(name: String) throws {
    let report = try Self.grade(try Self.pytorch(name), name)
    let gradients = try #require(report.gradients)
    for gradient in gradients where gradient.local.verdict != .within {
      Issue.record("\(gradient.name): \(gradient.local.verdict), margin \(gradient.local.margin)")
    }
    #expect(report.verdict == .within && report.firstGradientCause == nil)
    // Every tensor of weights has its gradient, by whatever name.
    let plan = try BackwardPlan(ModelGradientTests.model(name).transformer)
    let graded = Set(gradients.map(\.name))
    #expect(plan.weights.allSatisfy { graded.contains("\($0.name).grad") })
    // Bounds over a whole mixture are no more than a thousand times what rounding does.
    let ofExperts = gradients.filter { $0.name.contains("exp") && $0.local.margin > 0 }
    #expect(ofExperts.count >= 6 && ofExperts.allSatisfy { $0.local.margin > 1e-3 })
  }

  /// The router's weights taken as constants, and the sigmoid of the clamped gate as one.
  @Test(arguments: [
    ("mixtral", "gradient-dump-detached", "blocks.2.router-logits.grad", "router-backward"),
    (
      "gptoss", "gradient-dump-sigmoid", "model.layers.1.mlp.experts.gate_up_proj[0, gate].grad",
      "clamped-gate-backward"
    ),
  ]) func aPlantedBugIsFound(name: String, file: String, first: String, layer: String) throws {
    let report = try Self.grade(try Self.pytorch(name, file), name)
    let cause = try #require(report.firstGradientCause)
    #expect(cause.name.hasPrefix(first) && cause.layers.contains(layer) && cause.margin > 10, "\(cause)")
    #expect(report.firstCause == nil && report.verdict == .outside)
    #expect(GradeTable(report).text.contains("first cause of the backward pass is"))
  }

  /// One number of one expert's matrix in the tensor that has those of all.
  @Test(arguments: ["gate_up_proj", "down_proj"]) func oneNumberOfAnExpertIsFound(part: String) throws {
    let file = try Self.changed("mixtral") { entry, activation in
      guard entry == "model.layers.1.mlp.experts.\(part).grad" else { return }
      let place = activation.elements.indices.max {
        activation.elements[$0].magnitude < activation.elements[$1].magnitude
      }
      if let place { activation.elements[place] *= 1 + 0x1p-10 }
    }
    let report = try Self.grade(file, "mixtral")
    let outside = try #require(report.gradients).filter { $0.local.verdict == .outside }
    #expect(outside.count == 1 && outside[0].tensor == "model.layers.1.mlp.experts.\(part).grad")
    #expect(report.firstGradientCause?.layers.contains("linear-weight-backward") == true)
  }

  @Test func aStackOfAnotherShapeIsRefused() throws {
    let file = try Self.changed("mixtral") { entry, activation in
      guard entry == "model.layers.1.mlp.experts.down_proj.grad" else { return }
      activation = activation.reshaped([activation.shape[0], activation.shape[2], activation.shape[1]])
    }
    let error = #expect(throws: GradeError.self) { try Self.grade(file, "mixtral") }
    #expect(error?.description.contains("cannot be the gradient of the experts of a block, [4, 16, 24]") == true)
  }

  /// Nothing is claimed of what hangs on a token's experts where they are not known: no expert's weights, and not the logits.
  @Test func nothingIsClaimedOfAnUnknownChoice() throws {
    let file = try Self.changed("mixtral") { entry, activation in
      guard entry == "model.layers.1.mlp.gate" else { return }
      // All experts of the first token are alike.
      for index in 0..<4 { activation.elements[index] = 0.5 }
    }
    let report = try Self.grade(file, "mixtral")
    let gradients = try #require(report.gradients)
    for gradient in gradients
    where gradient.tensor.hasPrefix("model.layers.1.mlp.experts.") && gradient.tensor.hasSuffix("proj.grad") {
      #expect(gradient.local.verdict == .outsideDomain, "\(gradient.name)")
    }
    let logits = try #require(gradients.first { $0.name == "blocks.1.router-logits.grad" })
    #expect(logits.local.outsideDomain == 4)
  }

  /// A gate that is the limit itself, whose gradient is 0, as PyTorch 2.15 has it, or that of the side, or half of that.
  @Test func gradientsAtALimitMayBeZero() throws {
    let model = try ModelGradientTests.model("gptoss")
    let plan = try BackwardPlan(model.transformer)
    let (forward, backward) = (
      try EngineTrace.record(model.transformer, Self.text),
      try GradientTrace(model.transformer, plan, text: Self.text)
    )
    let (gate, up, gated) = (
      ActivationName(block: 1, .expertGate), ActivationName(block: 1, .expertUp),
      ActivationName(block: 1, .gatedExpertUp)
    )
    guard case .clampedGate(let layer)? = model.transformer.plan[gated]?.operation else { return }
    let incoming = backward[GradientName(.activation(gated))]
    let place = try #require(incoming.elements.indices.first { incoming.elements[$0] != 0 })
    func one(_ x: Float) -> CaseTensor { .real(Activation(shape: [1, 1], elements: [x])) }
    let side = Catalogue.engine(
      try CheckedCase(
        LayerCase(
          layer: .clampedGateBackward, attributes: ["alpha": .real(layer.alpha), "limit": .real(layer.limit)],
          tensors: [
            "gate": one(layer.limit), "up": one(forward[up].elements[place]),
            "gradient": one(incoming.elements[place]),
          ]))
    ).elements[0]
    #expect(side != 0)
    for (number, verdict, isNoted) in [
      (side, Verdict.within, false), (0, .within, true), (side / 2, .outside, false), (-side, .outside, false),
    ] {
      var writer = SafeTensorsWriter()
      func add(_ name: String, _ activation: Activation<Float>, changed number: Float? = nil) {
        var elements = activation.elements
        if let number { elements[place] = number }
        let zeros = [Float](repeating: 0, count: elements.count / (Self.text.count - 1))
        // A gradient is 0 at the last token, of which there is an activation.
        let isGradient = name.hasSuffix(".grad")
        writer.add(
          name, shape: [Self.text.count] + activation.shape.dropFirst(), isGradient ? elements + zeros : elements)
      }
      for name in [gate, up] {
        add(name.description, forward[name], changed: name == gate ? layer.limit : nil)
      }
      add(forward.order[0].description, forward[forward.order[0]])
      add(ActivationName(block: 1, .routerWeights).description, forward[ActivationName(block: 1, .routerWeights)])
      add("\(gated).grad", incoming)
      add("\(gate).grad", backward[GradientName(.activation(gate))], changed: number)
      let file = try SafeTensors(bytes: WeightArray(writer.bytes()), file: "dump")
      let dump = try ActivationDump(file, path: "dump", model: model, tokens: Self.text, names: .plumb)
      let report = try GradeMeasurement(model: model, dump: dump, arithmetic: .f32).report(isCumulative: false).report
      let graded = try #require(report.gradients?.first { $0.name == "\(gate).grad" })
      #expect(graded.local.verdict == verdict, "\(number)")
      #expect(report.notes.contains { $0.contains("at the limit of a clamp") } == isNoted)
    }
  }
}
