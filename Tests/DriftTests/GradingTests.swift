import PlumbFormats
import PlumbModel
import PlumbTolerance
import Testing

@testable import PlumbGrading
@testable import PlumbReports
@testable import PlumbVerdicts

/// Dumps of the engine's own pass, sound and spoilt, against what grading must say of them.
@Suite struct GradingTests {
  private static let tokens = [72, 101, 108]

  /// The shipped model's pass as a file, after `change`.
  private func file(
    without missing: Set<ActivationName.Role> = [],
    _ change: (ActivationName, inout Activation<Float>) -> Void = { _, _ in }
  ) throws -> SafeTensors {
    let trace = try EngineTrace.record(SeededModel.transformer, Self.tokens)
    var writer = SafeTensorsWriter()
    for name in trace.order where !missing.contains(name.role) {
      var activation = trace[name.role, in: name.block]
      change(name, &activation)
      writer.add(name.description, shape: activation.shape, activation.elements)
    }
    return try SafeTensors(bytes: WeightArray(writer.bytes()), file: "dump")
  }

  private func grade(
    _ file: SafeTensors, tokens: [Int] = Self.tokens, names: NameTable? = nil, arithmetic: ArithmeticModel? = .f32
  ) throws -> GradeReport {
    let dump = try ActivationDump(file, path: "dump", model: .seeded, tokens: tokens, names: names)
    return try GradeMeasurement(model: .seeded, dump: dump, arithmetic: arithmetic).report(isCumulative: false).report
  }

  @Test func theEngineItselfIsWithin() throws {
    let dump = try ActivationDump(try file(), path: "dump", model: .seeded, tokens: Self.tokens)
    let report = try GradeMeasurement(model: .seeded, dump: dump).report(isCumulative: true).report
    #expect(report.verdict == .within && report.firstCause == nil)
    #expect(report.activations.count == SeededModel.transformer.plan.names.count)
    #expect(report.activations.allSatisfy { $0.bridged.isEmpty && $0.accumulated != nil })
    #expect(report.names == "plumb" && report.arithmetic == "f32" && report.notes.isEmpty)
  }

  /// A number that is spoilt in one activation is that activation's, though everything after it was computed without it.
  @Test(arguments: [ActivationName.Role.attentionScores, .down])
  func theSpoiltActivationIsTheCause(_ role: ActivationName.Role) throws {
    let name = ActivationName(block: 1, role)
    let report = try grade(
      file { if $0 == name { $1.elements[0] += 0x1p-6 } })
    #expect(report.firstCause?.name == name.description)
    #expect(report.verdict == .outside)
    // Before the spoilt one, nothing is outside.
    let before = report.activations.prefix { $0.name != name.description }
    #expect(before.allSatisfy { $0.local.verdict == .within })
  }

  /// An error that is handed on is nobody's but its maker's: the pass goes on from a wrong block input.
  @Test func inheritedErrorIsNotBlamed() throws {
    let trace = try EngineTrace.record(SeededModel.transformer, Self.tokens)
    let other = try EngineTrace.record(SeededModel.transformer, [1, 2, 3])
    var writer = SafeTensorsWriter()
    // Block 0 is of one pass, everything behind it of another: only where they meet is anything wrong.
    for name in trace.order {
      let isFirst = name.role == .embedding || name.block == 0
      let activation = (isFirst ? trace : other)[name.role, in: name.block]
      writer.add(name.description, shape: activation.shape, activation.elements)
    }
    let report = try grade(SafeTensors(bytes: WeightArray(writer.bytes()), file: "dump"))
    #expect(report.firstCause?.name == "blocks.1.attention-norm")
    let outside = report.activations.filter { $0.local.verdict == .outside }.map(\.name)
    #expect(outside == ["blocks.1.attention-norm", "blocks.1.attention-residual"])
  }

