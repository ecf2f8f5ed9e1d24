import Plumbline
import Testing

@testable import PlumbDrift
@testable import PlumbFuzzing

/// Bugs planted in one step of a pass, and whether they are found again from the dump alone.
@Suite struct DiagnosisTests {
  private static let tokens = [72, 101, 108, 33]

  /// What is said of the engine's pass with `mutant`'s bug in the step `name`.
  private func diagnose(_ name: ActivationName, _ mutant: Mutant) throws -> FirstCause? {
    let transformer = ShippedModel.transformer
    let trace = try EngineTrace.record(transformer, Self.tokens)
    var tensors: [ActivationName: DumpedTensor] = [:]
    for (key, activation) in trace.activations {
      tensors[key] = DumpedTensor(tensor: key.description, storage: .float32, activation: activation)
    }
    let step = DiagnosedStep(name: name, transformer: transformer, tokens: Self.tokens)
    let input = try #require(step.makeCase(trace.activations))
    let shape = trace[name.role, in: name.block].shape
    tensors[name]?.activation = mutant.output(input).reshaped(shape)
    let dump = ActivationDump(tokens: Self.tokens, tensors: tensors)
    var measurement = GradeMeasurement(model: .shipped, dump: dump, arithmetic: .f32)
    let (segment, drift) = try measurement.measure(name)
    guard drift.verdict == .outside else { return nil }
    return Diagnosis(GradeFailure(measurement: measurement, segment: segment, drift: drift), patience: .seconds(5))
      .explanation()
  }

  @Test(arguments: [
    (ActivationName.Role.attentionNorm, "sum-for-mean"), (.query, "transposed-if-square"),
    (.value, "last-input-skipped"),
    (.rotatedQuery, "pairing-swapped"), (.rotatedKey, "position-plus-1"), (.attentionScores, "scale-1-over-d"),
    (.attentionScores, "heads-modulo"), (.attentionWeights, "base-2"), (.attentionValues, "heads-modulo"),
    (.attentionResidual, "residual-twice"), (.feedForwardNorm, "weight-forgotten"), (.activatedGate, "quick-gelu"),
    (.gatedUp, "added"), (.down, "negative-cut-off"),
  ])
  func aPlantedBugIsNamed(_ role: ActivationName.Role, _ bug: String) throws {
    let name = ActivationName(block: 1, role)
    let mutant = try #require(Mutant.of(name.layer).first { $0.name == bug })
    let cause = try #require(try diagnose(name, mutant))
    #expect(cause.name == name.description)
    let named = cause.explanations.map(\.mutant)
    #expect(named.contains("\(name.layer.rawValue) \(bug)"), "\(named) \(cause.refuted)")
    // Those that are named beside it must do what it does; there cannot be many.
    #expect(cause.explanations.count <= 3, "\(named)")
    #expect(cause.refuted.allSatisfy { $0.margin > 1 })
  }

  @Test func twoBugsAtOnceAreNamedTogether() throws {
    let name = ActivationName(block: 0, .rotatedQuery)
    let mutants = Mutant.of(.rotaryEmbedding)
    let first = try #require(mutants.first { $0.name == "sign-of-sine" })
    let second = try #require(mutants.first { $0.name == "exponent-halved" })
    let both = try #require(Mutant.both(first, second))
    let cause = try #require(try diagnose(name, both))
    let named = cause.explanations.map(\.mutant)
    #expect(
      named.contains("rotary-embedding sign-of-sine + exponent-halved")
        || named.contains("rotary-embedding exponent-halved + sign-of-sine"), "\(named)")
  }

  @Test func anUnknownBugIsDescribed() throws {
    let name = ActivationName(block: 1, .gate)
    let odd = Mutant(.linear, "odd", "Nobody thought of it.") { input in
      var output = Mutant.control(of: .linear).output(input)
      for index in output.elements.indices where index / output.columns == 2 { output.elements[index] *= 1.5 }
      return output
    }
    let cause = try #require(try diagnose(name, odd))
    #expect(cause.explanations.isEmpty)
    #expect(cause.shape.contains("Only tokens 2 of 4 are touched."), "\(cause.shape)")
    #expect(cause.shape.contains("Each is 1.5 times what it should be."), "\(cause.shape)")
  }
}
