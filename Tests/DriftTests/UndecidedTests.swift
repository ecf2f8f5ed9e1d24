import Foundation
import PlumbExact
import PlumbFormats
import PlumbFuzzing
import PlumbModel
import Testing

@testable import PlumbBounds
@testable import PlumbCases
@testable import PlumbDrift
@testable import PlumbGrading
@testable import PlumbReports
@testable import PlumbVerdicts

/// Ties: a distance that is its bound, about a value that no precision encloses by itself.
///
/// Every decision stops at the greatest precision and says *undecided*, and every report counts it.
@Suite struct UndecidedTests {
  /// 3, enclosed ever more narrowly, with the bound 1 for each of `count` elements.
  private static func three(_ count: Int) -> (Int) -> PlumbBounds.Expectation {
    { precision in
      let ball = Ball(midpoint: 3, radius: .powerOfTwo(-precision))
      return PlumbBounds.Expectation(
        exact: Activation(shape: [count], elements: [Ball](repeating: ball, count: count)),
        bounds: [Rational?](repeating: 1, count: count))
    }
  }

  /// The drift of `elements`, each of which must be 3 and may be off by 1.
  private static func drift(_ elements: [Float]) -> LocalDrift {
    let output = Activation(shape: [elements.count], elements: elements)
    return LocalMeasurement.decide(output) { precision throws(EnclosureError) in
      three(elements.count)(precision)
    }
  }

  private static func activation(_ name: String, _ elements: [Float]) -> ActivationDrift {
    ActivationDrift(
      name: name, block: 0, layer: "linear", shape: [elements.count], local: drift(elements),
      accumulated: AccumulatedDrift(worstUlps: 1, worstAbsolute: 1, relative: 1, radius: 0))
  }

  @Test func theLoopEndsAtTheGreatestPrecision() {
    var tried: [Int] = []
    let drift = LocalMeasurement.decide(Activation(shape: [1], elements: [4])) { precision throws(EnclosureError) in
      tried.append(precision)
      return Self.three(1)(precision)
    }
    #expect(tried == [96, 192, 384, 768, 1536, 3072, 4096])
    #expect(drift.verdict == .undecided && drift.undecided == 1 && drift.outsideDomain == 0)
    #expect(drift.margin == 0 && drift.worst == nil && drift.margins.isEmpty)
    // How far it is, is known all the same: 1, in units of 2⁻²².
    #expect(drift.worstAbsolute >= 1 && drift.worstAbsolute < 1.001 && drift.worstUlps >= 0x1p22)
  }

  /// Beside elements that are decided, which keep their margins; above a thousand, by the survey too.
  @Test(arguments: [1, 1500]) func onlyTheTieIsOpen(_ others: Int) {
    let within = [Float](repeating: 3.5, count: others)
    let mixed = Self.drift(within + [4, 2])
    #expect(mixed.verdict == .undecided && mixed.undecided == 2)
    #expect(mixed.margin >= 0.5 && mixed.margin < 0.5001 && mixed.worst?.index == [0])
    #expect(mixed.margins.reduce(0) { $0 + $1.count } == others && mixed.ulps.reduce(0) { $0 + $1.count } == others + 2)
    let wrong = Self.drift(within + [4, 7])
    #expect(wrong.verdict == .outside && wrong.undecided == 1 && wrong.worst?.index == [others + 1])
    #expect(Self.drift(within).verdict == .within && Self.drift(within).undecided == 0)
  }

