import Foundation
import PlumbExact
import PlumbFormats
import PlumbGolden
import PlumbModel
import PlumbVerdicts
import Testing

/// The committed goldens, and what is said of changes to them.
@Suite struct GoldenSuiteTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let suite = GoldenSuite(folder: root.appending(path: "Golden").path(percentEncoded: false))

  private func goldens(_ name: String) throws -> GoldenFile {
    let subject = try #require(GoldenFile.Subject.all.first { $0.name == name })
    return try Self.suite.read(subject)
  }

  /// The layers that take little time without optimisation; `plumb golden check` does the same for all.
  @Test(arguments: [LayerKind.relu, .residualAdd, .gate, .crossEntropy, .embedding])
  func theCommittedGoldensAreWhatIsComputed(layer: LayerKind) throws {
    #expect(try Self.suite.check([.layer(layer)], isWhole: false).map(\.text) == [])
  }

  @Test func everySubjectIsCommittedAndReadsBack() throws {
    var bytes = 0
    for subject in GoldenFile.Subject.all {
      let file = try Self.suite.read(subject)
      let text = try String(contentsOfFile: Self.suite.path(subject), encoding: .utf8)
      #expect(file.text == text, "\(subject.name)")
      #expect(!file.cases.isEmpty)
      bytes += text.utf8.count
    }
    #expect(bytes < 10 << 20)
  }

  /// Every attribute has a case at another value than its default, and every tensor that may be left out one without it.
  @Test(arguments: LayerKind.allCases) func everyAttributeHasACase(layer: LayerKind) throws {
    let cases = try goldens(layer.rawValue).cases
    let signature = Catalogue.signature(of: layer)
    for slot in signature.attributes {
      let values = Set(cases.compactMap { record in record.attributes.first { $0.name == slot.name }?.value })
      #expect(values.count >= 2, "\(slot.name)")
      for word in slot.words { #expect(values.contains(word), "\(slot.name) = \(word)") }
    }
    for slot in signature.tensors where slot.isOptional {
      #expect(cases.contains { record in !record.tensors.contains { $0.name == slot.name } }, "\(slot.name)")
      #expect(cases.contains { record in record.tensors.contains { $0.name == slot.name } }, "\(slot.name)")
    }
    #expect(cases.contains { $0.name == "ordinary" })
  }

  /// Softmax of (0, −1, −17, −87, −88, −103, −104, −150, −1000) from mpmath 1.3 with 60 digits.
  @Test func committedEnclosuresHoldWhatAnotherProgramComputed() throws {
    let cases = try goldens("softmax").cases
    let spread = try #require(cases.first { $0.name == "spread" })
    let exact = spread.outputs[0].elements.compactMap { $0?.exact }
    let digits = [
      "0.7310585565042472896739264503070473376652", "0.2689414132303837832003696842919328524105",
      "3.026536892712570386540101980990780228376e-8",
    ]
    for (ball, text) in zip(exact, digits) {
      let value = try #require(Rational(text))
      // The digits are off by less than one in the last place, which is far beyond the ball's radius.
      #expect(
        (ball.midpoint - value).magnitude <= ball.radius + value.magnitude * Rational(significand: 1, exponent: -120))
      #expect(ball.radius < value.magnitude * Rational(significand: 1, exponent: -70))
    }
  }

  private static let before = """
    plumbline golden 1
    layer relu
    arithmetic engine

    case one
    note a note
    tensor x [1, 2]
      0x1p+0 0x1p+1
    precision 96
    output output [1, 2]
      0x1p+0 ± 0x1p-60 | 0x1p+0 | 0x1p-30
      0x1p+1 | 0x1p+1 | 0x0p+0

    end 1

    """

  private func differences(_ part: String, _ other: String) throws -> [String] {
    let old = try GoldenFile(text: ChecksumLine.plain.sealed(Self.before), file: "old")
    let new = try GoldenFile(
      text: ChecksumLine.plain.sealed(Self.before.replacingOccurrences(of: part, with: other)), file: "new")
    return GoldenDifference.between(old, new).map(\.text)
  }

  @Test func aDifferenceIsSaidInNumbers() throws {
    #expect(try differences("a note", "a note") == [])
    #expect(try differences("a note", "another") == ["relu/one: the same numbers; its note, seed or precision changed"])
    #expect(
      try differences("± 0x1p-60", "± 0x1p-50") == [
        "relu/one: 1 of 2 elements differ; every Float32 is the same; the enclosures meet"
      ])
    #expect(
      try differences("0x1p+0 ± 0x1p-60 |", "0x1.0000000001p+0 ± 0x1p-60 |") == [
        "relu/one: 1 of 2 elements differ; every Float32 is the same; 1 enclosures do not meet, at output[0, 0]: "
          + "one of the two is proved wrong"
      ])
    #expect(
      try differences("0x1p+1 | 0x1p+1 | 0x0p+0", "0x1.000006p+1 | 0x1.000006p+1 | 0x1p-9") == [
        "relu/one: 1 of 2 elements differ; Float32s by at most 3 ulps; 1 bounds changed; 1 enclosures do not meet, at "
          + "output[0, 1]: one of the two is proved wrong"
      ])
    #expect(
      try differences("  0x1p+0 0x1p+1", "  0x1p+0 0x1p+2")
        == ["relu/one: another input; its outputs cannot be compared"])
    #expect(try differences("case one", "case two") == ["relu/one: removed", "relu/two: added"])
  }
}
