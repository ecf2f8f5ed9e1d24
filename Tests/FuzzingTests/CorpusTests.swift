import Foundation
import PlumbFuzzing
import PlumbModel
import PlumbVerdicts
import Testing

@Suite struct CorpusTests {
  /// A folder that goes away with its owner.
  private final class Folder {
    let path = FileManager.default.temporaryDirectory.appending(path: "plumb-\(UUID().uuidString)")
      .path(percentEncoded: false)

    init(_ text: String? = nil) throws {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      if let text { try Data(text.utf8).write(to: URL(filePath: path + "/silu.corpus")) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  private static let input = LayerCase(
    layer: .silu, tensors: ["x": .real(Activation(shape: [1, 2], elements: [1, -0.5]))])

  @Test func whatIsAppendedReadsBack() throws {
    let folder = try Folder()
    var corpus = try Corpus(of: .silu, in: folder.path)
    #expect(corpus.entries.isEmpty)
    #expect(try corpus.append(CorpusEntry(Self.input, seed: 7, reason: "greatest margin, 0.5")))
    #expect(try !corpus.append(CorpusEntry(Self.input, seed: 8, reason: "again")))
    let again = try Corpus(of: .silu, in: folder.path)
    #expect(again.entries == corpus.entries)
    #expect(again.entries.first?.line == 2)
    #expect(again.entries.first?.seed == 7)
    #expect(again.entries.first?.reason == "greatest margin, 0.5")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["silu.corpus"])
  }

  @Test func theCorpusIsDecidedFirst() throws {
    let entry = CorpusEntry(Self.input, seed: 7, reason: "a test", line: 3)
    let run = FuzzRun(layer: .silu, strategies: [.random], seed: 0) { input, _ in
      Catalogue.judge(input, output: Catalogue.engine(input).map { $0 + 1 })
    }
    let report = try run.report(30, corpus: [entry])
    #expect(report.replayed == 1 && report.cases == 31)
    #expect(report.failures.first?.corpusLine == 3)
    // The first of several shards has it, the others do not.
    #expect(try run.report(30, corpus: [entry], shard: .init(index: 1, count: 2)).replayed == 0)
  }

  /// A kernel of one size is given no line of the corpus that has another: it would fail it, and be right.
  @Test(arguments: [("rows", 1, 1), ("columns", 2, 1), ("columns", 32, 0), ("columns", 1, 0)])
  func aLineOfOtherExtentsThanTheFixedOnesIsLeftOut(name: String, extent: Int, replayed: Int) throws {
    let entry = CorpusEntry(Self.input, seed: 7, reason: "a test", line: 3)
    let run = FuzzRun(layer: .silu, strategies: [.random], seed: 0, shape: [name: extent]) { input, _ in
      input.extents[name] == extent ? Catalogue.judge(input) : LocalDrift(unmeasured: "rubbish: another size")
    }
    let report = try run.report(30, corpus: [entry])
    #expect(report.replayed == replayed && report.failed == 0 && report.cases == 30 + replayed)
  }

  @Test(arguments: [
    ("silu x=[1x1]:0x1p+0", 20), ("silu x=[1x1]:0x1p+0 # seed x: why", 28), ("silu x=[1x1]:0x1p+0 # seed 1:", 30),
    ("silu x=[1x1]:zero # seed 1: why", 6), ("silu x=[1]:0x1p+0 # seed 1: why", 1), ("gelu-x # seed 1: why", 1),
    ("embedding tokens=#[1]:0 weight=[1x1]:0x0p+0 # seed 1: why", 1),
  ]) func aLineThatDoesNotParseIsNamed(line: String, column: Int) throws {
    let folder = try Folder("# a comment\n\n\(line)\n")
    do {
      _ = try Corpus(of: .silu, in: folder.path)
      Issue.record("'\(line)' was accepted")
    } catch {
      #expect(error.line == 3 && error.column == column, "\(error)")
      #expect(error.file.hasSuffix("silu.corpus"))
    }
  }

  @Test func `a changed byte is refused, and the file kept`() throws {
    let folder = try Folder()
    var corpus = try Corpus(of: .silu, in: folder.path)
    try corpus.append(CorpusEntry(Self.input, seed: 7, reason: "greatest margin, 0.5"))
    let whole = Array(try Data(contentsOf: URL(filePath: corpus.path)))
    for place in whole.indices {
      var bytes = whole
      bytes[place] ^= UInt8(1 + place % 7)
      try Data(bytes).write(to: URL(filePath: corpus.path))
      #expect(throws: CorpusError.self, "byte \(place)") { try Corpus(of: .silu, in: folder.path) }
      #expect(Array(try Data(contentsOf: URL(filePath: corpus.path))) == bytes)
    }
  }

  @Test func `a line added by hand is taken with the checksum that the message names`() throws {
    let line = "silu x=[1x1]:0x1p+0 # seed 1: by hand"
    let folder = try Folder(line + "\n")
    let bare = #expect(throws: CorpusError.self) { try Corpus(of: .silu, in: folder.path) }
    // By sha256sum.
    let last = "# checksum 66f99b60f76b1c785bcc61c571de5e94d838095308663d391d40d0546d0d4c7a"
    #expect(bare?.problem == "the last line '\(last)' is missing")
    let sealed = try Folder("\(line)\n\(last)\n")
    #expect(try Corpus(of: .silu, in: sealed.path).entries.count == 1)
  }

  @Test func `what another added meanwhile stays`() throws {
    let folder = try Folder()
    var (one, other) = (try Corpus(of: .silu, in: folder.path), try Corpus(of: .silu, in: folder.path))
    try one.append(CorpusEntry(Self.input, seed: 1, reason: "of one"))
    let second = LayerCase(layer: .silu, tensors: ["x": .real(Activation(shape: [1, 1], elements: [3]))])
    #expect(try other.append(CorpusEntry(second, seed: 2, reason: "of the other")))
    #expect(try !other.append(CorpusEntry(Self.input, seed: 2, reason: "again")))
    #expect(try Corpus(of: .silu, in: folder.path).entries.map(\.seed) == [1, 2])
  }

  /// The committed corpora: every line is a case, and within.
  @Test(arguments: LayerKind.allCases) func theEngineIsWithinOnItsCorpus(layer: LayerKind) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fuzz").standardized
    for entry in try Corpus(of: layer, in: folder.path(percentEncoded: false)).entries {
      let drift = Catalogue.judge(try CheckedCase(entry.input))
      #expect(drift.verdict != .outside, "line \(entry.line): \(entry.text)")
    }
  }
}
