import Foundation
import Testing

/// Ctrl-C: every command says so and exits with status 130; what it has found is printed, and says that it is not all.
@Suite struct InterruptTests {
  /// The report, or the first of several.
  private func report(_ command: WatchedCommand, sourceLocation: SourceLocation = #_sourceLocation) throws -> [String:
    Any]
  {
    #expect(command.status == 130, "\(command)", sourceLocation: sourceLocation)
    #expect(
      command.errors.contains("interrupted; this is the report so far"), "\(command.errors)",
      sourceLocation: sourceLocation)
    let value = try JSONSerialization.jsonObject(with: Data(command.output.utf8))
    return try #require((value as? [[String: Any]])?.last ?? value as? [String: Any], sourceLocation: sourceLocation)
  }

  @Test(arguments: [
    ("fuzz silu --time 600 --json", "silu: "), ("exhaust silu --json", "silu  "),
    ("mutants gate --cases 1000000 --json", "cases"),
  ]) func whatGoesOnForLongEndsWithTheReportSoFar(call: String, shown: String) throws {
    let command = try WatchedCommand(call.split(separator: " ").map(String.init), interruptedAt: shown)
    #expect(try report(command)["isComplete"] as? Bool == false)
  }

  /// A run with failures says that it left out their shrinking and their explanation; one without says nothing.
  @Test func aRunSaysWhatItDidNotDoWithItsFailures() throws {
    let tests = URL(filePath: #filePath).deletingLastPathComponent()
    let engine = tests.appending(path: "../Examples/engine.py").standardized
    let failing = try WatchedCommand(
      ["fuzz", "relu", "--time", "600", "--engine", "python3 \(engine.path(percentEncoded: false))"],
      interruptedAt: "relu: 64 cases")
    #expect(failing.status == 130 && failing.output.contains("is wrong"))
    #expect(
      failing.errors.contains(
        "relu: its failures are not made smaller, and no other arithmetic or bug that would explain them was looked for"
      ),
      "\(failing.errors)")
    let right = try WatchedCommand(["fuzz", "silu", "--time", "600"], interruptedAt: "silu: ")
    #expect(right.status == 130 && !right.errors.contains("failures"))
  }

  @Test func aTextThatWasReadInPartHasAPerplexity() throws {
    let folder = try TemporaryFolder()
    let text = try folder.file("text", [UInt8](repeating: UInt8(ascii: "p"), count: 1 << 20))
    let command = try WatchedCommand(["perplexity", "shipped", text, "--json"], interruptedAt: "512 of")
    let report = try report(command)
    #expect(report["isComplete"] as? Bool == false)
    let predicted = try #require(report["predicted"] as? Int)
    #expect(predicted > 0 && predicted < 1 << 20)
    #expect(try #require(report["perplexity"] as? Double) > 1)
  }

  /// The exact pass takes almost all of the time; what is known before it is the report.
  @Test func theLocalPartIsLeftOfADriftAndOfAGrade() throws {
    let tokens = (0..<24).map { $0 * 7 % 256 }
    let list = tokens.map(String.init).joined(separator: ",")
    let folder = try TemporaryFolder()
    let dump = try folder.file("dump.safetensors", EngineDump.bytes(tokens))
    for call in [["drift", "--tokens", list], ["grade", "seeded", dump, "--tokens", list, "--arithmetic", "f32"]] {
      let command = try WatchedCommand(call + ["--json"], interruptedAt: "exact pass at")
      let report = try report(command)
      #expect(report["isComplete"] as? Bool == false)
      #expect(report["verdict"] as? String == "within")
      let activations = try #require(report["activations"] as? [[String: Any]])
      #expect(activations.count >= 2 * 16 && activations.allSatisfy { $0["accumulated"] is NSNull? })
    }
    let table = try WatchedCommand(["drift", "--tokens", list], interruptedAt: "exact pass at")
    #expect(table.status == 130 && table.output.contains("all within"))
  }

  @Test func aContinuationKeepsItsTokens() throws {
    let folder = try TemporaryFolder()
    let prompts = try folder.file("prompts", Array(String(repeating: "ab\n", count: 400).utf8))
    let command = try WatchedCommand(
      ["run", "--batch-file", prompts, "--tokens-to-generate", "500", "--json"], interruptedAt: "working")
    let report = try report(command)
    #expect(report["end"] as? String == "interrupted")
    #expect(try #require(report["tokens"] as? [Any]).count < 500)
  }

  @Test func aCheckpointIsLeftOfACertificate() throws {
    let folder = try TemporaryFolder()
    let checkpoint = folder.url.appending(path: "pass").path(percentEncoded: false)
    let arguments = ["certify", "--prompt", "Plumb", "--digits", "1000", "--checkpoint", checkpoint]
    let command = try WatchedCommand(arguments, interruptedAt: "blocks.1.")
    #expect(command.status == 130 && command.output.isEmpty)
    #expect(command.errors.contains("interrupted; the same command goes on from"), "\(command.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path(percentEncoded: false)) == ["pass"])
    #expect(try Command(arguments).status == 0)
  }

  /// Nothing is known before the end, and nobody waits for it: the process ends at once.
  @Test func aCommandWithoutAReportSoFarEndsAtOnce() throws {
    let command = try WatchedCommand(["golden", "check"], interruptedAt: "working")
    #expect(command.status == 130 && command.output.isEmpty)
    #expect(command.errors.contains("plumb: interrupted"))
  }
}
