import PlumbEngine
import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbReference
import Testing

@testable import PlumbGradients
@testable import PlumbReports
@testable import PlumbVerdicts

/// The statements of `plumb gradient`, and the parts that they rest on.
@Suite struct GradientReportTests {
  private static let text = ModelGradientTests.text

  /// Whether a tensor counts for the choice of experts alone, and so has no gradient.
  private static func isOfChoice(_ name: String) -> Bool { name.hasSuffix("e_score_correction_bias") }

  private func trace(_ name: String, threads: Int? = nil) throws -> GradientTrace {
    let transformer = try ModelGradientTests.model(name).transformer
    return try GradientTrace(transformer, try BackwardPlan(transformer), text: Self.text, threads: threads)
  }

  @Test(
    arguments: [
      "qwen3", "gpt2", "gemma2", "mixtral", "qwen2moe", "deepseekv3",
    ]) func everyStepIsWithinItsBoundAndEveryNormHasItsDigits(name: String) throws
  {
    let model = try ModelGradientTests.model(name)
    let report = try GradientMeasurement(model: model, tokens: Self.text, digits: 40).report()
    #expect(report.verdict == .within && report.unjudged == [])
    #expect(
      report.tensors.map(\.name).sorted()
        == Set(model.transformer.tensors.compactMap { $0.place?.name }).filter { !Self.isOfChoice($0) }.sorted())
    for tensor in report.tensors {
      // An expert that no token was given to has no gradient.
      if tensor.norm.exact == "0" {
        #expect(tensor.name.contains(".experts.") && tensor.accumulated.worstAbsolute == 0, "\(tensor.name)")
        continue
      }
      #expect(tensor.norm.exact.filter(\.isNumber).count >= 40, "\(tensor.name): \(tensor.norm.exact)")
      // ‖a − b‖ ≥ |‖a‖ − ‖b‖|. The engine's norm was added up in Float64, each of so many squares and sums within 2⁻⁵³.
      let engine = try #require(Double(tensor.norm.engine))
      let (lower, upper) = (try #require(Double(tensor.norm.lower)), try #require(Double(tensor.norm.upper)))
      let slack = engine * Double(tensor.shape.reduce(2, *) + 2) * 0x1p-53
      #expect(tensor.relativeNorm * upper >= max(engine - upper, lower - engine) - slack, "\(tensor.name)")
      // And √n times the greatest distance is the most that the norm of n distances may be; it is rounded up by less than this.
      let count = Double(tensor.shape.reduce(1, *))
      let most = count.squareRoot() * tensor.accumulated.worstAbsolute * (1 + (count + 304) * 0x1p-52)
      #expect(tensor.relativeNorm * lower <= most, "\(tensor.name)")
    }
    // PyTorch's loss in Float64, of a few hundred roundings.
    let entries = try SafeTensors(path: "\(ModelGradientTests.path(name))/gradients.safetensors").entries
    let loss = try Activation<Double>(try #require(entries.first { $0.name == "loss" }), file: "gradients").elements[0]
    #expect(abs(try #require(Double(report.loss.exact.prefix(20))) - loss) < 0x1p-40)
    let table = GradientTable(report).text
    #expect(table.contains("all within") && table.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(GradientPage(report, command: ["plumb"], version: "0").text.contains("Gradients of weights"))
  }

  /// Scaled frequencies have no attribute in a case: these rotations are judged by the engine's own accuracy.
  @Test func aStepThatNoCaseDescribesIsJudged() throws {
    let model = try ModelGradientTests.model("llama3")
    let report = try GradientMeasurement(model: model, tokens: Self.text, digits: 5).report()
    #expect(report.verdict == .within && report.unjudged.isEmpty)
    #expect(report.steps.count == (try BackwardPlan(model.transformer)).steps.count)
  }

  /// ‖Σₜ gₜxₜᵀ‖² = Σₜ Σₛ ⟨gₜ, gₛ⟩⟨xₜ, xₛ⟩: the norm of a product's gradient without one of its elements.
  @Test func normsAreThoseOfTheGramMatrices() throws {
    let transformer = LoadedModel.seeded.transformer
    let plan = try BackwardPlan(transformer)
    let name = GradientName(.weight("blk.1.ffn_up.weight"))
    let (up, norm) = (ActivationName(block: 1, .up), ActivationName(block: 1, .feedForwardNorm))
    var x: [[Ball]] = []
    try Reference.TensorPass(transformer, precision: 256).run(Array(Self.text.dropLast())) { found, activation in
      if found == norm { x = (0..<activation.rows).map { Array(activation.row($0)) } }
    }
    var (gradient, squares): ([[Ball]], Ball?) = ([], nil)
    let pass = Reference.GradientPass(transformer, plan, precision: 256, weightBits: 200)
    _ = try pass.run(Array(Self.text.dropLast()), targets: Array(Self.text.dropFirst())) { step, rows in
      if step.name == GradientName(.activation(up)) { gradient = (0..<rows.count).map { rows.row($0).balls } }
      if step.name == name { squares = GradientSurvey(rows, engine: nil).squares }
    }
    func dot(_ a: [Ball], _ b: [Ball]) -> Ball { zip(a, b).reduce(Ball.zero) { $0 + $1.0 * $1.1 } }
    #expect(x.count == Self.text.count - 1 && gradient.count == x.count)
    var sum = Ball.zero
    for t in x.indices { for s in x.indices { sum = sum + dot(gradient[t], gradient[s]) * dot(x[t], x[s]) } }
    let found = try #require(squares)
    #expect(found.overlaps(sum) && found.lower > 0)
    #expect(
      found.radius < found.lower.scaled(byPowerOfTwo: -100) && sum.radius < found.lower.scaled(byPowerOfTwo: -100))
  }

