import Foundation
import PlumbEngine
import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbMutants
import PlumbReference
import PlumbTolerance
import Testing

@testable import PlumbBounds
@testable import PlumbGrading
@testable import PlumbVerdicts

/// Dumps that transformers made in Float32 of tiny models with experts (`Tests/Fixtures/experts.py`), and bugs planted in the
/// engine's own passes of them.
@Suite struct ExpertsTests {
  private static let families = [
    "mixtral", "qwen2moe", "qwen3moe", "olmoe", "granitemoe", "glm4moe", "gptoss", "deepseekv2", "deepseekv3",
    "glm4lite",
  ]
  private static let tokens = [1, 7, 4, 20, 13, 9, 3, 25, 17, 30, 2, 11]

  private func path(_ family: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/tiny-\(family)").path(percentEncoded: false)
  }

  private func measurement(_ tensors: [(String, Activation<Float>)], _ family: String) throws -> GradeMeasurement {
    var writer = SafeTensorsWriter()
    for (name, x) in tensors { writer.add(name, shape: x.shape, x.elements) }
    let model = try LoadedModel.open(path: path(family))
    let file = try SafeTensors(bytes: WeightArray(writer.bytes()), file: "dump")
    let dump = try ActivationDump(file, path: "dump", model: model, tokens: Self.tokens)
    return GradeMeasurement(model: model, dump: dump, arithmetic: .f32)
  }

  private func modules(_ family: String) throws -> [(String, Activation<Float>)] {
    try SafeTensors(path: "\(path(family))/modules.safetensors").entries.map {
      ($0.name, try Activation<Float>($0, file: "modules"))
    }
  }

  /// A clean dump is within everywhere, with the routers' weights and without them.
  @Test(arguments: families) func whatTransformersComputesIsWithin(family: String) throws {
    let all = try modules(family)
    let report = try measurement(all, family).report(isCumulative: false).report
    #expect(report.verdict == .within, "\(report.activations.filter { $0.local.verdict != .within }.map(\.name))")
    let names = Set(report.activations.map(\.name))
    #expect(names.isSuperset(of: ["router-logits", "router-weights", "experts"].map { "blocks.1.\($0)" }))
    let few = all.filter { !$0.0.hasSuffix("router_weights") && !$0.0.hasSuffix("mlp.gate") }
    let without = try measurement(few, family).report(isCumulative: false).report
    #expect(without.verdict == .within, "\(without.activations.filter { $0.local.verdict != .within }.map(\.name))")
  }

  /// The names of a module of each kind.
  @Test(arguments: [
    ("qwen2moe", "model.layers.1.mlp", "blocks.1.mixture"), ("qwen2moe", "model.layers.0.mlp", "blocks.0.down"),
    ("qwen2moe", "model.layers.1.mlp.shared_expert", "blocks.1.down"),
    ("qwen2moe", "model.layers.1.mlp.shared_expert_gate", "blocks.1.shared-logits"),
    ("mixtral", "model.layers.1.mlp", "blocks.1.experts"),
    ("mixtral", "model.layers.1.block_sparse_moe.gate", "blocks.1.router-logits"),
    ("mixtral", "model.layers.1.block_sparse_moe.experts.0.w1", nil),
    ("granitemoe", "model.layers.1.block_sparse_moe.router", "blocks.1.router-logits"),
    ("qwen3moe", "model.layers.0.mlp.experts", "blocks.0.experts"), ("qwen2moe", "model.layers.3.mlp", "blocks.3.down"),
  ])
  func modulesHaveNames(family: String, module: String, activation: String?) throws {
    let table = try #require(NameTable.all.first { $0.word == "hf" }).table
    let model = try LoadedModel.open(path: path(family)).transformer
    #expect(table.activation(module, in: model)?.description == activation)
  }

  /// The activations of the engine on a model with a bug, as a dump of an engine that should have computed the `family`.
  private func planted(
    _ family: String, without left: Set<ActivationName.Role> = [], _ edit: (inout ExpertsMixer) -> Void
  ) throws -> GradeMeasurement {
    let wrong = try LoadedModel.open(path: path(family)).transformer.editing { $0.editExperts(edit) }
    let trace = try EngineTrace.record(wrong, Self.tokens)
    return try measurement(
      trace.order.filter { !left.contains($0.role) }.map { ($0.description, trace[$0]) }, family)
  }

