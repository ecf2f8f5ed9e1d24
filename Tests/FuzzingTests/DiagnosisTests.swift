import PlumbCases
import PlumbFormats
import PlumbModel
import PlumbTolerance
import PlumbVerdicts
import Testing

@testable import PlumbGrading
@testable import PlumbMutants

/// Bugs planted in one step of a pass, and whether they are found again from the dump alone.
@Suite struct DiagnosisTests {
  private static let tokens = [72, 101, 108, 33]
  /// Longer than all pairs and proofs take, so that no clock decides what is expected.
  private static let patience = Duration.seconds(600)

  private static func step(_ name: ActivationName) -> Step { SeededModel.transformer.plan.step(name) }

  /// The diagnosis of the engine's pass with `mutant`'s bug in the step `name`.
  private func diagnose(
    _ name: ActivationName, _ mutant: Mutant, patience: Duration = patience
  ) throws -> FirstCause? {
    try failure(name, mutant).map { Diagnosis($0, patience: patience).explanation() }
  }

  /// The engine's pass with `mutant`'s bug in the step `name`, where that is outside its bound.
  ///
  /// The dump has `storage`'s numbers. Where it lacks the step, what follows it up to `end` is computed without a bug.
  private func failure(
    _ name: ActivationName, _ mutant: Mutant, storage: FloatFormat = .float32, end: ActivationName? = nil,
    lacking: Set<ActivationName> = []
  ) throws -> GradeFailure? {
    try failure(name, storage: storage, end: end, lacking: lacking) { mutant.output($0) }
  }

  /// The same where the step `name` gives what `wrong` makes of its case.
  private func failure(
    _ name: ActivationName, storage: FloatFormat = .float32, end: ActivationName? = nil,
    lacking: Set<ActivationName> = [], wrong: (CheckedCase) throws -> Activation<Float>
  ) throws -> GradeFailure? {
    let transformer = SeededModel.transformer
    var activations = try EngineTrace.record(transformer, Self.tokens).activations
    let all = transformer.plan.names
    let end = end ?? name
    let places = try #require(all.firstIndex(of: name))...(try #require(all.firstIndex(of: end)))
    for place in all[places] where place == name || transformer.plan.inputs(of: place).contains(name) {
      let step = DiagnosedStep(step: transformer.plan.step(place), transformer: transformer, tokens: Self.tokens)
      let input = try #require(step.makeCase(activations))
      let output = try place == name ? wrong(input) : Mutant.control(of: step.step.layer).output(input)
      activations[place] = output.reshaped(transformer.plan.shape(of: place, tokens: Self.tokens.count))
    }
    var tensors: [ActivationName: DumpedTensor] = [:]
    for (key, activation) in activations where key == end || key != name && !lacking.contains(key) {
      tensors[key] = DumpedTensor(
        tensor: key.description, storage: storage,
        activation: storage == .bfloat16 ? activation.kept(in: .bfloat16) : activation)
    }
    let dump = ActivationDump(tokens: Self.tokens, tensors: tensors)
    var measurement = GradeMeasurement(model: .seeded, dump: dump, arithmetic: .f32)
    let (segment, drift) = measurement.measure(end)
    guard drift.verdict == .outside else { return nil }
    return GradeFailure(measurement: measurement, segment: segment, drift: drift)
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
    let mutant = try #require(Mutant.of(Self.step(name).layer).first { $0.name == bug })
    let cause = try #require(try diagnose(name, mutant))
    #expect(cause.name == name.description)
    let named = cause.explanations.map(\.mutant)
    #expect(named.contains("\(Self.step(name).layer.rawValue) \(bug)"), "\(named) \(cause.refuted)")
    // Those that are named beside it must do what it does; there cannot be many.
    #expect(cause.explanations.count <= 3, "\(named)")
    #expect(cause.refuted.allSatisfy { $0.margin > 1 })
    // All that is named is decided in exact arithmetic, not estimated.
    #expect(cause.explanations.allSatisfy { $0.proved })
  }

