import Foundation
import PlumbFormats
import PlumbFuzzing
import Plumbline
import Testing

@testable import PlumbDrift

/// Every key that a command writes stands in the page of the JSON, in the section of its command or in that of drift, to
/// which the others refer; and every report has its version.
@Suite struct JSONDocumentationTests {
  /// The words in backticks of each section, by its heading.
  private static let documented: Result<[String: Set<String>], any Error> = Result {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = root.appending(path: "Sources/Plumbline/Plumbline.docc/JSON.md")
    var sections: [String: Set<String>] = [:]
    var heading = ""
    for line in try String(contentsOf: page, encoding: .utf8).split(separator: "\n") {
      if line.hasPrefix("### ") { heading = String(line.dropFirst(4)) }
      for word in line.matches(of: /`([A-Za-z]+)`/) { sections[heading, default: []].insert(String(word.1)) }
    }
    return sections
  }

  private static func expectDocumented(_ report: some Encodable, in heading: String) throws {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let object = try JSONSerialization.jsonObject(with: encoder.encode(report))
    var keys = Set<String>()
    func gather(_ value: Any) {
      if let object = value as? [String: Any] {
        keys.formUnion(object.keys)
        for member in object.values { gather(member) }
      } else if let list = value as? [Any] {
        for member in list { gather(member) }
      }
    }
    gather(object)
    #expect(keys.count > 10)
    let sections = try documented.get()
    let words = try #require(sections[heading]).union(try #require(sections["plumb drift"])).union(["schema"])
    #expect(keys.subtracting(words).isEmpty, "\(heading): \(keys.subtracting(words).sorted())")
    for report in object as? [[String: Any]] ?? [object as? [String: Any] ?? [:]] {
      #expect(report["schema"] as? Int == 1)
    }
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
    try Self.expectDocumented(report, in: "plumb drift")
  }

  @Test func driftOfLayersAlone() throws {
    let report = try DriftMeasurement(model: .shipped, tokens: [80], blocks: 0...1).localReport()
    try Self.expectDocumented(report, in: "plumb drift")
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
    try Self.expectDocumented(report, in: "plumb grade")
    let file = try SafeTensors(bytes: WeightArray(bytes), file: "dump")
    let dump = try ActivationDump(file, path: "dump", model: .shipped, tokens: tokens)
    let measurement = GradeMeasurement(model: .shipped, dump: dump, arithmetic: .f32)
    let diagnosis = DiagnosisReport(
      measurement, try measurement.finding(of: nil) { _ in }, cause: nil, since: ContinuousClock.now)
    try Self.expectDocumented(diagnosis, in: "plumb diagnose")
  }

  @Test func fuzz() throws {
    let judge: FuzzRun.Judge = { input, _ in
      try Catalogue.judge(input, output: Catalogue.engine(input).map { $0 * 1.001 })
    }
    var report = try FuzzRun(layer: .gate, strategies: Strategy.allCases, seed: 7, judge: judge).report(40)
    report.engine = "an engine"
    report.arithmetic = "f32"
    #expect(!report.failures.isEmpty)
    try Self.expectDocumented([report], in: "plumb fuzz and plumb merge")
  }
}