  @Test(arguments: ["gemma3", "cohere"]) func theBitsAreThoseOfAnyNumberOfThreads(name: String) throws {
    let one = try trace(name, threads: 1)
    for threads in [2, 5] {
      let several = try trace(name, threads: threads)
      for (gradient, numbers) in one.gradients { #expect(several.gradients[gradient] == numbers, "\(gradient)") }
      #expect(several.losses == one.losses && several.gradients.count == one.plan.steps.count)
    }
  }

  /// Two units in the last place of one element are no rounding, whatever the step.
  @Test(arguments: ["qwen2", "gpt2"]) func aSlipIsOutside(name: String) throws {
    let trace = try trace(name)
    for step in trace.plan.steps {
      let source = try #require(
        BackwardCase.make(
          step, activations: step.activations.map { trace[$0] }, gradients: step.gradients.map { trace[$0] },
          tokens: trace.tokens, targets: trace.targets, incoming: trace.incoming))
      let input = try CheckedCase(source)
      var output = trace[step.name].reshaped(input.outputShape)
      var judge = CaseJudge(input)
      #expect(try judge.judge(output).verdict == .within, "\(step.name)")
      let place = try #require(
        output.elements.indices.max { output.elements[$0].magnitude < output.elements[$1].magnitude })
      output.elements[place] = output.elements[place].nextUp.nextUp
      #expect(try judge.judge(output).verdict == .outside, "\(step.name)")
    }
  }

  /// The same of the parts of mixtures and of clamped gates, and of the other steps that no case describes: scaled turns, and keys that
  /// share a part.
  @Test(arguments: ["mixtral", "qwen2moe", "gptoss", "deepseekv2", "deepseekv3", "glm4lite"])
  func aSlipOfAMixtureOrOfAStepWithoutACaseIsOutside(name: String) throws {
    let trace = try trace(name)
    var slipped = 0
    for step in trace.plan.steps {
      let source = BackwardCase.make(
        step, activations: step.activations.map { trace[$0] }, gradients: step.gradients.map { trace[$0] },
        tokens: trace.tokens, targets: trace.targets, incoming: trace.incoming)
      let isOfMixture =
        source.map { source in
          [.routerBackward, .clampedGateBackward, .clampedGateUpBackward].contains(source.layer)
            || source.layer == .gate && step.layer == nil
        } ?? true
      guard isOfMixture else { continue }
      var output = trace[step.name]
      #expect(LocalGradients.measure(step, trace)?.verdict == .within, "\(step.name)")
      let place = try #require(
        output.elements.indices.max { output.elements[$0].magnitude < output.elements[$1].magnitude })
      output.elements[place] = output.elements[place].nextUp.nextUp
      #expect(LocalGradients.measure(step, trace, output: output)?.verdict == .outside, "\(step.name)")
      slipped += 1
    }
    #expect(slipped >= 8)
  }

  /// The survey run by run says what the exact path says of every element.
  @Test(arguments: [1, 2]) func theFilterOfProductsSaysWhatTheExactPathSays(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    func numbers(_ shape: [Int]) -> CaseTensor {
      let count = shape.reduce(1, *)
      // Some zeros, some numbers that cancel, some whose products are Float32s: few, as the exact path must look at those.
      let elements = (0..<count).map { index -> Float in
        let bits = random.next()
        if bits % 11 == 0 { return 0 }
        if bits % 97 == 0 { return index % 2 == 0 ? 1.5 : -1.5 }
        return Float(sign: .plus, exponent: Int(bits % 7) - 24, significand: Float((Int64(bitPattern: bits) >> 40) | 1))
      }
      return .real(Activation(shape: shape, elements: elements))
    }
    let cases = [
      LayerCase(layer: .linearBackward, tensors: ["gradient": numbers([30, 9]), "weight": numbers([9, 41])]),
      LayerCase(layer: .linearWeightBackward, tensors: ["gradient": numbers([5, 37]), "x": numbers([5, 33])]),
      LayerCase(layer: .linearWeightBackward, tensors: ["gradient": numbers([1, 37]), "x": numbers([1, 33])]),
      LayerCase(layer: .linearBackward, tensors: ["gradient": numbers([130, 4200]), "weight": numbers([4200, 8])]),
      LayerCase(
        layer: .unembeddingBackward,
        tensors: ["x": numbers([24, 50]), "weight": numbers([7, 50]), "gradient": numbers([24, 7])]),
      LayerCase(
        layer: .embeddingBackward,
        tensors: [
          "gradient": numbers([6, 40]), "before": numbers([32, 40]),
          "tokens": .integer(Activation(shape: [6], elements: [3, 0, 3, 31, 3, 7])),
        ]),
    ]
    for source in cases {
      let input = try CheckedCase(source)
      #expect(Filter.hasRuns(input))
      var output = Catalogue.engine(input)
      for isWrong in [false, true] {
        if isWrong { output.elements[77] = output.elements[77].nextUp.nextUp }
        var judge = CaseJudge(input)
        let (drift, resolved) = judge.decide(output)
        #expect(resolved != nil, "\(source.layer) was not surveyed")
        #expect(drift.verdict == (isWrong ? .outside : .within), "\(source.layer)")
        // The exact path takes minutes for all sums of thousands of terms.
        if input.extents.values.contains(where: { $0 > 4000 }) { continue }
        let exact = judge.decideExactly(output)
        #expect(drift.verdict == exact.verdict && drift.verdict == (isWrong ? .outside : .within), "\(source.layer)")
        #expect(drift.worstUlps == exact.worstUlps && drift.margin == exact.margin, "\(source.layer)")
        #expect(drift.medianUlps == exact.medianUlps && drift.worstAbsolute == exact.worstAbsolute, "\(source.layer)")
      }
    }
  }

  @Test func whatHasNoGradientIsRefusedByName() throws {
    for (name, words) in [("bert", "encoder"), ("gptossmx", "in blocks")] {
      let transformer = try ModelGradientTests.model(name).transformer
      let refusal = #expect(throws: BackwardRefusal.self) { try BackwardPlan(transformer) }
      #expect(refusal?.description.contains(words) == true, "\(name): \(refusal?.description ?? "")")
    }
    #expect(throws: GradientError.self) {
      try GradientMeasurement(model: .seeded, tokens: [1], digits: 15).report()
    }
  }

  /// Each step stands after those whose gradients it takes, tied tensors have one gradient, and parts one place each.
  @Test(arguments: ModelGradientTests.models) func stepsStandAfterWhatTheyTake(name: String) throws {
    let transformer = try ModelGradientTests.model(name).transformer
    let plan = try BackwardPlan(transformer)
    var seen = Set<GradientName>()
    for step in plan.steps {
      #expect(step.gradients.allSatisfy(seen.contains), "\(step.name)")
      #expect(seen.insert(step.name).inserted, "\(step.name) twice")
    }
    for tensor in plan.weights {
      #expect(seen.contains(GradientName(.weight(tensor.name))), "\(tensor.name)")
      let place = try #require(tensor.place)
      let width = tensor.shape.dropFirst().reduce(1, *)
      let indices = (0..<tensor.count).map { place.index(row: $0 / width, column: $0 % width) }
      #expect(Set(indices).count == tensor.count && indices.allSatisfy((0..<place.count).contains))
    }
    #expect(
      plan.weights.map(\.name)
        == transformer.tensors.filter { $0.place != nil && !Self.isOfChoice($0.name) }.map(\.name))
  }
}
