import Foundation
import PlumbEngine
import PlumbExact
import PlumbFormats
import PlumbModel
import Testing

@testable import PlumbDrift
@testable import PlumbReports
@testable import PlumbVerdicts

@Suite struct DriftPageTests {
  private static let report: Result<DriftReport, DriftError> = Result { () throws(DriftError) in
    try DriftMeasurement(
      model: .seeded, tokens: Array("a<&\"b".utf8).map { Int($0) }, blocks: 0...1,
      attention: .mostDrifting(4)
    ).report()
  }

  private static func page(_ report: DriftReport, command: [String] = ["plumb", "drift", "it's"]) -> String {
    DriftPage(report, command: command, version: "1.2.3").text
  }

  @Test func standsAloneAndEveryDrawingHasATextAlternative() throws {
    let page = try PageReader(selfContained: Self.page(try Self.report.get()))
    // Growth, two heat maps, two histograms, the next token and four heads.
    #expect(page.all("svg").count == 10)
  }

  @Test func theTableOfAllActivationsHasTheNumbersOfTheReport() throws {
    let report = try Self.report.get()
    let rows = try PageReader(Self.page(report)).rows(of: "All activations").dropFirst()
    #expect(rows.count == report.activations.count)
    for (row, activation) in zip(rows, report.activations) {
      let (local, accumulated) = (activation.local, try #require(activation.accumulated))
      try #require(row.count == 12)
      #expect(
        Array(row[...3]) == [
          activation.name, activation.layer, activation.shape.map(String.init).joined(separator: " × "),
          local.verdict.rawValue,
        ])
      let numbers = [
        local.margin, local.worstUlps, local.medianUlps, local.worstAbsolute, local.bound, accumulated.worstUlps,
        accumulated.worstAbsolute, accumulated.relative,
      ]
      for (text, number) in zip(row[4...], numbers) { try Self.expect(text, isRoundedUpFrom: number) }
    }
  }

  /// A number that is shown is at least the true one, and at most one part in ten, or a thousandth, greater.
  private static func expect(_ text: String, isRoundedUpFrom number: Double) throws {
    let shown = try #require(Double(text), "\(text)")
    // The decimal that Double reads is itself rounded, by less than one part in 2^52.
    #expect(shown * (1 + 0x1p-52) >= number, "\(text) for \(number)")
    #expect(shown <= max(number * 1.11, number + 0.001), "\(text) for \(number)")
  }

  @Test func everyCellOfTheHeatMapsIsThere() throws {
    let report = try Self.report.get()
    let page = try PageReader(Self.page(report))
    let titles = page.elements.filter { $0.name == "title" && $0.path.contains("rect") }.map(\.text)
    for activation in report.activations where activation.block != nil {
      let matching = titles.filter { $0.hasPrefix(activation.name + ",") }
      #expect(matching.count == 2, "\(activation.name)")
      for title in matching {
        #expect(title.contains("margin \(ReportText.short(activation.local.margin)),"))
        #expect(title.contains(activation.local.verdict.rawValue))
      }
    }
  }

