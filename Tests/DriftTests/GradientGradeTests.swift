import PlumbFormats
import PlumbModel
import PlumbReports
import PlumbTolerance
import Testing

@testable import PlumbGradients
@testable import PlumbGrading
@testable import PlumbVerdicts

/// Gradients in dumps: those of PyTorch's autograd (`Tests/Recipes/transformers_gradients.py`) and of the engine are within, one that is
/// changed is found.
@Suite struct GradientGradeTests {
  private static let text = ModelGradientTests.text

  private static func grade(
    _ file: SafeTensors, _ model: LoadedModel, _ names: NameTable? = nil, _ arithmetic: ArithmeticModel? = nil
  ) throws -> GradeReport {
    let dump = try ActivationDump(file, path: "dump", model: model, tokens: text, names: names)
    return try GradeMeasurement(model: model, dump: dump, arithmetic: arithmetic).report(isCumulative: false).report
  }

  private static func pytorch(_ file: String = "gradient-dump") throws -> SafeTensors {
    try SafeTensors(path: ModelGradientTests.path("llama") + "/\(file).safetensors")
  }

  /// PyTorch's dump in Float32 after `change`.
  private static func changed(
    only isKept: (String) -> Bool = { _ in true }, _ change: (String, inout Activation<Float>) -> Void
  ) throws -> SafeTensors {
    var writer = SafeTensorsWriter()
    for entry in try pytorch().entries where isKept(entry.name) {
      var activation = try Activation<Float>(entry, file: "dump")
      change(entry.name, &activation)
      writer.add(entry.name, shape: activation.shape, activation.elements)
    }
    return try SafeTensors(bytes: WeightArray(writer.bytes()), file: "dump")
  }

  @Test(arguments: ["gradient-dump", "gradient-dump-bfloat16"]) func autogradIsWithin(file: String) throws {
    let report = try Self.grade(try Self.pytorch(file), try ModelGradientTests.model("llama"))
    let gradients = try #require(report.gradients)
    #expect(report.verdict == .within && report.firstGradientCause == nil)
    #expect(gradients.count == 44 && gradients.allSatisfy { $0.local.verdict == .within })
    #expect(gradients.first?.name == "logits.grad" && gradients.last?.tensor == "model.embed_tokens.weight.grad")
    // Most bounds are of the size of what rounding does.
    let margins = gradients.map(\.local.margin).sorted()
    #expect(margins[margins.count / 2] > 0.1)
  }

  /// Gradients of weights alone, as a training script has them, from the forward pass and what the loss gives.
  @Test func weightsAloneAreHeldOverWholeSegments() throws {
    let file = try Self.changed(only: { !$0.hasSuffix(".grad") || $0.hasSuffix("weight.grad") }) { _, _ in }
    let report = try Self.grade(file, try ModelGradientTests.model("llama"))
    #expect(report.gradients?.count == 21 && report.firstGradientCause == nil)
    let head = try #require(report.gradients?.first { $0.tensor == "lm_head.weight.grad" })
    #expect(head.local.verdict == .within && head.bridged == ["logits.grad"])
  }

