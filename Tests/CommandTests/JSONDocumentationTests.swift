import DocumentedJSON
import Foundation
import PlumbBounds
import PlumbFormats
import PlumbModel
import PlumbMutants
import PlumbTolerance
import PlumbVerdicts
import Testing

/// Every command with `--json`, held against the page of the JSON: every key that is printed is documented with its kind, and
/// every key that is documented is printed, whatever was found.
@Suite struct JSONDocumentationTests {
  private let page: DocumentedJSON
  private let folder: TemporaryFolder

  init() throws { (page, folder) = (try DocumentedJSON(), try TemporaryFolder()) }

  private func path(_ name: String) -> String { folder.url.appending(path: name).path(percentEncoded: false) }

  /// Expects what `arguments` print to be as the page says, and to have met the objects of `met`.
  private func expect(_ arguments: [String], _ heading: String, meeting met: Set<String> = [], status: Int32 = 0) throws
  {
    let command = try Command(arguments + ["--json"])
    #expect(command.status == status, "\(arguments): \(command.errors)")
    let findings = page.findings(in: command.output, of: heading)
    #expect(findings.problems.isEmpty, "\(arguments)")
    #expect(met.union([heading]).subtracting(findings.met).isEmpty, "\(arguments)")
  }

  @Test func everyCommandIsDocumented() throws {
    let page = try DocumentedJSON()
    var commands: Set<String> = []
    for (command, sub) in [("plumb", ""), ("plumb golden", "golden")] {
      let help = try Command((sub.isEmpty ? [] : [sub]) + ["--help"]).output
      // Subcommands stand two columns in, after their heading.
      for line in help.split(separator: "SUBCOMMANDS:").last?.split(separator: "\n") ?? [] {
        guard let name = line.firstMatch(of: /^  ([a-z]+)( |$)/) else { continue }
        let arguments = (sub.isEmpty ? [] : [sub]) + [String(name.1), "--help"]
        if try Command(arguments).output.contains("--json") { commands.insert("\(command) \(name.1)") }
      }
    }
    #expect(commands.count > 10)
    // What `plumb merge` prints is described with `plumb fuzz`.
    #expect(commands.subtracting(page.objects.keys) == ["plumb merge"])
  }

  @Test func passes() throws {
    let prompt = ["--tokens", "80"]
    let profile = path("profile.json")
    try expect(["drift", "--record-baseline", profile] + prompt, "plumb drift", meeting: ["Activation", "Next token"])
    let better = try String(contentsOfFile: profile, encoding: .utf8).replacing(
      /"margin" : [0-9.e-]+/, with: "\"margin\" : 0")
    let other = try folder.file(
      "better.json", Array(ChecksumLine.json.sealed(ChecksumLine.json.content(of: better)).utf8))
    try expect(
      ["drift", "--head", "0.1", "--baseline", other] + prompt, "plumb drift",
      meeting: ["Attended token", "Regression", "Local drift", "Accumulated drift", "Element", "Bin"], status: 1)
    try expect(["drift", "--local-only"] + prompt, "plumb drift --local-only", meeting: ["Activation"])
    try expect(
      ["gradient", "--tokens", "80,81", "--digits", "3"], "plumb gradient",
      meeting: ["Tensor gradient", "Enclosed number", "Activation"])
    try expect(
      ["gradient", "--tokens", "80,81", "--digits", "3", "--attribute"], "plumb gradient",
      meeting: ["Gradient attribution", "Attributed element", "Gradient part"])
    let learned = try folder.file("learned", Array(String(repeating: "plumb ", count: 80).utf8))
    try expect(
      [
        "train", learned, "--output", path("trained.gguf"), "--steps", "2", "--layers", "1", "--width", "8", "--heads",
        "2",
        "--ff", "8", "--context", "8", "--batch", "1", "--audit", "2", "--audit-tokens", "2",
      ], "plumb train", meeting: ["Training", "Extents", "Held-out text", "Audit"])
    try expect(["certify"] + prompt, "plumb certify", meeting: ["Comparison", "Next token"])
    try expect(
      ["similarity", "shipped", "a", "b", "ab", "--pooling", "mean"], "plumb similarity",
      meeting: ["Compared text", "Compared pair"])
    let encoder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/tiny-bert").path(percentEncoded: false)
    try expect(["drift", encoder, "--tokens", "2,7,3"], "plumb drift", meeting: ["Activation"])
    let continued = ["run", "--tokens-to-generate", "2"]
    try expect(continued + prompt, "plumb run", meeting: ["Generated token"])
    try expect(continued + prompt + ["--log-probabilities", "2"], "plumb run", meeting: ["Likely token"])
    try expect(continued + ["--prompt", "a", "--prompt", "b"], "plumb run", meeting: ["Generated token"])
    try expect(["inspect"], "plumb inspect", meeting: ["Stored tensor"])
    try expect(["doctor"], "plumb doctor")
    let text = try folder.file("text", Array("A plumb line".utf8))
    try expect(["perplexity", "shipped", text], "plumb perplexity")
  }

