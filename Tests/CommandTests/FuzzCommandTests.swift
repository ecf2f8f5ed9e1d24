import Foundation
import Testing

@Suite struct FuzzCommandTests {
  private func expectUsageError(_ arguments: String..., saying words: String...) throws {
    let command = try Command(arguments)
    #expect(command.status == 2 && command.output.isEmpty, "\(arguments)")
    for word in words { #expect(command.errors.contains(word), "\(command.errors)") }
  }

  @Test func contradictionsAreRefused() throws {
    try expectUsageError("fuzz", "silu", "--cases", "1", "--time", "1", saying: "--cases", "--time")
    try expectUsageError("fuzz", "silu", "--strategy", "edge", "--objective", "ulps", saying: "--objective")
    try expectUsageError("fuzz", "silu", "--shard", "2/2", saying: "I/N")
    try expectUsageError("fuzz", "silu", "--shard", "0/2", "--record", saying: "--record", "--shard")
    try expectUsageError("fuzz", "silu", "--shard", "0/2", "--time", "1", saying: "--time", "--shard")
    try expectUsageError("fuzz", "silu", "--jobs", "0", saying: "--jobs")
    try expectUsageError("fuzz", "silu", "--replay", "silu x=[1x1]:0x1p+0", "--seed", "1", saying: "--seed")
    try expectUsageError("fuzz", "silu", "--replay", "silu x=[1x1]:0x1p+0", "--html", "x.html", saying: "--html")
    try expectUsageError("fuzz", "silu", "--html", "/no/such/folder/x.html", saying: "--html", "check the folder")
    try expectUsageError("fuzz", "softmin", saying: "softmax")
    try expectUsageError("fuzz", "silu", "--strategy", "luck", saying: "search")
    try expectUsageError("fuzz", "silu", "--corpus", "/no/such/folder", saying: "/no/such/folder")
    try expectUsageError("fuzz", "softmax", "--shape", "width=3", saying: "width", "rows, columns")
    try expectUsageError("fuzz", "softmax", "--shape", "rows=0", saying: "rows=0")
    try expectUsageError("fuzz", "softmax", "--shape", "rows=1,rows=2", saying: "twice")
    try expectUsageError("fuzz", "softmax", "--shape", "rows=60000,columns=60000", saying: "'x'", "too large")
    try expectUsageError(
      "fuzz", "attention-scores", "--shape", "heads=3,keyValueHeads=2", "--corpus", NSTemporaryDirectory(),
      saying: "3 heads")
  }

  @Test func theEndSaysHowFastTheCasesWereDecided() throws {
    let command = try Command(
      "fuzz", "gate", "--cases", "40", "--shape", "rows=1,columns=8", "--json", "--corpus", NSTemporaryDirectory())
    #expect(command.status == 0, "\(command.errors)")
    #expect(command.errors.hasPrefix("plumb: 40 cases in ") && command.errors.contains(" a second\nplumb: "))
    let reports = try #require(
      try JSONSerialization.jsonObject(with: Data(command.output.utf8)) as? [[String: Any]])
    let filtered = try #require(reports.first?["filteredElements"] as? Int)
    let exact = try #require(reports.first?["exactElements"] as? Int)
    #expect(filtered + exact == 40 * 8 && filtered > exact)
  }

  @Test func shardsMergeIntoTheReportOfOneProcess() throws {
    let folder = try TemporaryFolder()
    let options = ["fuzz", "gate", "--cases", "60", "--seed", "3", "--json", "--corpus", folder.url.path]
    let whole = try Command(options + ["--jobs", "2"])
    #expect(whole.status == 0, "\(whole.errors)")
    let files = try (0..<2).map { index in
      let part = try Command(options + ["--shard", "\(index)/2"])
      #expect(part.status == 0, "\(part.errors)")
      return try folder.file("\(index).json", Array(part.output.utf8))
    }
    let (wholeTable, mergedTable) = (
      try Command("merge", try folder.file("whole.json", Array(whole.output.utf8))), try Command(["merge"] + files)
    )
    #expect(mergedTable.status == 0, "\(mergedTable.errors)")
    #expect(mergedTable.output == wholeTable.output)
    try expectUsageError("merge", files[0], files[0], saying: "shard 0/2", "twice")
    for file in files { try expectUsageError("merge", file, saying: "gate: shard", "/2 is missing") }
    let other = try Command(options + ["--shard", "1/2", "--shape", "rows=1"])
    let ofAnotherRun = try folder.file("other.json", Array(other.output.utf8))
    try expectUsageError("merge", files[0], ofAnotherRun, saying: "of another run", "--shape: rows=1, and none")
    try expectUsageError("merge", try folder.file("none.json", Array("[]".utf8)), saying: "none.json", "no report")
    let changed = whole.output.replacing("\"index\" : 0", with: "\"index\" : -1")
    try expectUsageError("merge", try folder.file("changed.json", Array(changed.utf8)), saying: "was changed")
    try expectUsageError("merge", try folder.file("bad.json", Array("[{}]".utf8)), saying: "bad.json", "schema")
    try expectUsageError("merge", try folder.file("text.json", Array("no".utf8)), saying: "text.json", "JSON")
    try expectUsageError("merge", "/no/such/report", saying: "/no/such/report")
  }

