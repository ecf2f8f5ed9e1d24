import Foundation
import PlumbDrift
import PlumbEngine
import PlumbExact
import PlumbFormats
import PlumbGradients
import PlumbModel
import PlumbVerdicts
import Testing

@testable import PlumbGrading
@testable import PlumbReports

@Suite struct GradePageTests {
  private static let tokens = Array("a<&\"b".utf8).map { Int($0) }
  private static let missing: Set<ActivationName.Role> = [.rotatedKey, .attentionScores, .gatedUp, .probabilities]

  /// A pass in which one layer went wrong, and some activations are missing.
  private static let spoilt = Result {
    var report = try ShippedDump.report(
      ShippedDump.file(tokens, without: missing) {
        if $0.description == "blocks.1.down" { $1.elements[7] += 0x1p-6 }
      }, tokens)
    report.firstCause?.explanations = [
      .init(mutant: "linear <bias>", cause: "The bias is \"added\" twice.", margin: 0.25)
    ]
    report.firstCause?.distinctions = [
      .init(mutants: ["linear <bias>", "linear other"], advice: "Try <this>.", replay: "linear x=[1x1]:0x1p+0")
    ]
    report.firstCause?.refuted = [.init(mutant: "linear sum", cause: "The last term is left out.", margin: 1234)]
    return report
  }

  private static func page(_ report: GradeReport, command: [String] = ["plumb", "grade"]) throws -> PageReader {
    try PageReader(selfContained: GradePage(report, command: command, version: "1.2.3").text)
  }