  @Test(arguments: [
    ("lm_head.grad", "logits.grad", ["cross-entropy-backward"]),
    ("model.layers.1.mlp.gate_proj.grad", "blocks.1.gate.grad", ["silu-backward"]),
    (
      "model.layers.1.mlp.gate_proj.weight.grad", "model.layers.1.mlp.gate_proj.weight.grad", ["linear-weight-backward"]
    ),
    (
      "model.layers.1.self_attn.k_proj.grad", "blocks.1.key.grad",
      ["linear-backward", "attention-key-backward", "rotary-embedding-backward"]
    ),
    ("model.layers.0.grad", "blocks.0.feed-forward-residual.grad", ["rms-norm-backward", "residual-add"]),
    ("model.embed_tokens.weight.grad", "model.embed_tokens.weight.grad", ["embedding-backward"]),
  ]) func oneThatIsChangedIsTheFirstCause(tensor: String, name: String, layers: [String]) throws {
    // The gradient of the block's output is that of its last product, and of the branch, too.
    let copies =
      tensor == "model.layers.0.grad" ? ["model.layers.0.mlp.grad", "model.layers.0.mlp.down_proj.grad"] : []
    let file = try Self.changed { entry, activation in
      guard entry == tensor || copies.contains(entry) else { return }
      activation = activation.map { $0 * (1 + 0x1p-8) }
    }
    let report = try Self.grade(file, try ModelGradientTests.model("llama"))
    let cause = try #require(report.firstGradientCause)
    #expect(cause.name == name && cause.layers == layers && cause.margin > 1)
    #expect(report.verdict == .outside && report.firstCause == nil)
    let text = GradeTable(report).text
    #expect(text.contains("first cause of the backward pass is"))
    let first = try #require(LayerKind(rawValue: layers[0]))
    let formula = Catalogue.signature(of: first).formula
    #expect(text.replacing("\n", with: " ").contains("\(first.rawValue): \(formula.prefix(20))"))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 || $0.hasPrefix("fingerprint") })
    #expect(report.junit.contains("first cause of the backward pass, margin"))
    #expect(GradePage(report, command: ["plumb"], version: "").text.contains("Steps backwards"))
  }

  /// The row of one token without a gradient is what `padding_idx` leaves.
  @Test func aPaddingTokenIsSaid() throws {
    let file = try Self.changed { entry, activation in
      guard entry == "model.embed_tokens.weight.grad" else { return }
      activation = Activation(
        shape: activation.shape,
        elements: activation.elements.enumerated().map { $0 / activation.columns == 7 ? 0 : $1 })
    }
    let report = try Self.grade(file, try ModelGradientTests.model("llama"))
    #expect(report.verdict == .within && report.notes.contains { $0.contains("row of token 7") })
  }