  private static let inner: Set<ActivationName.Role> = [
    .expertGate, .expertUp, .activatedExpertGate, .gatedExpertUp, .expertDown,
  ]

  private func explained(_ measurement: GradeMeasurement) throws -> FirstCause {
    let (report, failure) = try measurement.report(isCumulative: false)
    #expect(report.verdict.isRefuted)
    return Diagnosis(try #require(failure)).explanation()
  }

  @Test(arguments: families) func weightsThatAreRenormalisedOrNotAreFound(family: String) throws {
    let cause = try explained(planted(family, without: Self.inner) { $0.router.isRenormalised.toggle() })
    #expect(cause.name.hasSuffix("router-weights") && cause.layer == "router" && cause.anotherExpert == nil)
    #expect(cause.explanations.first?.mutant == "router renormalisation-swapped", "\(cause.explanations)")
  }

  @Test(arguments: families) func wrongExpertsAreFound(family: String) throws {
    let cause = try explained(
      planted(family, without: Self.inner) { $0.experts = Array($0.experts.dropFirst() + $0.experts.prefix(1)) })
    #expect(cause.name.hasSuffix("experts"))
    #expect(cause.explanations.first?.mutant == "expert-linear next-experts", "\(cause.explanations)")
  }

  @Test(arguments: ["bias-forgotten", "factor-forgotten"]) func partsOfABiasedRouterAreFound(bug: String) throws {
    let cause = try explained(
      planted("glm4moe", without: Self.inner) {
        if bug == "bias-forgotten" { $0.router.choiceBias = nil } else { $0.router.factor = 1 }
      })
    #expect(cause.name.hasSuffix("router-weights") && (cause.anotherExpert != nil) == (bug == "bias-forgotten"))
    #expect(cause.explanations.first?.mutant == "router \(bug)", "\(cause.explanations)")
  }

  @Test func aForgottenGateOfTheSharedExpertIsFound() throws {
    let cause = try explained(planted("qwen2moe", without: Self.inner) { $0.shared?.gate = nil })
    #expect(cause.name == "blocks.1.mixture")
    #expect(cause.explanations.first?.mutant == "router shared-gate-forgotten", "\(cause.explanations)")
  }

  /// Experts of the least scores: each differs, by more than rounding explains; what follows is judged on that choice.
  @Test(arguments: families) func anotherExpertIsAFindingOfItsOwn(family: String) throws {
    let model = try LoadedModel.open(path: path(family)).transformer
    let trace = try EngineTrace.record(model, Self.tokens)
    let step = try #require(model.plan.steps.first { if case .router = $0.operation { true } else { false } })
    guard case .router(let layer) = step.operation else { return }
    var tensors = trace.order.map { ($0.description, trace[$0]) }
    let place = try #require(tensors.firstIndex { $0.0 == step.name.description })
    // Token 5's first expert and one that it was not given to change places.
    let row = Array(tensors[place].1.row(5))
    let (chosen, other) = (try #require(row.firstIndex { $0 != 0 }), try #require(row.firstIndex { $0 == 0 }))
    tensors[place].1.elements.swapAt(5 * layer.experts + chosen, 5 * layer.experts + other)
    let (report, failure) = try measurement(tensors, family).report(isCumulative: false)
    let found = try #require(failure?.cause.anotherExpert)
    #expect(report.firstCause?.name == step.name.description && report.verdict == .anotherExpert)
    #expect(found.token == 5 && found.chosen == other && found.preferred == chosen && found.margin > 1)
    // The difference is that of the exact scores: softmax over all experts, or sigmoids and their biases.
    let logits = trace[step.inputs[0]].row(5).map(Double.init)
    let sum = logits.map { exp($0) }.reduce(0, +)
    let bias = layer.choiceBias.map { Engine.decoded($0).map(Double.init) }
    func score(_ expert: Int) -> Double {
      bias.map { $0[expert] + 1 / (1 + exp(-logits[expert])) } ?? exp(logits[expert]) / sum
    }
    var difference = score(chosen) - score(other)
    if let groups = layer.groups {
      // The scores of the groups differ where the other's group is not kept.
      let ranks = layer.groupedExperts.map { members in
        members.map(score).sorted(by: >).prefix(groups.score == .greatest ? 1 : 2).reduce(0, +)
      }
      let size = layer.experts / groups.count
      let own = ranks[other / size]
      if ranks.filter({ $0 > own }).count >= groups.kept { difference = ranks[chosen / size] - own }
    }
    #expect((found.difference - difference).magnitude < 1e-5, "\(found.difference), \(difference)")
  }

  /// Two experts of which rounding decides: both choices are within, and each is followed.
  @Test func aChoiceThatRoundingExplainsIsFollowed() throws {
    let family = "mixtral"
    let model = try LoadedModel.open(path: path(family)).transformer
    let trace = try EngineTrace.record(model, Self.tokens)
    var tensors = Dictionary(uniqueKeysWithValues: trace.order.map { ($0, trace[$0]) })
    let (logits, weights) = (ActivationName(block: 2, .routerLogits), ActivationName(block: 2, .routerWeights))
    // The logits of the last token as an engine may have them: the second and the third apart by one unit in the last place.
    let row = Array(try #require(tensors[logits]).row(11)).indices.sorted {
      trace[logits].row(11)[44 + $0] > trace[logits].row(11)[44 + $1]
    }
    let second = trace[logits].elements[44 + row[1]]
    tensors[logits]?.elements[44 + row[2]] = second.nextDown
    func report(choosing expert: Int) throws -> (LocalDrift, FirstCause.AnotherExpert?) {
      let logits = try #require(tensors[logits]).row(11).map(Double.init)
      let (a, b) = (exp(logits[row[0]]), exp(logits[expert]))
      var changed = tensors
      for index in 0..<4 { changed[weights]?.elements[44 + index] = 0 }
      changed[weights]?.elements[44 + row[0]] = Float(a / (a + b))
      changed[weights]?.elements[44 + expert] = Float(b / (a + b))
      let finding = try measurement(trace.order.map { ($0.description, changed[$0] ?? trace[$0]) }, family)
        .finding(of: weights)
      return (finding.drift, finding.failure?.cause.anotherExpert)
    }
    #expect(try report(choosing: row[1]).0.verdict == .within)
    #expect(try report(choosing: row[2]).0.verdict == .within)
    let (wrong, another) = try report(choosing: row[3])
    #expect(wrong.verdict == .anotherExpert && another?.chosen == row[3])
  }

  /// A weight that was rounded to 0 belongs to whichever expert may have had it: with a bias that need not be one of the exact choice.
  @Test func aWeightOfZeroIsOfTheExpertOfTheLeastWeight() throws {
    func tensor(_ values: [Float], _ shape: [Int]) throws -> Tensor {
      try #require(Tensor(name: "t", type: .f32, shape: shape, bytes: WeightArray(values)))
    }
    // Scores σ(2), σ(1) = 0.731058578630004879… and σ(−200): the last two's sums with their biases are less than 2⁻²⁴ apart, or far.
    func completed(_ bias: Float) throws -> (exact: [Int], followed: [Int]) {
      let layer = RouterLayer(
        logits: LinearLayer(weight: try tensor([1, 2, 3], [3, 1])), chosen: 2, score: .sigmoid, isRenormalised: true,
        choiceBias: try tensor([1, 0.25, bias], [3]))
      let logits = Activation<Float>(shape: [1, 3], elements: [2, 1, -200])
      let balls = try #require(logits.asBalls)
      let bias = Activation<Tracked>(
        shape: [3], elements: Engine.decoded(try #require(layer.choiceBias)).map { Tracked(Double($0)) })
      let proof = RouterProof(
        exact: try Reference.routerChoice(balls, layer, precision: 256), logits: balls,
        tracked: logits.map { Tracked(Double($0)) }, bias: bias, layer, .f32)
      return (proof.exact.experts[0], proof.followed([0], token: 0))
    }
    // An engine that rounds the sums to Float32s may take the third, of which a dump has the weights 1, 0 and 0.
    #expect(try completed(0.98105854) == ([0, 1], [0, 2]))
    #expect(try completed(0.5) == ([0, 1], [0, 1]))
  }

  /// Experts that are missing, that differ, and of another number than the router has outputs.
  @Test func whatDoesNotFitIsRefusedInALine() throws {
    let model = try LoadedModel.open(path: path("mixtral")).transformer
    func errors(_ edit: (inout ExpertsMixer) -> Void) -> String {
      model.editing { $0.editExperts(edit) }.shapeErrors.first ?? ""
    }
    #expect(errors { _ in }.isEmpty)
    #expect(errors { $0.experts.removeLast() }.contains("block 0 has 3 experts"))
    #expect(
      errors { ($0.experts[1].up, $0.experts[1].down) = ($0.experts[1].down, $0.experts[1].up) }.contains(
        "'model.layers.0.block_sparse_moe.experts.1."))
    #expect(errors { $0.router.chosen = 5 }.contains("5 experts a token cannot be chosen of 4"))
    let folder = URL.temporaryDirectory.appending(path: "experts-\(UInt64.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let weights = try Data(contentsOf: URL(filePath: "\(path("mixtral"))/model.safetensors"))
    try weights.write(to: folder.appending(path: "model.safetensors"))
    let config = try String(contentsOfFile: "\(path("mixtral"))/config.json", encoding: .utf8)
    for (key, value, word) in [
      ("\"num_local_experts\": 4", "\"num_local_experts\": 5", "experts.4.w1.weight' is missing"),
      ("\"num_local_experts\": 4", "\"num_local_experts\": 3", "experts.3.w1.weight'"),
      ("\"num_experts_per_tok\": 2", "\"num_experts_per_tok\": 5", "num_experts_per_tok"),
      ("\"intermediate_size\": 24", "\"intermediate_size\": 23", "[24, 16], but config.json says [23, 16]"),
    ] {
      try config.replacing(key, with: value).write(
        to: folder.appending(path: "config.json"), atomically: true, encoding: .utf8)
      let error = #expect(throws: ModelError.self) {
        try LoadedModel.open(path: folder.path(percentEncoded: false))
      }
      #expect("\(try #require(error))".contains(word), "\(String(describing: error))")
    }
  }

  /// Two experts of equal rows of the router: the lower index is chosen, by the exact pass and by the engine.
  @Test func equalExpertsAreOneChoice() throws {
    let model = try LoadedModel.open(path: path("mixtral")).transformer.editing { block in
      block.editExperts { mixer in
        let weight = mixer.router.logits.weight.gathered([0, 1, 1, 0], name: "router")
        mixer.router.logits = LinearLayer(weight: weight ?? mixer.router.logits.weight)
        mixer.router.chosen = 1
      }
    }
    let trace = try EngineTrace.record(model, Self.tokens)
    let verdicts = try LocalVerdicts(model, trace, of: trace.order)
    #expect(trace.order.allSatisfy { verdicts.drifts[$0]?.verdict == .within })
    try Reference.TensorPass(model, precision: 256).run(Self.tokens) { name, exact in
      guard name.role == .routerWeights else { return }
      for token in 0..<exact.rows {
        let chosen = Array(exact.row(token)).indices.filter { !exact.elements[token * 4 + $0].midpoint.isZero }
        #expect(chosen == [0] || chosen == [1])
        #expect(RouterProof.experts(of: trace[name].row(token)) == chosen)
      }
    }
  }

  /// Tokens one by one, all at once and beside another sequence, on one thread and on several.
  @Test(arguments: families) func bitsAreTheSameInAnyCompany(family: String) throws {
    let model = try LoadedModel.open(path: path(family)).transformer
    let whole = try Engine.Pass(model, threads: 1).append(Self.tokens)
    let pass = try Engine.Pass(model, threads: 3)
    var last: Activation<Float>?
    for token in Self.tokens { last = try pass.append([token]) }
    let both = try Engine.Batch(model, count: 2, threads: 2).append([[3, 5], Self.tokens])
    #expect(last == whole && both[1] == whole)
  }
}
