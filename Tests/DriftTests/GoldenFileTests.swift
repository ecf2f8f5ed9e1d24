import Foundation
import PlumbExact
import PlumbFormats
import PlumbGolden
import Testing

/// The text form of goldens: what is written reads back, and what is not sound is refused with its line.
@Suite struct GoldenFileTests {
  private static let text = """
    plumbline golden 1
    layer rms-norm
    arithmetic engine

    case ordinary
    note a row
    seed 7
    attribute epsilon 0x1p-17
    attribute addsOne false
    tensor x [1, 2]
      0x1.8p+1 0x1p+2
    tensor weight [2]
      0x1p+0 -0x1p+0
    precision 96
    output output [1, 2]
      1/3 | 0x1.555556p-2 | 0x1p-20
      0x1.8p+0 ± 0x1p-40 | 0x1.8p+0 | none

    case empty
    note nothing
    attribute epsilon 0x1p-17
    attribute addsOne true
    tensor x [0, 2]
    tensor weight [2]
      0x1p+0 0x1p+0
    precision none
    output output [0, 2]

    end 2
    checksum 4efd0bec1a88caa348d6ec78a7cb6bf7a56764c8d3bdc03d4fc40626e7c71f5f

    """

  /// `text` with the checksum of what it holds.
  private func resealed(_ text: String) -> String { ChecksumLine.plain.sealed(ChecksumLine.plain.content(of: text)) }

  private func failure(_ text: String, file: String = "Golden/rms-norm.golden") -> GoldenError? {
    do {
      _ = try GoldenFile(text: text, file: file)
      return nil
    } catch {
      return error
    }
  }

  @Test func whatIsReadIsWrittenAgain() throws {
    let file = try GoldenFile(text: Self.text, file: "a file")
    #expect(file.text == Self.text)
    #expect(file.cases.map(\.name) == ["ordinary", "empty"])
    #expect(file.cases[0].line == 5)
    let elements = file.cases[0].outputs[0].elements
    #expect(elements[0]?.exact == Ball("1/3") && elements[0]?.nearest == 0x1.555556p-2)
    #expect(elements[1]?.bound == nil)
  }

  @Test func aFileCutAnywhereIsRefused() {
    for count in 0..<Self.text.utf8.count {
      let cut = String(decoding: Self.text.utf8.prefix(count), as: UTF8.self)
      let error = failure(cut)
      #expect(error?.line != nil, "\(count) bytes")
      #expect(error?.description.contains("\n") == false)
      #expect(error?.remedy.contains("plumb golden regenerate") == true)
    }
  }

  /// A part of the text, what stands there instead, the line of the error and words of it.
  private static let edits: [(String, String, Int, String)] = [
    ("golden 1", "golden 2", 1, "version '2'; this plumb reads version 1"),
    ("plumbline golden 1", "plumbline gold", 1, "'plumbline golden …' is expected"),
    ("layer rms-norm", "layer rms-morn", 2, "no layer 'rms-morn' any more"),
    ("layer rms-norm", "model gpt-9", 2, "no model 'gpt-9' any more"),
    ("arithmetic engine\n", "", 3, "'arithmetic …' is expected"),
    ("engine\n\ncase", "engine\ncase", 4, "an empty line is expected"),
    ("seed 7", "seed seven", 7, "'seven' is no seed"),
    (
      "epsilon 0x1p-17\nattribute addsOne false", "epsilon small\nattribute addsOne false", 5,
      "'epsilon' of the value 'small'"
    ),
    ("attribute addsOne false", "attribute epsilon 0x1p-17", 5, "the attribute 'epsilon' is there twice"),
    (
      "tensor weight [2]\n  0x1p+0 -0x1p+0\nprecision 96", "tensor x [1, 2]\n  0x1p+0 0x1p+0\nprecision 96", 5,
      "the tensor 'x' is there twice"
    ),
    ("tensor x [0, 2]", "tensor x [16777216, 16777216, 0]", 23, "too long to walk along"),
    ("attribute addsOne false", "attribute scale 1", 5, "no attribute 'scale'"),
    ("tensor x [1, 2]", "tensor x [1, 3]", 11, "is no row of 3"),
    ("tensor x [1, 2]", "tensor x [1; 2]", 10, "is no shape such as"),
    ("tensor x [1, 2]", "tensor x [-1, 2]", 10, "is no shape such as"),
    ("tensor x [1, 2]", "tensor x [9000000000000000000, 2]", 10, "beyond any file"),
    ("tensor x [1, 2]", "tensor y [1, 2]", 5, "tensor 'x' [tokens, hidden] is missing"),
    ("0x1.8p+1 0x1p+2", "0x1.8p+1 4", 11, "'4' is no Float32 such as"),
    ("0x1.8p+1 0x1p+2", "0x1.8p+1 0x1.00000001p+2", 11, "is no Float32 such as"),
    ("precision 96", "precision high", 14, "'high' is no number of bits"),
    ("output output [1, 2]", "output output [2, 1]", 5, "one output, of shape [1, 2]"),
    ("output output [1, 2]", "output other [1, 2]", 5, "one output, of shape [1, 2]"),
    ("  1/3 |", "  1/0 |", 16, "'1/0' is no ball"),
    ("  1/3 |", "  1/4 |", 16, "'1/4' does not round to 0x1.555556p-2"),
    ("0x1.555556p-2 |", "0x1.555554p-2 |", 16, "does not round to 0x1.555554p-2"),
    ("0x1.555556p-2 |", "0.3333 |", 16, "'0.3333' is no Float32"),
    ("± 0x1p-40", "± 0x1p-20", 17, "does not round to 0x1.8p+0"),
    ("± 0x1p-40", "± -0x1p-40", 17, "is no ball"),
    ("  0x1.8p+0 ±", "  1.5 ±", 17, "'1.5 ± 0x1p-40' is not written as a ball is"),
    ("| 0x1p-20", "| -0x1p-20", 16, "'-0x1p-20' is no bound"),
    ("| 0x1p-20", "| much", 16, "'much' is no bound"),
    ("  1/3 | 0x1.555556p-2 | 0x1p-20\n", "", 17, "element 1 of 2 is expected"),
    ("  1/3 |", "  2/3 | 1/3 |", 16, "is not 'ball | Float32 | bound'"),
    ("case empty", "case ordinary", 19, "the case 'ordinary' is there twice"),
    ("case empty", "case an empty one", 19, "a name of one word"),
    ("end 2", "end 3", 29, "closes a file of 2 cases"),
    ("end 2\n", "end 2\nend 2\n", 30, "more behind the end"),
    ("note nothing\n", "", 20, "'note …' is expected"),
  ]