  @Test func theGraverVerdictIsTheOneOfTheWhole() {
    let order: [Verdict] = [.within, .outsideDomain, .undecided, .outside, .anotherExpert]
    for (i, a) in order.enumerated() { for (j, b) in order.enumerated() { #expect(a.joined(b) == order[max(i, j)]) } }
    #expect(Set(order) == Set(Verdict.allCases))
  }

  /// A choice between equal numbers: not one element can be said to be near what it must be.
  @Test func aChoiceThatIsNotDecidedLeavesAllOpen() {
    let output = Activation<Float>(shape: [2], elements: [1, 0])
    let open = LocalMeasurement.decide(output) { _ throws(EnclosureError) in throw .comparisonUndecided(function: "x") }
    #expect(open.verdict == .undecided && open.undecided == 2 && open.outsideDomain == 0)
    let undefined = LocalMeasurement.decide(output) { _ throws(EnclosureError) in throw .divisorContainsZero }
    #expect(undefined.verdict == .outsideDomain && undefined.undecided == 0 && undefined.outsideDomain == 2)
  }

  @Test func driftCountsAndShowsIt() throws {
    let (tie, sound) = (Self.activation("blocks.0.down", [4, 3]), Self.activation("blocks.0.up", [3, 3]))
    let conclusion = DriftTable.conclusion([sound, tie])
    #expect(conclusion.hasPrefix("Undecided: 1 element of 'blocks.0.down', which 4096 bits do not tell from the\n"))
    #expect(conclusion.hasSuffix("\n1 activations within."))
    #expect(conclusion.split(separator: "\n").allSatisfy { $0.count <= 80 })
    let row = try #require(ActivationRows([tie]).lines.first)
    #expect(row.contains(" undecided ") && row.count == ActivationRows([sound]).lines.first?.count)
    #expect(DriftTable.conclusion([sound]).hasPrefix("1 activations checked: all within"))
    let wrong = DriftTable.conclusion([Self.activation("blocks.0.down", [4, 9])])
    #expect(wrong.contains("1 outside") && wrong.contains("Undecided: 1 element"))
    let outcome = try PageReader(JUnitReport(DriftReport.tests(of: [tie, sound]), seconds: 1).text)
    #expect(outcome.all("skipped").count == 1 && outcome.all("failure").isEmpty)
    #expect(outcome.all("skipped").first?.attributes["message"]?.contains("undecided") == true)
    let json = try ReportJSON.text(of: [tie])
    #expect(json.contains("\"undecided\" : 1") && json.contains("\"verdict\" : \"undecided\""))
  }

  @Test func gradeCountsAndSaysWhy() throws {
    let tokens = [72, 101]
    let file = try SafeTensors(bytes: WeightArray(try ShippedDump.file(tokens)), file: "dump")
    let dump = try ActivationDump(file, path: "dump", model: .seeded, tokens: tokens)
    let measurement = GradeMeasurement(model: .seeded, dump: dump, arithmetic: .f32)
    let segment = Segment(ActivationName(block: 0, .down), in: SeededModel.transformer) { dump.tensors[$0] != nil }
    let count = dump.tensors[segment.end]?.activation.elements.count ?? 0
    let note = try #require(measurement.unclaimed(segment, Self.drift([4, 3])))
    let part = "Nothing can be claimed of 1 of \(count) elements"
    #expect(note.hasPrefix("\(part) of 'blocks.0.down': undecided, as 4096 bits"))
    #expect(measurement.unclaimed(segment, Self.drift([3, 3])) == nil)
    let tie = Self.activation("blocks.0.down", [4, 3])
    func report(_ drifts: [ActivationDrift]) -> GradeReport {
      GradeReport(
        isComplete: true, model: "m", fingerprint: "f", dump: "d", names: "plumb", tokens: tokens, texts: [],
        arithmetic: "f32",
        activations: drifts.map {
          GradedActivation(
            drift: $0, tensor: $0.name, storage: "F32", from: [], bridged: [],
            unclaimed: $0.local.undecided > 0 ? note : nil)
        }, notes: [], verdict: drifts.reduce(.within) { $0.joined($1.local.verdict) }, precision: nil, next: nil,
        topTokenProved: nil, attention: nil, seconds: 1)
    }
    let open = report([tie, Self.activation("blocks.0.up", [3])])
    let text = GradeTable(open).text
    #expect(open.verdict == .undecided && text.contains(" undecided "))
    #expect(text.contains("1 activations within, 1 undecided, 0 outside the domain: nothing is claimed of 1"))
    #expect(text.contains(part))
    #expect(open.junit.contains("<skipped"))
    #expect(GradeTable(report([Self.activation("blocks.0.up", [3])])).text.contains("all within"))
  }

  /// A model whose last norm divides zeros by their root: the pass ends there at every precision, and what is known without it
  /// is said.
  @Test(
    .enabled(
      if: ProcessInfo.processInfo.environment["PLUMB_FUZZ_EFFORT"] != nil,
      "tables of exponentials at 16,384 bits take minutes: .ci/nightly has it"
    ))
  func gradeIsSilentOfAPassThatNoPrecisionGives() throws {
    let shipped = SeededModel.transformer
    func zeros(_ tensor: Tensor) throws -> Tensor {
      try #require(
        Tensor(
          name: tensor.name, type: .f32, shape: tensor.shape,
          bytes: WeightArray([Float](repeating: 0, count: tensor.rows * tensor.columns))))
    }
    guard case .rms(let norm) = shipped.head.norm else {
      Issue.record("the last norm is another")
      return
    }
    let transformer = Transformer(
      name: "zeros", contextLength: 64,
      stem: Stem(tokens: EmbeddingLayer(weight: try zeros(shipped.stem.tokens.weight))),
      blocks: shipped.blocks,
      head: Head(norm: .rms(RMSNormLayer(weight: norm.weight, epsilon: 0)), unembedding: shipped.head.unembedding))
    let model = LoadedModel(
      transformer: transformer, tokenizer: LoadedModel.seeded.tokenizer, architecture: "llama", source: "a test")
    let tokens = [72, 101]
    let trace = try EngineTrace.record(transformer, tokens)
    var writer = SafeTensorsWriter()
    for name in trace.order where name.block != nil {
      writer.add(name.description, shape: trace[name].shape, trace[name].elements)
    }
    let file = try SafeTensors(bytes: WeightArray(writer.bytes()), file: "dump")
    let dump = try ActivationDump(file, path: "dump", model: model, tokens: tokens)
    let report = try GradeMeasurement(model: model, dump: dump, arithmetic: .f32).report(isCumulative: true).report
    #expect(report.verdict == .within && report.isComplete && report.precision == nil && report.next == nil)
    #expect(report.activations.allSatisfy { $0.accumulated == nil })
    #expect(
      report.notes == [
        "The exact pass from the tokens is undecided at 'final-norm', even at 16384 bits: no accumulated drift is claimed, and "
          + "no next token."
      ])
  }

