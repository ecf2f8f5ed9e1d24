import Foundation
import PlumbFormats
import Testing

@testable import PlumbDrift
@testable import PlumbReports
@testable import PlumbVerdicts

@Suite struct BaselineTests {
  private static func report() throws -> DriftReport {
    try DriftMeasurement(model: .seeded, tokens: [80], blocks: 0...1).report()
  }

  private static func changed(_ baseline: Baseline, _ change: (inout [String: Any]) -> Void) throws -> Baseline {
    var object = try #require(
      try JSONSerialization.jsonObject(with: Data(try baseline.text.utf8)) as? [String: Any])
    change(&object)
    return try JSONDecoder().decode(Baseline.self, from: JSONSerialization.data(withJSONObject: object))
  }

  /// `baseline` with the numbers of `name` times `factor`.
  private static func scaled(_ baseline: Baseline, _ name: String, by factor: Double) throws -> Baseline {
    try changed(baseline) { object in
      object["activations"] = (object["activations"] as? [[String: Any]])?.map { entry -> [String: Any] in
        guard entry["name"] as? String == name else { return entry }
        return [
          "name": name, "margin": (entry["margin"] as? Double ?? 0) * factor,
          "accumulated": (entry["accumulated"] as? Double ?? 0) * factor,
        ]
      }
    }
  }

  @Test func aRunIsAsRecordedAndAnyLesserRecordIsARegression() throws {
    let report = try Self.report()
    let baseline = Baseline(report)
    #expect(try baseline.text == Baseline(Self.report()).text)
    #expect(try BaselineComparison(report, against: baseline, path: "p").regressions.isEmpty)
    #expect(try BaselineComparison(report, against: baseline, path: "p").compared == report.activations.count)
    let better = try Self.scaled(baseline, "logits", by: 0.75)
    let comparison = try BaselineComparison(report, against: better, path: "p")
    #expect(comparison.regressions.map(\.name) == ["logits", "logits"])
    #expect(comparison.regressions.map(\.measure) == ["margin", "accumulated"])
    #expect(comparison.text.contains("logits, margin"))
    #expect(try BaselineComparison(report, against: better, path: "p", allowance: 2).regressions.isEmpty)
    let worse = try Self.scaled(baseline, "logits", by: 1.25)
    #expect(try BaselineComparison(report, against: worse, path: "p").regressions.isEmpty)
  }

  @Test func aProfileOfSomethingElseIsRefused() throws {
    let report = try Self.report()
    let baseline = Baseline(report)
    for (change, message) in [
      ({ $0["fingerprint"] = "00" }, "other weights"), ({ $0["tokens"] = [81] }, "other tokens"),
      ({ $0["activations"] = [Any]() }, "no activation"),
    ] as [((inout [String: Any]) -> Void, String)] {
      let other = try Self.changed(baseline, change)
      let error = #expect(throws: BaselineError.self) {
        try BaselineComparison(report, against: other, path: "p")
      }
      #expect(error?.description.contains(message) == true)
    }
  }

  /// With a checksum that fits: of two values a reader would take one and say nothing.
  @Test func aProfileWithAKeyTwiceIsRefused() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "plumb-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: path) }
    let content = ChecksumLine.json.content(of: try Baseline(Self.report()).text)
    for (text, words) in [
      (content, nil), (content.replacing("\"schema\"", with: "\"schema\" : 1, \"schema\""), "'schema' stands twice"),
    ] {
      try Data(ChecksumLine.json.sealed(text).utf8).write(to: path)
      guard let words else {
        _ = try Baseline(path: path.path(percentEncoded: false))
        continue
      }
      let error = #expect(throws: BaselineError.self) { try Baseline(path: path.path(percentEncoded: false)) }
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
  }

  @Test func theSecondStatementNeverChangesTheFirst() throws {
    var report = try Self.report()
    let proved = (report.verdict, DriftTable(report).text)
    report.baseline = try BaselineComparison(
      report, against: try Self.scaled(Baseline(report), "logits", by: 0.5), path: "p")
    #expect(report.verdict == proved.0)
    #expect(DriftTable(report).text.hasPrefix(proved.1))
    for line in DriftTable(report).text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    #expect(
      try PageReader(DriftPage(report, command: ["plumb"], version: "0").text).all("b").contains {
        $0.text == "! worse than recorded"
      })
  }

  @Test func everyActivationIsATestAndAFailingLayerAFailingOne() throws {
    var report = try Self.report()
    report.baseline = try BaselineComparison(
      report, against: try Self.scaled(Baseline(report), "logits", by: 0.5), path: "p")
    let page = try PageReader(report.junit)
    #expect(page.all("testcase").count == report.activations.count + 2)
    #expect(page.all("failure").count == 2)
    let all = try #require(page.all("testsuites").first)
    #expect(all.attributes["tests"] == "\(report.activations.count + 2)" && all.attributes["failures"] == "2")
    #expect(
      page.all("testsuite").map { $0.attributes["name"] } == ["outside the blocks", "blocks.0", "blocks.1", "baseline"])
  }

  @Test func whatIsOutsideFailsAndWhatIsOutsideTheDomainIsSkipped() throws {
    func activation(_ verdict: Verdict) -> ActivationDrift {
      ActivationDrift(
        name: "blocks.0.<\(verdict.rawValue)>", block: 0, layer: "linear", shape: [1],
        local: LocalDrift(
          worstUlps: 2, medianUlps: 0, worstAbsolute: 0, relative: 0, bound: 1, margin: 3, verdict: verdict,
          outsideDomain: 1,
          worst: WorstElement(index: [0], engine: "0x1p+0", lower: "0x1p-1", upper: "0x1p-1")),
        accumulated: AccumulatedDrift(worstUlps: 0, worstAbsolute: 0, relative: 0, radius: 0))
    }
    let tests = DriftReport.tests(of: [activation(.within), activation(.outside), activation(.outsideDomain)])
    let page = try PageReader(JUnitReport(tests, seconds: 1.25).text)
    let suite = try #require(page.all("testsuite").first)
    #expect(
      suite.attributes["tests"] == "3" && suite.attributes["failures"] == "1" && suite.attributes["skipped"] == "1")
    let failure = try #require(page.all("failure").first)
    #expect(failure.attributes["message"]?.contains("margin 3.000") == true)
    #expect(failure.text.contains("0x1p+0"))
    #expect(page.all("testcase")[1].attributes["name"] == "blocks.0.<outside>")
    // What the schema junit-10.xsd of Jenkins' xUnit plugin lets each element have, and what it must have.
    let schema: [String: (required: Set<String>, optional: Set<String>, within: String?)] = [
      "testsuites": ([], ["name", "time", "tests", "failures", "errors"], nil),
      "testsuite": (["name", "tests", "failures", "errors"], ["time", "skipped"], "testsuites"),
      "testcase": (["name"], ["time", "classname"], "testsuite"),
      "failure": ([], ["type", "message"], "testcase"), "skipped": ([], ["type", "message"], "testcase"),
    ]
    for element in page.elements {
      let rule = try #require(schema[element.name], "\(element.name)")
      let names = Set(element.attributes.keys)
      #expect(names.isSuperset(of: rule.required) && names.isSubset(of: rule.required.union(rule.optional)))
      #expect(element.path.last == rule.within)
      if let time = element.attributes["time"] { #expect(time.wholeMatch(of: /[0-9]+(\.[0-9]+)?/) != nil) }
    }
  }
}