  @Test func whatIsMissingIsBridged() throws {
    let missing: Set<ActivationName.Role> = [
      .rotatedQuery, .rotatedKey, .attentionScores, .attentionWeights, .attentionResidual, .gatedUp,
    ]
    let report = try grade(file(without: missing))
    #expect(report.verdict == .within, "\(report.firstCause.map { "\($0)" } ?? "")")
    let values = try #require(report.activations.first { $0.name == "blocks.0.attention-values" })
    #expect(values.from == ["blocks.0.query", "blocks.0.key", "blocks.0.value"])
    #expect(
      values.bridged == [
        "blocks.0.rotated-query", "blocks.0.rotated-key", "blocks.0.attention-scores", "blocks.0.attention-weights",
      ])
    let spoilt = try grade(
      file(without: missing) { if $0.description == "blocks.1.attention-values" { $1.elements[3] += 0x1p-6 } })
    #expect(spoilt.firstCause?.name == "blocks.1.attention-values")
    #expect(
      spoilt.firstCause?.layers == [
        "rotary-embedding", "rotary-embedding", "attention-scores", "softmax", "attention-values",
      ])
  }

  @Test func logitsAloneAreCheckedFromTheTokens() throws {
    let all = Set(ActivationName.Role.allCases)
    let report = try grade(file(without: all.subtracting([.logits])))
    #expect(report.activations.count == 1 && report.activations[0].from.isEmpty)
    #expect(report.activations[0].bridged.count == 38)
    // Bounds of the worst case grow by thousands a block: two blocks on, a Float32 engine may divide by 0.
    #expect(report.verdict == .outsideDomain && report.firstCause == nil)
    let reason = try #require(report.activations[0].unclaimed)
    #expect(reason.hasPrefix("Nothing can be claimed of 'logits': 2 blocks lie between the tokens and it"), "\(reason)")
    #expect(reason.contains("'blocks.{block}.feed-forward-residual', of blocks 0 to 1,"), "\(reason)")
    #expect(!GradeTable(report).text.contains("overflow"))
  }

  @Test func theLastLineSaysWhatToDoWithColoursAndWithout() throws {
    #expect(!GradeTable(try grade(file { _, _ in })).text.contains("Next: "))
    let spoilt = try grade(file { if $0.description == "blocks.1.gate" { $1.elements[161] = .nan } })
    let (plain, coloured) = (GradeTable(spoilt).text, GradeTable(spoilt, isColoured: true).text)
    #expect(plain.split(separator: "\n").suffix(3).contains { $0.hasPrefix("Next: ") }, "\(plain)")
    #expect(coloured.contains("\u{1B}[1;31m") && !plain.contains("\u{1B}"))
    #expect(coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "") == plain)
  }

  /// The reason is the one that holds: what is not finite, what lies between, what may overflow.
  @Test func whyNothingIsClaimedIsSaid() throws {
    let spoilt = try grade(file { if $0.description == "blocks.1.gate" { $1.elements[161] = .nan } })
    let after = spoilt.activations.first { $0.name == "blocks.1.activated-gate" }
    #expect(
      after?.unclaimed
        == "Nothing can be claimed of 'blocks.1.activated-gate': its input 'blocks.1.gate' is not finite everywhere.")
    #expect(spoilt.activations.filter { $0.local.verdict == .within }.allSatisfy { $0.unclaimed == nil })
    let said = GradeTable(spoilt).text.split { $0.isWhitespace }.joined(separator: " ")
    #expect(said.contains("its element [1, 1] is not a number, where the exact value is"), "\(said)")
    let great = try grade(file { if $0.description == "blocks.1.gate" { $1.elements[0] = -200 } })
    let gate = great.activations.first { $0.name == "blocks.1.activated-gate" }
    if let gate, gate.local.verdict == .outsideDomain {
      #expect(gate.unclaimed?.hasSuffix("an intermediate of it may overflow, or a divisor be 0.") == true)
      #expect(gate.unclaimed?.contains("1 of 480 elements of") == true, "\(gate.unclaimed ?? "")")
    }
  }

  /// A factor is said with the digits that tell it from 1, a range where it is none, and nothing where there is no factor.
  @Test func factorsAreSaidAsTheyAre() {
    func sentences(_ factors: [Float]) -> [String] {
      let exact = factors.indices.map { Double($0 + 1) }
      let dumped = Activation(shape: [1, factors.count], elements: zip(exact, factors).map { Float($0) * $1 })
      return ErrorShape(labels: ["tokens", "hidden"], dumped: dumped, exact: exact, bounds: exact.map { $0 * 0x1p-40 })
        .sentences
    }
    #expect(sentences([1.5, 1.5]).contains("Each is 1.5 times what it should be."))
    #expect(sentences([1.00001, 1.00001, 1.00001]).contains("Each is 1.00001 times what it should be."))
    #expect(sentences([-1, -1]).contains("Each is -1.0 times what it should be."))
    #expect(sentences([1.0002, 1.0009]).contains("Each is 1.0002 to 1.0009 times what it should be."))
    #expect(!sentences([1 + 0x1p-22, 1 - 0x1p-22]).contains { $0.hasPrefix("Each") })
    #expect(sentences([.nan, 1.5, 1.5]).contains("1 of them is not finite."))
  }

  /// A dump rounded to bfloat16 has its own bounds: nothing is blamed on it, and a bug that shows is found.
  @Test func storageInBfloat16HasItsOwnBounds() throws {
    func rounded(_ value: Float) -> Float {
      let bits = value.bitPattern
      return Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000)
    }
    func dump(_ change: (ActivationName, inout Activation<Float>) -> Void = { _, _ in }) throws -> SafeTensors {
      let trace = try EngineTrace.record(SeededModel.transformer, Self.tokens)
      var writer = SafeTensorsWriter()
      for name in trace.order {
        var activation = trace[name.role, in: name.block]
        change(name, &activation)
        let words = activation.elements.map { UInt16(rounded($0).bitPattern >> 16) }
        writer.add(
          name.description, .bf16, shape: activation.shape,
          bytes: words.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] })
      }
      return try SafeTensors(bytes: WeightArray(writer.bytes()), file: "dump")
    }
    for arithmetic in [nil, ArithmeticModel.f32] {
      #expect(try grade(dump(), arithmetic: arithmetic).verdict == .within)
      let spoilt = try grade(
        dump { if $0.description == "blocks.0.key" { $1 = $1.map { $0 * 1.25 } } }, arithmetic: arithmetic)
      #expect(spoilt.firstCause?.name == "blocks.0.key")
      #expect(spoilt.firstCause?.shape.contains { $0.contains("1.25") } == true, "\(spoilt.firstCause?.shape ?? [])")
    }
  }

  @Test func layoutsAreTaken() throws {
    let report = try grade(
      file { name, activation in
        switch name.role {
        case .query: activation = activation.reshaped([1, 3, 64])
        case .rotatedQuery: activation = activation.swappingFirstAxes()
        case .down: activation = activation.reshaped([1] + activation.shape)
        case .attentionWeights:
          // Room for five positions more in a cache, which nobody attends to.
          let rows = (0..<activation.rows).map { Array(activation.row($0)) + [Float](repeating: 0, count: 5) }
          activation = Activation(shape: [1, 4, 3, 8], elements: rows.flatMap { $0 })
        default: break
        }
      })
    #expect(report.verdict == .within)
  }

  @Test func permutedRowsAreRecognised() throws {
    let report = try grade(
      file { name, activation in
        guard name.description == "blocks.0.query" else { return }
        let x = activation
        for start in stride(from: 0, to: x.elements.count, by: 16) {
          for index in 0..<8 {
            activation.elements[start + index] = x.elements[start + 2 * index]
            activation.elements[start + 8 + index] = x.elements[start + 2 * index + 1]
          }
        }
      })
    #expect(report.verdict == .within)
    #expect(report.notes.contains { $0.contains("looks permuted") && $0.contains("blocks.0.query") })
  }

  /// However many tensors stand in another order, that is said once.
  @Test func whatIsPermutedEverywhereIsSaidOnce() throws {
    let report = try grade(
      file { name, activation in
        guard [.query, .key, .rotatedQuery, .rotatedKey].contains(name.role) else { return }
        let x = activation
        for start in stride(from: 0, to: x.elements.count, by: 16) {
          for index in 0..<8 {
            activation.elements[start + index] = x.elements[start + 2 * index]
            activation.elements[start + 8 + index] = x.elements[start + 2 * index + 1]
          }
        }
      })
    #expect(report.verdict == .within)
    let notes = report.notes.filter { $0.contains("looks permuted") }
    #expect(notes.count == 1 && notes[0].contains("so do 7 more"), "\(report.notes)")
  }

  @Test func notANumberHasABeginning() throws {
    let report = try grade(
      file { name, activation in
        if name.description == "blocks.1.gate" { activation.elements[161] = .nan }
        if name.description == "blocks.1.activated-gate" { activation.elements[161] = .nan }
      })
    #expect(report.firstCause?.name == "blocks.1.gate")
    #expect(report.notes.contains { $0.contains("NaN begins in 'blocks.1.gate' at [1, 1]") }, "\(report.notes)")
    let after = report.activations.first { $0.name == "blocks.1.activated-gate" }
    #expect(after?.local.verdict == .outsideDomain)
  }

  @Test func badDumpsAreOneLine() throws {
    func refusal(_ fill: (inout SafeTensorsWriter) -> Void) throws -> String {
      var writer = SafeTensorsWriter()
      fill(&writer)
      let file = try SafeTensors(bytes: WeightArray(writer.bytes()), file: "dump")
      do {
        _ = try ActivationDump(file, path: "dump", model: .seeded, tokens: Self.tokens)
        return ""
      } catch {
        return "\(error)"
      }
    }
    let zeros = { (count: Int) in [Float](repeating: 0, count: count) }
    for (text, word) in [
      (try refusal { _ in }, "no tensors"),
      (try refusal { $0.add("blocks.0.qery", shape: [1], [0] as [Float]) }, "'blocks.{block}.query'"),
      (try refusal { $0.add("final-norm", shape: [64, 3], zeros(192)) }, "looks transposed"),
      (try refusal { $0.add("final-norm", shape: [7, 64], zeros(448)) }, "a dump of 7 tokens"),
      (try refusal { $0.add("final-norm", shape: [3, 128], zeros(384)) }, "another model"),
      (try refusal { $0.add("final-norm", shape: [2, 3, 64], zeros(384)) }, "a batch of 2"),
      (try refusal { $0.add("final-norm", .i32, shape: [3, 64], bytes: [UInt8](repeating: 0, count: 768)) }, "I32"),
    ] {
      #expect(text.contains(word) && !text.contains { $0.isNewline }, "\(text)")
    }
  }

  @Test func aDumpOfOtherTokensIsRecognised() throws {
    let error = #expect(throws: GradeError.self) { try grade(file(), tokens: [72, 101, 109]) }
    #expect(error?.problem.contains("108, not 109") == true, "\(error?.problem ?? "")")
  }

  @Test func everyActivationIsATestCase() throws {
    let report = try grade(file { if $0.description == "probabilities" { $1.elements[0] += 1 } })
    func count(_ tag: String) -> Int { report.junit.ranges(of: "<\(tag) ").count }
    #expect(count("testcase") == report.activations.count)
    #expect(count("failure") == 1)
    let test = try #require(report.junit.split(separator: "<testcase ").first { $0.contains("name=\"probabilities\"") })
    #expect(test.contains("<failure message=\"first cause"))
  }

  /// Branches side by side may be added before the residual.
  ///
  /// In bfloat16 1 + 2⁻⁷ and 256 are 258, and with −256 they are 2, where the residual first gives 1. Where a norm reads the sum of
  /// the residual and the first branch, only one order is right.
  @Test(arguments: [("cohere", Verdict.within), ("llama", .outside)])
  func parallelBranchesMayBeAddedFirst(name: String, verdict: Verdict) throws {
    let model = try ModelGradientTests.model(name)
    let tokens = [1, 7]
    let width = model.transformer.plan.shape(of: ActivationName(block: 1, .down), tokens: 2)[1]
    var writer = SafeTensorsWriter()
    for (tensor, first) in [
      ("blocks.0.feed-forward-residual", -256), ("blocks.1.attention-output", 1 + 0x1p-7), ("blocks.1.down", 256),
      ("blocks.1.feed-forward-residual", 2),
    ] as [(String, Float)] {
      writer.add(tensor, shape: [2, width], [first] + [Float](repeating: 0, count: 2 * width - 1))
    }
    let file = try SafeTensors(bytes: WeightArray(writer.bytes()), file: "dump")
    let dump = try ActivationDump(file, path: "dump", model: model, tokens: tokens, names: .plumb)
    let report = try GradeMeasurement(model: model, dump: dump, arithmetic: .bf16).report(isCumulative: false).report
    #expect(report.activations.last?.name == "blocks.1.feed-forward-residual")
    #expect(report.activations.last?.local.verdict == verdict)
  }
}