  /// The survey leaves open what no precision decides: the greatest margin is another element's.
  @Test func theSurveySaysWhatRationalNumbersDo() throws {
    // Nine ties among numbers that are within, the last of them farthest, by 3 · 1499 ÷ 8192.
    let open = Set((0..<9).map { 150 * $0 + 3 })
    let elements = (0..<1500).map { index -> Float in
      if open.contains(index) { return index.isMultiple(of: 2) ? 4 : 2 }
      // On no edge of a bin.
      return 3 + Float(index) * 0x1p-12 + 0x1p-20
    }
    let few = Activation(shape: [elements.count], elements: elements)
    let three = Self.three(1)(LocalMeasurement.greatestPrecision).exact.elements[0]
    // The others differ, so that few have the greatest magnitude.
    let exact = elements.indices.map { index in
      open.contains(index) ? three : Ball(3 - Rational(significand: Integer(index), exponent: -13))
    }
    let expectation = PlumbBounds.Expectation(
      exact: Activation(shape: [exact.count], elements: exact), bounds: [Rational?](repeating: 1, count: exact.count))
    let expected = try #require(LocalComparison.comparePlainly(few, with: expectation, isLast: true))
    var survey = LocalSurvey(few, open: open)
    for (index, ball) in expectation.exact.elements.enumerated() {
      survey.add(index, try #require(Near(ball)), NearBound(lower: 1, upper: 1))
    }
    let median = try #require(survey.median)
    let places = try #require(survey.places(median))
    let resolved = Dictionary(
      uniqueKeysWithValues: places.map { place in
        let exact = expectation.exact.elements[place]
        return (
          place,
          LocalSurvey.Resolved(
            element: LocalComparison.judge(few.elements[place], exact, 1, isLast: true), exact: exact,
            named: LocalComparison.named(place, of: few, exact))
        )
      })
    #expect("\(survey.drift(resolved, median))" == "\(expected)")
    #expect(expected.undecided == 9 && expected.margin < 0.55 && expected.worst != nil)
  }

  @Test func fuzzCountsIt() throws {
    func run(_ elements: [Float]) throws -> FuzzReport {
      let drift = Self.drift(elements)
      return try FuzzRun(layer: .relu, strategies: [.random], seed: 1, judge: { _, _ in drift }).report(5)
    }
    let (open, part, none) = (try run([4]), try run([4, 3]), try run([3]))
    #expect(open.undecided == 5 && open.claimsNothing && !FuzzReport.hasPassed([open]))
    #expect(part.undecided == 5 && !part.claimsNothing && FuzzReport.hasPassed([part]) && part.failed == 0)
    #expect(none.undecided == 0 && FuzzReport.hasPassed([none]))
    let text = FuzzTable([part]).text
    #expect(text.contains("\nUndecided cases: 5 of relu. No precision tells"), "\(text)")
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(FuzzTable([open]).text.contains("or no precision decides, in all of them. The run has not passed."))
    #expect(!FuzzTable([none]).text.contains("ndecided"))
    #expect(try ReportJSON.text(of: [part]).contains("\"undecided\" : 5"))
    #expect(FuzzPage([part], command: [], version: "1").text.contains("Undecided cases: 5 of relu."))
  }
}