  /// Metal publishes nothing of the error function.
  @Test func aRunThatCanClaimNothingFails() throws {
    let folder = try TemporaryFolder()
    let options = [
      "fuzz", "gelu", "--arithmetic", "f32,functions=metal", "--strategy", "random", "--shape", "rows=1,columns=4",
      "--cases", "4", "--corpus", folder.url.path,
    ]
    let page = folder.url.appending(path: "page.html")
    let run = try Command(options + ["--html", page.path])
    let sentence = "Nothing could be claimed of any case"
    #expect(run.status == 1 && run.output.contains("\n" + sentence), "\(run.output)\(run.errors)")
    #expect(try String(contentsOf: page, encoding: .utf8).contains(sentence))
    let json = try Command(options + ["--json"])
    #expect(json.status == 1)
    #expect(try Command("merge", try folder.file("run.json", Array(json.output.utf8))).status == 1)
    let replay = try Command("fuzz", "silu", "--replay", "silu x=[1x1]:nan")
    #expect(replay.status == 1 && replay.output.contains("claimed    of no element"), "\(replay.output)")
    // One element is enough.
    let half = "linear weight=[2x1]:0x1p+127,0x1p+0 x=[1x1]:0x1p+127"
    let partly = try Command("fuzz", "linear", "--replay", half)
    #expect(partly.status == 0 && partly.output.hasPrefix("verdict    outside the domain"), "\(partly.output)")
  }

  @Test func aLayerWithoutBoundsForOtherEnginesNamesTheArithmeticThatHasThem() throws {
    try expectUsageError("fuzz", "block", "--engine", "cat", saying: "block", "'--arithmetic engine'")
  }

  @Test func thePageOfJoinedPartsIsThatOfTheWholeRun() throws {
    let folder = try TemporaryFolder()
    func path(_ name: String) -> String { folder.url.appending(path: name).path(percentEncoded: false) }
    /// Everything but the command line, which differs.
    func page(_ name: String) throws -> String {
      try String(contentsOfFile: path(name), encoding: .utf8)
        .replacing(/<dt>(shards|command line)<\/dt><dd><code>[^<]*<\/code><\/dd>/, with: "")
    }
    let whole = try Command("fuzz", "relu", "--cases", "600", "--html", path("whole.html"))
    #expect(whole.status == 0 && whole.output.contains("relu"), "\(whole.errors)")
    let parts = try (0...1).map { part in
      let command = try Command("fuzz", "relu", "--cases", "600", "--shard", "\(part)/2", "--json")
      return try folder.file("\(part).json", Array(command.output.utf8))
    }
    let merge = try Command(["merge", "--html", path("merged.html")] + parts)
    #expect(merge.status == 0, "\(merge.errors)")
    #expect(try page("merged.html") == page("whole.html"))
    #expect(try page("whole.html").hasPrefix("<!DOCTYPE html>"))
    #expect(try String(contentsOfFile: path("merged.html"), encoding: .utf8).contains("0/2, 1/2"))
  }

  @Test func aRecordIsWrittenAndReplayed() throws {
    let folder = try TemporaryFolder()
    let options = ["fuzz", "silu", "--strategy", "search", "--cases", "60", "--corpus", folder.url.path]
    let first = try Command(options + ["--record"])
    #expect(first.status == 0, "\(first.errors)")
    let file = folder.url.appending(path: "silu.corpus")
    let text = try String(contentsOf: file, encoding: .utf8)
    let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
    #expect(lines.count >= 1 && lines.allSatisfy { $0.contains(" # seed 0: ") }, "\(text)")
    let second = try Command(options + ["--json"])
    let reports = try #require(
      try JSONSerialization.jsonObject(with: Data(second.output.utf8)) as? [[String: Any]])
    #expect(reports.first?["replayed"] as? Int == lines.count)
    try Data((text + "silu x=[1x1]:one # seed 1: broken\n").utf8).write(to: file)
    let third = try Command(options)
    #expect(third.status == 2 && third.output.isEmpty)
    #expect(third.errors.contains("silu.corpus, line \(lines.count + 3), column 6"), "\(third.errors)")
  }
}