  @Test(arguments: edits) func anEditedFileIsRefusedWithItsLine(_ edit: (String, String, Int, String)) throws {
    let (part, other, line, words) = edit
    let range = try #require(Self.text.range(of: part))
    let edited = Self.text.replacingCharacters(in: range, with: other)
    let error = try #require(failure(edited), "\(other)")
    #expect(error.line == line, "\(error)")
    #expect(error.problem.contains(words), "\(error)")
    #expect(!error.remedy.isEmpty)
  }

  /// Checksums by Python's hashlib.
  @Test func aFileThatIsSoundAndWasChangedIsRefusedWithItsChecksum() throws {
    let changed = try #require(failure(Self.text.replacingOccurrences(of: "note a row", with: "note a raw")))
    #expect(changed.line == 30)
    #expect(
      changed.problem.hasSuffix(
        "the checksum of what it holds is 4e1075c3fc34146639ae3a8b696144e0fc6946c60efb8b3a55a65c5f05de24de"),
      "\(changed)")
    let lines = Self.text.split(separator: "\n", omittingEmptySubsequences: false)
    let bare = try #require(failure(lines.dropLast(2).joined(separator: "\n") + "\n"))
    #expect(
      bare.problem
        == "the last line 'checksum 4efd0bec1a88caa348d6ec78a7cb6bf7a56764c8d3bdc03d4fc40626e7c71f5f' is missing",
      "\(bare)")
  }

  @Test func otherLineEndsAndBytesAreRefused() {
    #expect(failure(Self.text.replacingOccurrences(of: "\n", with: "\r\n"))?.line == 1)
    #expect(failure("")?.line == 1)
    #expect(failure("\u{0}\u{1}")?.description.contains("\n") == false)
  }

  /// The least precision does not tell a tie from a tie less next to nothing; such a Float32 carries a question mark.
  @Test func aFloat32ThatIsNotProvedSaysSo() throws {
    let tie = resealed(
      Self.text.replacingOccurrences(
        of: "0x1.8p+0 ± 0x1p-40 | 0x1.8p+0 |", with: "0x1.000001p+0 ± 0x1p-40 | 0x1p+0? |"))
    let file = try GoldenFile(text: tie, file: "a file")
    #expect(file.cases[0].outputs[0].elements[1]?.isProved == false)
    #expect(file.text == tie)
    for (other, isSound) in [("0x1p+0", false), ("0x1.000002p+0?", true), ("0x1.000004p+0?", false)] {
      #expect((failure(resealed(tie.replacingOccurrences(of: "0x1p+0?", with: other))) == nil) == isSound)
    }
  }
}