  @Test func whatCannotBeAGradientIsRefused() throws {
    func problem(_ change: (String, inout Activation<Float>) -> Void) throws -> String {
      let file = try Self.changed(change)
      let error = #expect(throws: GradeError.self) { try Self.grade(file, try ModelGradientTests.model("llama")) }
      return error?.description ?? ""
    }
    let last = try problem { entry, activation in
      if entry == "lm_head.grad" { activation.elements[activation.elements.count - 1] = 1 }
    }
    #expect(last.contains("'lm_head.grad' is 1.0 at the last token"))
    let weight = try problem { entry, activation in
      if entry == "lm_head.weight.grad" { activation = activation.reshaped(activation.shape.reversed()) }
    }
    #expect(weight.contains("'lm_head.weight.grad' [16, 32] cannot be the gradient of 'lm_head.weight' [32, 16]"))
    let copies = try problem { entry, activation in if entry == "model.layers.0.mlp.grad" { activation.elements[0] = 7 }
    }
    #expect(copies.contains("are both 'blocks.0.feed-forward-residual.grad', and differ"))
    let unknown = try ActivationDump(
      try Self.changed(only: { $0 != "lm_head.grad" }) { _, _ in }, path: "dump",
      model: try ModelGradientTests.model("llama"), tokens: Self.text)
    #expect(unknown.gradients?.tensors.count == 43)
    let refused = #expect(throws: GradeError.self) {
      let file = try Self.changed(only: { $0.hasSuffix(".grad") }) { _, _ in }
      return try Self.grade(file, try ModelGradientTests.model("bert"))
    }
    #expect(refused?.description.contains("cannot be graded: an encoder") == true, "\(refused?.description ?? "")")
  }

  /// A dump of nothing but gradients that no table has is no dump that is within.
  @Test func gradientsOfNothingAreRefused() throws {
    var writer = SafeTensorsWriter()
    writer.add("vision.tower.grad", shape: [1], [1 as Float])
    let file = try SafeTensors(bytes: WeightArray(writer.bytes()), file: "dump")
    let error = #expect(throws: GradeError.self) { try Self.grade(file, try ModelGradientTests.model("llama")) }
    #expect(
      error?.description.contains("'vision.tower.grad' is no name of the table") == true, "\(error?.description ?? "")")
  }

  /// Numbers that are not finite leave nothing to claim of what is made of them, and stop nothing.
  @Test func aGradientThatIsNotFiniteIsNoTrap() throws {
    let file = try Self.changed { entry, activation in
      if entry == "model.layers.1.mlp.gate_proj.grad" || entry == "model.layers.1.mlp.up_proj" {
        activation.elements[0] = .nan
      }
    }
    let report = try Self.grade(file, try ModelGradientTests.model("llama"))
    let gradients = try #require(report.gradients)
    #expect(gradients.count == 44 && report.verdict != .within)
    let made = try #require(gradients.first { $0.tensor == "model.layers.1.mlp.gate_proj.weight.grad" })
    #expect(made.local.verdict == .outsideDomain && made.unclaimed != nil)
  }

  /// The engine's own backward pass over `model` as a dump, named as here, and the gradients of stored tensors; activations that are
  /// `narrow` are in bfloat16.
  static func engineDump(
    _ model: LoadedModel, narrow: (ActivationName) -> Bool = { _ in false }
  ) throws -> (file: SafeTensors, stored: [String: [Float]]) {
    let plan = try BackwardPlan(model.transformer)
    let (forward, backward) = (
      try EngineTrace.record(model.transformer, text), try GradientTrace(model.transformer, plan, text: text)
    )
    var writer = SafeTensorsWriter()
    for name in forward.order where name != plan.logits && name.role != .probabilities {
      let (shape, elements) = (forward[name].shape, forward[name].elements)
      guard narrow(name) else {
        writer.add(name.description, shape: shape, elements)
        continue
      }
      let bytes = elements.flatMap { element -> [UInt8] in
        let bits = FloatFormat.bfloat16.nearest(to: element).bitPattern >> 16
        return [UInt8(bits & 255), UInt8(bits >> 8)]
      }
      writer.add(name.description, .bf16, shape: shape, bytes: bytes)
    }
    for step in plan.steps where step.weight == nil && step.name.part == nil {
      let gradient = backward[step.name]
      let zeros = [Float](repeating: 0, count: gradient.elements.count / (text.count - 1))
      writer.add(step.name.description, shape: [text.count] + gradient.shape.dropFirst(), gradient.elements + zeros)
    }
    let stored = ModelGradientTests.stored(plan, backward.gradients, zero: Float(0))
    for tensor in plan.weights {
      guard let place = tensor.place, let elements = stored[place.name] else { continue }
      if plan.weights.first(where: { $0.place?.name == place.name })?.name == tensor.name {
        writer.add("\(place.name).grad", shape: place.shape, elements)
      }
    }
    return (try SafeTensors(bytes: WeightArray(writer.bytes()), file: "dump"), stored)
  }

  /// Fused and transposed tensors are found again, and experts by the router's weights.
  @Test(arguments: ModelGradientTests.models) func theEngineIsWithin(name: String) throws {
    let model = try ModelGradientTests.model(name)
    let (file, stored) = try Self.engineDump(model)
    let gradients = try #require(try Self.grade(file, model, .plumb, .f32).gradients)
    for gradient in gradients {
      #expect(gradient.local.verdict == .within, "\(gradient.name), margin \(gradient.local.margin)")
    }
    #expect(Set(gradients.map(\.tensor)).isSuperset(of: stored.keys.map { "\($0).grad" }))
  }

  /// A weight of 0 in a dump of fewer digits is that of an expert that was not chosen.
  @Test func expertsAreTheSameInADumpOfFewerDigits() throws {
    let model = try ModelGradientTests.model("mixtral")
    let file = try Self.engineDump(model, narrow: { $0.role == .routerWeights }).file
    let gradients = try #require(try Self.grade(file, model, .plumb, .f32).gradients)
    for gradient in gradients {
      #expect(gradient.local.verdict == .within, "\(gradient.name), margin \(gradient.local.margin)")
    }
  }
}