  /// Numbers that are in no list, in the step that the dump has or within what it lacks.
  @Test(arguments: [
    (ActivationName.Role.attentionNorm, "epsilon", Float(0.37), ActivationName.Role.attentionNorm),
    (.attentionScores, "scale", 0.07, .attentionScores), (.attentionScores, "scale", 0.43, .attentionWeights),
    (.rotatedKey, "theta", 123_456, .rotatedKey),
  ]) func aNumberIsSolvedFor(
    _ role: ActivationName.Role, _ attribute: String, _ number: Float, _ end: ActivationName.Role
  ) throws {
    let (name, end) = (ActivationName(block: 1, role), ActivationName(block: 1, end))
    let layer = Self.step(name).layer
    let found = try failure(name, end: end) { input in
      let other = try CheckedCase(input.source.setting(attribute, .real(number)))
      return Mutant.control(of: layer).output(other)
    }
    let cause = Diagnosis(try #require(found), patience: Self.patience).explanation()
    #expect(cause.explanations.first?.mutant == "\(layer.rawValue) \(attribute)=\(number)", "\(cause)")
    #expect(cause.explanations.first?.proved == true)
  }

  /// Positions behind padding, of any length, from the rotated numbers or from scores alone.
  @Test(arguments: [
    (ActivationName.Role.rotatedQuery, 2, ActivationName.Role.rotatedQuery), (.rotatedKey, 37, .rotatedKey),
    (.rotatedQuery, 411, .rotatedQuery), (.rotatedKey, 5, .attentionScores),
  ]) func positionsShiftedByPaddingAreNamed(
    _ role: ActivationName.Role, _ shift: Int, _ end: ActivationName.Role
  ) throws {
    let name = ActivationName(block: 1, role)
    let mutant = Mutant(.rotaryEmbedding, "padded", "Positions count from \(shift).") { input in
      let shifted = try? CheckedCase(input.source.setting("firstPosition", .integer(shift)))
      return Mutant.control(of: .rotaryEmbedding).output(shifted ?? input)
    }
    let failure = try #require(try failure(name, mutant, end: ActivationName(block: 1, end)))
    let cause = Diagnosis(failure, patience: Self.patience).explanation()
    let named = cause.explanations.first { $0.mutant == "rotary-embedding position-plus-\(shift)" }
    #expect(named?.proved == true, "\(cause.explanations) \(cause.refuted)")
    #expect(cause.explanations.count <= 2, "\(cause.explanations)")
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
    #expect(cause.explanations.allSatisfy { $0.proved })
  }

  @Test func pairsThatWereNotTriedAreCounted() throws {
    let mutants = Mutant.of(.rotaryEmbedding)
    let first = try #require(mutants.first { $0.name == "sign-of-sine" })
    let second = try #require(mutants.first { $0.name == "exponent-halved" })
    let failure = try failure(ActivationName(block: 0, .rotatedQuery), try #require(Mutant.both(first, second)))
    let cause = Diagnosis(try #require(failure), patience: .zero).explanation()
    // Every two of the bugs that set properties: those that spoil an output are not planted beside another.
    let plantable = mutants.count { $0.plant != nil && $0.proof == nil }
    #expect(cause.untriedPairs == plantable * (plantable - 1) / 2)
    #expect(
      cause.paragraphs(isWhole: true).contains { $0.text.hasPrefix("\(cause.untriedPairs) pairs of bugs were not") })
  }

  @Test func twoBugsThatCanBeRestatedAreProved() throws {
    let mutants = Mutant.of(.rotaryEmbedding)
    let first = try #require(mutants.first { $0.name == "pairing-swapped" })
    let second = try #require(mutants.first { $0.name == "position-plus-1" })
    let both = try #require(Mutant.both(first, second))
    let cause = try #require(try diagnose(ActivationName(block: 0, .rotatedQuery), both))
    let explanation = try #require(
      cause.explanations.first { $0.mutant == "rotary-embedding pairing-swapped + position-plus-1" })
    #expect(explanation.proved)
  }

  /// Enclosures tell what the dump has rounded, and what it lacks between two of its activations.
  @Test(arguments: [
    (ActivationName.Role.activatedGate, "quick-gelu", ActivationName.Role.activatedGate, true),
    (.attentionResidual, "averaged", .attentionResidual, true),
    (.rotatedQuery, "sign-of-sine", .rotatedQuery, true),
    (.activatedGate, "sigmoid-alone", .gatedUp, false), (.attentionScores, "scale-1-over-d", .attentionWeights, false),
    (.attentionNorm, "sum-for-mean", .query, false),
  ]) func aBugOfANarrowOrSparseDumpIsProved(
    _ role: ActivationName.Role, _ bug: String, _ end: ActivationName.Role, isNarrow: Bool
  ) throws {
    let name = ActivationName(block: 1, role)
    let mutant = try #require(Mutant.of(Self.step(name).layer).first { $0.name == bug })
    let failure = try #require(
      try failure(
        name, mutant, storage: isNarrow ? .bfloat16 : .float32, end: ActivationName(block: 1, end)))
    let cause = Diagnosis(failure, patience: Self.patience).explanation()
    let explanation = cause.explanations.first { $0.mutant == "\(Self.step(name).layer.rawValue) \(bug)" }
    #expect(explanation?.proved == true, "\(cause.explanations) \(cause.refuted)")
  }