  @Test func theNextTokensAreThoseOfTheReport() throws {
    let report = try Self.report.get()
    let rows = try PageReader(Self.page(report)).rows(of: "Next token").dropFirst()
    #expect(rows.count == 10)
    for (row, token) in zip(rows, try #require(report.next)) {
      #expect(row[1] == token.exact)
      #expect(row[4] == token.engine)
      let engine = try #require(Rational(token.engine))
      let (lower, upper) = (try #require(Rational(token.lower)), try #require(Rational(token.upper)))
      let distance = try #require(Rational(row[3]))
      #expect((engine - lower).magnitude <= distance && (engine - upper).magnitude <= distance)
      #expect(distance <= max((engine - lower).magnitude, (engine - upper).magnitude) * Rational(11, over: 10))
    }
  }

  @Test func theWorstElementsStandInOrderWithTheirHexFloats() throws {
    let report = try Self.report.get()
    let rows = try PageReader(Self.page(report)).rows(of: "The elements of the greatest margins").dropFirst()
    #expect(rows.count == 20)
    let worst = try #require(report.activations.max { $0.local.margin < $1.local.margin })
    #expect(rows.first?[0].hasPrefix(worst.name) == true)
    #expect(rows.first?[3] == worst.local.worst?.engine)
    for row in rows { #expect(Float(row[3]) != nil, "\(row[3])") }
  }

  @Test func attentionIsThatOfTheExactPass() throws {
    let report = try Self.report.get()
    let maps = try #require(report.attention)
    #expect(maps.count == 4)
    #expect(maps.map(\.drift) == maps.map(\.drift).sorted(by: >))
    let accumulated = Dictionary(uniqueKeysWithValues: report.activations.map { ($0.name, $0.accumulated) })
    let most = try #require(maps.first)
    let greatest = (0...1).map { accumulated["blocks.\($0).attention-weights"]??.worstAbsolute ?? 0 }.max()
    #expect(most.drift == greatest)
    for map in maps {
      #expect(map.rows.map(\.position) == Array(report.tokens.indices))
      for row in map.rows {
        #expect(row.weights.count == row.position + 1)
        // Each weight is the nearest Float64 of a number, and these add up to 1.
        let excess = row.weights.reduce(0, +) - 1
        #expect(abs(excess) <= Double(row.weights.count) * 0x1p-52)
        #expect(row.attended.count == min(row.weights.count, 5))
        for attended in row.attended {
          let weight = row.weights[attended.position]
          let (lower, upper) = (try #require(Double(attended.lower)), try #require(Double(attended.upper)))
          #expect(lower <= weight && weight <= upper)
        }
        #expect(row.attended.first.map { row.weights[$0.position] } == row.weights.max())
      }
    }
    let one = try DriftMeasurement(model: .seeded, tokens: [80], blocks: 0...1, attention: .chosen(block: 1, head: 2))
      .report()
    #expect(one.attention?.map(\.block) == [1] && one.attention?.map(\.head) == [2])
    #expect(one.attention?.first?.rows.first?.weights == [1])
  }

  @Test func longPromptsShowTheirEnd() {
    // Uniform attention over what is allowed: position p sees p + 1 positions with the same weight.
    let tokens = 100
    let exact = Activation(
      shape: [1, tokens, tokens],
      elements: (0..<tokens * tokens).map { index -> Ball in
        let (row, column) = (index / tokens, index % tokens)
        return column <= row ? Ball(Rational(1, over: Integer(row + 1))) : Ball(0)
      })
    let engine = exact.map { Float($0.midpoint.rounded(to: Float.self, .toNearestOrEven)) }
    let map = AttentionMap(block: 0, head: 0, drift: 0, engine: engine, weights: exact, scores: exact)
    #expect(map.rows.map(\.position) == Array(36..<100))
    #expect(map.rows.allSatisfy { $0.weights.count == $0.position + 1 })
    // Ties go to the earlier position.
    #expect(map.rows.last?.attended.map(\.position) == [0, 1, 2, 3, 4])
  }

  @Test(arguments: [
    "</script><b onclick=\"x\">", "]]>", "--><!--", "&amp;&#60;", "'\"`", "\u{0}\u{1B}[31m\u{7F}\u{85}",
    "\u{202E}txet\u{2066}", "\u{FFFE}\u{10FFFF}", "\u{2028}\n\t", "e\u{301}👩‍👩‍👧", "<svg/onload=1>",
  ]) func whateverATokenIsItStaysText(hostile: String) throws {
    let report = try Self.report.get()
    let changed = try Self.replacing(report, textsBy: hostile)
    let plain = try PageReader(Self.page(report))
    let text = Self.page(changed, command: ["plumb", hostile])
    let page = try PageReader(text)
    // The same elements, whatever the tokens, the model and the command line say.
    #expect(page.elements.map(\.name) == plain.elements.map(\.name))
    #expect(!text.unicodeScalars.contains { $0.properties.isBidiControl })
    let tokens = try page.rows(of: "Next token").dropFirst().map { $0[0] }
    #expect(tokens.allSatisfy { $0.contains(ReportText.quoted(hostile)) || hostile.contains("\u{FFFD}") })
  }

  /// `report` with `text` for each token, through its own JSON.
  private static func replacing(_ report: DriftReport, textsBy text: String) throws -> DriftReport {
    var object = try #require(
      try JSONSerialization.jsonObject(with: JSONEncoder().encode(report)) as? [String: Any])
    object["texts"] = report.tokens.map { _ in text }
    object["model"] = text
    object["next"] = (object["next"] as? [[String: Any]])?.map { $0.merging(["text": text]) { $1 } }
    return try JSONDecoder().decode(DriftReport.self, from: JSONSerialization.data(withJSONObject: object))
  }

  @Test func theSameReportGivesTheSameBytesAndSaysWhereItComesFrom() throws {
    let report = try Self.report.get()
    let text = Self.page(report)
    #expect(text == Self.page(report))
    let facts = try PageReader(text).all("dd").map(\.text)
    #expect(facts.contains(report.fingerprint))
    #expect(facts.contains("plumb drift 'it'\\''s'"))
    #expect(facts.contains("1.2.3"))
    #expect(facts.contains { $0.hasPrefix("engine, ") })
  }

  @Test(arguments: [Palette.light, Palette.dark]) func textStandsOutFromWhatIsBehindIt(palette: Palette) {
    let texts = [
      palette.ink, palette.softInk, palette.first, palette.second, palette.within, palette.outside,
      palette.outsideDomain,
    ]
    for text in texts {
      #expect(Palette.contrast(text, palette.paper) >= 4.5, "\(text)")
      #expect(Palette.contrast(text, palette.panel) >= 4.5, "\(text)")
    }
    for (step, ink) in zip(palette.steps, palette.stepInk) { #expect(Palette.contrast(step, ink) >= 4.5) }
    #expect(Palette.contrast(palette.outside, palette.outsideInk) >= 4.5)
    #expect(palette.steps.count == 9)
    // What is drawn and not written stands out by 3 to 1 (success criterion 1.4.11): the bars of the next token.
    #expect(Palette.contrast(palette.steps[5], palette.paper) >= 3)
  }

  @Test func contrastIsThatOfTheStandard() {
    // WCAG 2.2: black on white is 21 to 1; #767676 is the lightest grey that passes 4.5 to 1 on white.
    #expect(Palette.contrast("#000000", "#ffffff") == 21)
    #expect(Palette.contrast("#767676", "#ffffff") >= 4.5)
    #expect(Palette.contrast("#777777", "#ffffff") < 4.5)
  }
}
