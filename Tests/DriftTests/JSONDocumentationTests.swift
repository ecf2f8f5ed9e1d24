import DocumentedJSON
import Foundation
import PlumbBounds
import PlumbCases
import PlumbDrift
import PlumbEngine
import PlumbExact
import PlumbFormats
import PlumbFuzzing
import PlumbGrading
import PlumbLayers
import PlumbModel
import PlumbVerdicts
import Testing

@testable import PlumbExhaustion

/// Reports with everything that a command may find, held against the page of the JSON; what commands print is held against
/// it with the command.
@Suite struct JSONDocumentationTests {
  private static func expectDocumented(
    _ report: some Encodable, in heading: String, meeting met: Set<String> = []
  ) throws {
    let findings = try DocumentedJSON().findings(in: ReportJSON.text(of: report), of: heading)
    #expect(findings.problems.isEmpty)
    #expect(met.union([heading]).subtracting(findings.met).isEmpty)
  }

  @Test func drift() throws {
    let tokens = QuantisedModel.tokens
    var report = try DriftMeasurement(
      model: QuantisedModel().loaded, tokens: tokens, blocks: 0...1, attention: .mostDrifting(1), attributes: true
    ).report()
    let baseline = Baseline(report)
    let entries = baseline.activations.map {
      ["name": $0.name, "margin": $0.margin / 2, "accumulated": ($0.accumulated ?? 0) / 2] as [String: Any]
    }
    var better = try #require(try JSONSerialization.jsonObject(with: Data(baseline.text.utf8)) as? [String: Any])
    better["activations"] = entries
    let recorded = try JSONDecoder().decode(Baseline.self, from: JSONSerialization.data(withJSONObject: better))
    report.baseline = try BaselineComparison(report, against: recorded, path: "p")
    #expect(report.baseline?.regressions.isEmpty == false)
    try Self.expectDocumented(
      report, in: "plumb drift",
      meeting: ["Activation", "Attention head", "Attention row", "Attributed logit", "Part", "Regression"])
  }

  @Test func driftOfLayersAlone() throws {
    let report = try DriftMeasurement(model: .seeded, tokens: [80], blocks: 0...1).localReport()
    try Self.expectDocumented(report, in: "plumb drift --local-only")
  }

  @Test func gradeAndDiagnose() throws {
    let tokens = [72, 101, 108]
    let bytes = try ShippedDump.file(tokens) { if $0.description == "blocks.1.down" { $1.elements[7] += 0x1p-6 } }
    var report = try ShippedDump.report(bytes, tokens)
    let bug = FirstCause.Explanation(mutant: "a", cause: "b", margin: 1)
    report.firstCause?.explanations = [bug]
    report.firstCause?.refuted = [bug]
    report.firstCause?.distinctions = [
      .init(mutants: ["a", "b"], advice: "c", replay: "d", index: [0], right: 1, outputs: [2, 3])
    ]
    try Self.expectDocumented(report, in: "plumb grade", meeting: ["First cause", "Explanation", "Distinction"])
    let file = try SafeTensors(bytes: WeightArray(bytes), file: "dump")
    let dump = try ActivationDump(file, path: "dump", model: .seeded, tokens: tokens)
    let measurement = GradeMeasurement(model: .seeded, dump: dump, arithmetic: .f32)
    let diagnosis = DiagnosisReport(
      measurement, measurement.finding(of: nil) { _ in }, cause: nil, since: ContinuousClock.now)
    try Self.expectDocumented(diagnosis, in: "plumb diagnose")
  }

  @Test func fuzz() throws {
    let judge: FuzzRun.Judge = { input, _ in
      Catalogue.judge(input, output: Catalogue.engine(input).map { $0 * 1.001 })
    }
    var report = try FuzzRun(layer: .gate, strategies: Strategy.allCases, seed: 7, judge: judge).report(40)
    report.engine = "an engine"
    report.arithmetic = "f32"
    #expect(!report.failures.isEmpty)
    try Self.expectDocumented([report], in: "plumb fuzz", meeting: ["Fuzzed case", "Element", "Bin", "Shard"])
  }

  @Test func whatCommandsSeldomFind() throws {
    var walk = ExhaustiveReport(.exponential, .portable)
    walk.add(ExhaustiveReport.Finding(input: 1, output: .infinity, ulps: .infinity), isWithin: false)
    walk.addViolation(at: 1)
    walk.addUndecided(at: 1)
    try Self.expectDocumented([walk], in: "plumb exhaust", meeting: ["Function result"])
  }

  /// Every way in which a member can be nil, deep inside, beside numbers of every kind.
  @Test func everyKeyIsThere() throws {
    struct Inner: Encodable {
      let flag: Bool? = nil
      let whole: Int? = nil
      let wide: UInt64? = nil
      let word: String? = nil
      let number: Double? = nil
      let narrow: Float? = nil
    }
    struct Outer: Encodable {
      let inner: [Inner] = [Inner()]
      let byName: [String: Inner?] = ["a": nil, "b": Inner()]
      let list: [Int]? = nil
      let numbers: [Double?] = [.infinity, -.infinity, .nan, 0.5, nil]
      let greatest = UInt64.max
    }
    let text = try ReportJSON.text(of: Outer()).filter { !$0.isWhitespace }
    let inner = #"{"flag":null,"narrow":null,"number":null,"whole":null,"wide":null,"word":null}"#
    #expect(
      text == #"{"byName":{"a":null,"b":\#(inner)},"greatest":18446744073709551615,"inner":[\#(inner)],"#
        + #""list":null,"numbers":["inf","-inf","nan",0.5,null]}"#)
  }
}