  @Test func dumps() throws {
    let clean = try folder.file("clean", EngineDump.bytes())
    let wrong = try folder.file(
      "wrong",
      EngineDump.bytes(changing: "blocks.1.down") {
        Activation(shape: $0.shape, elements: $0.elements.map { $0 * 1.5 })
      })
    let rest = ["--tokens", EngineDump.list]
    try expect(["grade", "seeded", clean] + rest, "plumb grade", meeting: ["Graded activation", "Next token"])
    try expect(
      ["grade", "seeded", wrong, "--local-only"] + rest, "plumb grade", meeting: ["First cause"],
      status: 1)
    try expect(["diagnose", "seeded", clean] + rest, "plumb diagnose", meeting: ["Local drift"])
    try expect(
      ["diagnose", "seeded", wrong, "--patience", "1"] + rest, "plumb diagnose", meeting: ["First cause"], status: 1)
  }

  @Test func layers() throws {
    let corpus = ["--corpus", folder.url.path(percentEncoded: false)]
    try expect(["fuzz", "gate", "--cases", "3"] + corpus, "plumb fuzz", meeting: ["Fuzzed case", "Shard", "Bin"])
    let report = try Command(["fuzz", "gate", "--cases", "3", "--json"] + corpus)
    try expect(
      ["merge", try folder.file("part.json", Array(report.output.utf8))], "plumb fuzz", meeting: ["Fuzzed case"])
    for line in ["relu x=[1x1]:0x1p+0", "softmax x=[1x2]:nan,0x1p+0"] {
      let layer = String(line.prefix { $0 != " " })
      try expect(["fuzz", layer, "--replay", line], "plumb fuzz --replay", status: line.contains("nan") ? 1 : 0)
    }
    try expect(["mutants", "residual-add", "--cases", "2"], "plumb mutants", meeting: ["Mutant"], status: 1)
    try expect(["layer", "--list"], "plumb layer --list", meeting: ["Layer tensor", "Layer attribute"])
    var writer = SafeTensorsWriter()
    writer.add("x", shape: [1, 2], [.nan, 1] as [Float])
    let input = try folder.file("in.safetensors", writer.bytes())
    try expect(["layer", "softmax", "--input", input, "--output", path("out")], "plumb layer", status: 1)
    try expect(
      ["tolerance", "softmax", "--shape", "rows=2,columns=9"], "plumb tolerance", meeting: ["Tolerance"])
    try expect(["probe", "--terms", "8", "--cases", "4"], "plumb probe", meeting: ["Fit", "Exclusion"])
    try expect(["exhaust", "exp", "--range", "1...1.00001"], "plumb exhaust")
  }

  @Test func goldens() throws {
    let (old, new) = (path("old"), path("new"))
    for place in [old, new] { _ = try Command("golden", "regenerate", "relu", "--folder", place) }
    let file = "\(new)/relu.golden"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let other = text.replacing(/(?m)^note .*$/, with: "note another", maxReplacements: 1)
    try #require(other != text)
    let meant = ChecksumLine.plain.sealed(ChecksumLine.plain.content(of: other))
    try meant.write(toFile: file, atomically: true, encoding: .utf8)
    try expect(["golden", "diff", old, new], "plumb golden diff", status: 1)
    #expect(try Command("golden", "diff", old, old, "--json").output.filter { !$0.isWhitespace } == "[]")
  }

  /// A number that is none is written as the page says.
  @Test func numbersThatAreNotFiniteAreStrings() throws {
    let command = try Command("fuzz", "softmax", "--replay", "softmax x=[1x2]:nan,0x1p+0", "--json")
    let object = try #require(try JSONSerialization.jsonObject(with: Data(command.output.utf8)) as? [String: Any])
    #expect(object["bound"] as? String == "inf" && object["worstUlps"] as? String == "inf")
    #expect(object["worst"] is NSNull && object["problem"] is NSNull && object["engine"] is NSNull)
  }
}