  /// Another layer's weights in a dump that has rounded what the engine had.
  @Test func anotherLayersWeightsInANarrowDumpAreProved() throws {
    let name = ActivationName(block: 1, .value)
    let swapped = Mutant(.linear, "swapped", "The weights are those of the key.") { input in
      let weight = DiagnosedStep.numbers(Self.step(ActivationName(block: 1, .key)).operation.tensors[0])
      let other = try? CheckedCase(input.source.replacing("weight", weight))
      return Mutant.control(of: .linear).output(other ?? input)
    }
    let failure = try #require(try failure(name, swapped, storage: .bfloat16))
    let cause = Diagnosis(failure, patience: Self.patience).explanation()
    let explanation = cause.explanations.first { $0.mutant == "linear weights-of-key" }
    #expect(explanation?.proved == true, "\(cause.explanations) \(cause.refuted)")
  }

  /// A position that a mask excludes in a segment is known of nobody: that it plays no part must not be concluded from that.
  @Test(arguments: ["no-mask", "mask-one-long", "mask-one-short"])
  func aWrongMaskInASegmentIsNotRefuted(_ mask: String) throws {
    let (scores, weights) = (
      ActivationName(block: 1, .attentionScores), ActivationName(block: 1, .attentionWeights)
    )
    let transformer = SeededModel.transformer
    let activations = try EngineTrace.record(transformer, Self.tokens).activations
    let step = DiagnosedStep(step: Self.step(weights), transformer: transformer, tokens: Self.tokens)
    let hypothesis = try #require(
      Hypothesis.all(of: Self.step(weights), in: transformer).first { $0.name == "softmax \(mask)" })
    let output = try #require(hypothesis.output(step, activations))
    let failure = try #require(
      try failure(weights, Mutant(.softmax, mask, "A mask is wrong.") { _ in output }, lacking: [scores]))
    let cause = Diagnosis(failure, patience: Self.patience).explanation()
    #expect(
      cause.explanations.contains { $0.mutant == "softmax \(mask)" }, "\(cause.explanations) \(cause.refuted)")
  }

  /// The input that is said to tell two bugs apart does: each of them, run on it again, gives what was foretold.
  @Test(arguments: [
    (ActivationName.Role.rotatedKey, "sign-of-sine", "pairing-swapped", true),
    (.attentionScores, "cap-forgotten", "scale-ignored", false),
    (.attentionNorm, "sum-for-mean", "weight-forgotten", true),
    (.activatedGate, "quick-gelu", "gelu-tanh", true), (.query, "transposed", "last-input-skipped", true),
  ]) func twoBugsAreToldApart(_ role: ActivationName.Role, _ one: String, _ two: String, hasModel: Bool) throws {
    let name = ActivationName(block: 1, role)
    let mutants = try [one, two].map { bug in try #require(Mutant.of(Self.step(name).layer).first { $0.name == bug }) }
    // Which bug the dump has plays no part, as the layer's parameters are the model's. It has no soft cap and no scale.
    let shows =
      hasModel ? mutants[0] : try #require(Mutant.of(Self.step(name).layer).first { $0.name == "scale-1-over-d" })
    let failure = try #require(try failure(name, shows))
    let bugs = mutants.map { (bug: Hypothesis($0), step: Self.step(name)) }
    let found = TellingCase(failure).distinction(bugs[0], bugs[1])
    #expect(found.mutants == bugs.map(\.bug.name))
    let input = try CheckedCase(CaseLine.parse(try #require(found.replay)))
    let index = try #require(found.index)
    let outputs = mutants.map { $0.output(input) }
    let place = zip(index, outputs[0].shape).reduce(0) { $0 * $1.1 + $1.0 }
    #expect(found.outputs == outputs.map { $0.elements[place] })
    #expect(found.outputs?[0] != found.outputs?[1])
    // Where the model's own parameters let them do the same, the input has others, and that is said.
    #expect(found.advice.hasPrefix("To tell ") == hasModel, "\(found.advice)")
  }

  @Test func theSameBugIsToldFromItselfByNothing() throws {
    let name = ActivationName(block: 1, .activatedGate)
    let mutant = try #require(Mutant.of(.silu).first { $0.name == "quick-gelu" })
    let failure = try #require(try failure(name, mutant))
    let found = TellingCase(failure).distinction(
      (Hypothesis(mutant), Self.step(name)), (Hypothesis(mutant), Self.step(name)))
    #expect(found.replay == nil && found.index == nil && found.advice.hasSuffix("they do the same."))
  }

  @Test func anUnknownBugIsDescribed() throws {
    let name = ActivationName(block: 1, .gate)
    let odd = Mutant(.linear, "odd", "Nobody thought of it.") { input in
      var output = Mutant.control(of: .linear).output(input)
      for index in output.elements.indices where index / output.columns == 2 { output.elements[index] *= 1.5 }
      return output
    }
    // Some of the pairs will do: no bug of a layer touches one token alone by a factor.
    let cause = try #require(try diagnose(name, odd, patience: .seconds(5)))
    #expect(cause.explanations.isEmpty)
    #expect(cause.shape.contains("Only tokens 2 of 4 are touched."), "\(cause.shape)")
    #expect(cause.shape.contains("Each is 1.5 times what it should be."), "\(cause.shape)")
  }
}