  @Test func theVerdictAndTheFirstCauseComeFirst() throws {
    let report = try Self.spoilt.get()
    let page = try Self.page(report)
    #expect(report.firstCause?.name == "blocks.1.down")
    let headings = page.elements.filter { $0.name == "h2" }.map(\.text)
    #expect(headings.prefix(2) == ["The first cause: blocks.1.down", "How the dump was read"])
    let verdict = try #require(page.elements.first { $0.attributes["class"] == "verdict outside" })
    #expect(verdict.text.hasPrefix("✗ outside"))
    #expect(verdict.text.contains("The first cause is 'blocks.1.down' (gate, linear)"))
    let rows = try page.rows(of: "What explains the first cause").dropFirst()
    #expect(
      Array(rows) == [
        ["linear <bias>", "✓ explains it", "0.250", "The bias is \"added\" twice."],
        ["linear sum", "✗ does not", "1234", "The last term is left out."],
      ])
    let shape = page.all("li").map(\.text)
    #expect(shape.contains("Try <this>. plumb fuzz linear --replay 'linear x=[1x1]:0x1p+0'"))
    #expect(try #require(report.firstCause).shape.allSatisfy(shape.contains))
  }

  @Test func whatTheDumpLacksIsShownWhereItWasChecked() throws {
    let report = try Self.spoilt.get()
    let page = try Self.page(report)
    let gaps = page.all("rect").filter { $0.attributes["class"] == "gap" && !$0.text.isEmpty }.map(\.text)
    // The missing three of each of two blocks, in each of two maps.
    #expect(gaps.count == 12)
    #expect(Set(gaps).count == 6)
    #expect(gaps.contains("blocks.0.gated-up: not in the dump; checked as one with blocks.0.down"))
    #expect(gaps.contains("blocks.1.attention-scores: not in the dump; checked as one with blocks.1.attention-weights"))
    let cells = page.elements.filter { $0.name == "title" && $0.path.contains("rect") }.map(\.text)
    for activation in report.activations where activation.block != nil {
      #expect(cells.count { $0.hasPrefix(activation.name + ", ") } == 2, "\(activation.name)")
    }
    let outside = page.all("text").filter { $0.attributes["class"] == "badt" }
    #expect(outside.allSatisfy { $0.text.hasPrefix("✗") })
    #expect(outside.count == 2 * report.activations.count { $0.local.verdict == .outside && $0.block != nil })
  }

  @Test func everyActivationIsInNumbersWithItsTensor() throws {
    let report = try Self.spoilt.get()
    let rows = try Self.page(report).rows(of: "All activations").dropFirst()
    #expect(rows.count == report.activations.count)
    for (row, activation) in zip(rows, report.activations) {
      try #require(row.count == 15)
      #expect(row[0] == activation.name && row[3] == activation.local.verdict.rawValue)
      #expect(row[4] == ReportText.short(activation.local.margin))
      #expect(row[10] == ReportText.scientific(try #require(activation.accumulated).worstAbsolute))
      #expect(row[12] == activation.name && row[13] == "f32")
      #expect(row[14] == (activation.from.isEmpty ? "the tokens" : activation.from.joined(separator: ", ")))
    }
  }

  /// A dump of the engine's own pass says of the pass from the tokens what the report of its drift says.
  @Test func theNextTokenAndAttentionAreThoseOfTheReportOfDrift() throws {
    let drift = try DriftMeasurement(
      model: .seeded, tokens: Self.tokens, blocks: 0...1, attention: .mostDrifting(4)
    ).report()
    let grade = try ShippedDump.report(ShippedDump.file(Self.tokens), Self.tokens)
    func text(_ value: some Encodable) throws -> String {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
    #expect(try text(grade.next) == text(drift.next))
    #expect(try text(grade.attention) == text(drift.attention))
    #expect(grade.topTokenProved == drift.topTokenProved && grade.precision == drift.precision)
    #expect(grade.texts == drift.texts)
    let page = try Self.page(grade)
    #expect(try page.rows(of: "Next token").count == 11)
    #expect(page.elements.count { $0.attributes["id"]?.hasPrefix("attention-") == true } == 8)
    #expect(page.elements.contains { $0.attributes["class"] == "verdict within" })
  }

  /// The probabilities of logits alone are their softmax: the engine's own, but for what its softmax may be off.
  @Test func logitsAloneHaveProbabilities() throws {
    let whole = try #require(try ShippedDump.report(ShippedDump.file(Self.tokens), Self.tokens).next)
    let sound = try #require(
      try ShippedDump.report(ShippedDump.file(Self.tokens, without: [.probabilities]), Self.tokens).next)
    #expect(sound.count == 10 && sound.map(\.token) == whole.map(\.token))
    let terms = SeededModel.transformer.vocabularySize
    // Each is the exact softmax of the same logits, but for a rounding, and in the engine's case its softmax's error.
    let error = Engine.softmaxRelativeError(terms: terms) * (1 + 0x1p-20) + 0x1p-23
    for (one, other) in zip(sound, whole) {
      let (a, b) = (try #require(Double(one.engine)), try #require(Double(other.engine)))
      #expect(abs(a - b) <= error * b, "\(a) \(b)")
      #expect(one.exact == other.exact)
    }
  }

  @Test func withoutAPassFromTheTokensThereIsNothingOfIt() throws {
    let report = try ShippedDump.report(ShippedDump.file(Self.tokens), Self.tokens, isCumulative: false)
    let page = try Self.page(report)
    #expect(report.next == nil && report.attention == nil && report.precision == nil)
    let headings = page.elements.filter { $0.name == "h2" }.map(\.text)
    #expect(
      headings == [
        "How drift grows", "Where rounding comes near its bound", "How the elements are distributed",
        "The elements of the greatest margins", "All activations", "Where this comes from",
      ])
    #expect(try page.rows(of: "All activations").allSatisfy { $0.count == 12 })
    #expect(page.all("circle").isEmpty)
  }

  /// A number that is not finite is marked where it is drawn, and does not look like one.
  @Test func whatIsNotFiniteSaysSo() throws {
    let report = try ShippedDump.report(
      ShippedDump.file(Self.tokens) {
        if $0.description == "blocks.0.activated-gate" { $1.elements[5] = .nan }
      }, Self.tokens, isCumulative: false)
    let page = try Self.page(report)
    let texts = page.all("text")
    #expect(texts.count { $0.text == "∞" } == 1)
    #expect(texts.filter { $0.attributes["class"] == "badt" }.map(\.text) == ["✗inf"])
    let open = texts.filter { $0.attributes["class"] == "opent" }
    #expect(!open.isEmpty && open.allSatisfy { $0.text.hasPrefix("?") })
  }

  /// One tensor is enough for a page, though there is little to draw.
  @Test func aDumpOfLogitsOnlyHasAPage() throws {
    let all = Set(ActivationName.Role.allCases)
    let report = try ShippedDump.report(
      ShippedDump.file(Self.tokens, without: all.subtracting([.logits])), Self.tokens)
    let page = try Self.page(report)
    #expect(page.elements.contains { $0.attributes["class"] == "verdict domain" })
    #expect(try page.rows(of: "Next token").count == 11)
    #expect(report.attention == nil)
  }

  @Test(arguments: ["</script><b onclick=\"x\">", "]]>", "\u{0}\u{1B}[31m", "\u{202E}txet\u{2066}", "\u{2028}\n\t"])
  func whateverANameIsItStaysText(hostile: String) throws {
    let report = try Self.spoilt.get()
    var object = try #require(
      try JSONSerialization.jsonObject(with: JSONEncoder().encode(report)) as? [String: Any])
    for key in ["model", "dump", "names"] { object[key] = hostile }
    object["notes"] = [hostile]
    object["texts"] = report.tokens.map { _ in hostile }
    object["activations"] = (object["activations"] as? [[String: Any]])?.map { $0.merging(["tensor": hostile]) { $1 } }
    let changed = try JSONDecoder().decode(GradeReport.self, from: JSONSerialization.data(withJSONObject: object))
    let text = GradePage(changed, command: ["plumb", hostile], version: "1").text
    let (page, plain) = (try PageReader(text), try Self.page(report))
    // The same elements, but for the sentence that was put in.
    #expect(page.elements.count == plain.elements.count + 1 - report.notes.count)
    #expect(!text.unicodeScalars.contains { $0.properties.isBidiControl })
    #expect(try page.rows(of: "All activations").dropFirst().allSatisfy { $0[12] == ReportText.shown(hostile) })
  }
}
