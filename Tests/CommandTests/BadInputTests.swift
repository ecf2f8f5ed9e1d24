import Foundation
import Testing

/// Mistakes of a user: one line that says what to do, exit status 2, nothing on the standard output.
@Suite struct BadInputTests {
  private func expectBadInput(_ command: Command, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation)
  {
    #expect(command.status == 2, sourceLocation: sourceLocation)
    #expect(command.output.isEmpty, sourceLocation: sourceLocation)
    #expect(!command.errors.isEmpty, sourceLocation: sourceLocation)
    for word in words { #expect(command.errors.contains(word), "\(command.errors)", sourceLocation: sourceLocation) }
  }

  private func expectOneLine(_ command: Command, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(command.errors.split(separator: "\n").count == 1, "\(command.errors)", sourceLocation: sourceLocation)
  }

  @Test(arguments: ["drift", "inspect", "run"]) func filesThatAreNoModels(subcommand: String) throws {
    let folder = try TemporaryFolder()
    let prompt = subcommand == "inspect" ? [] : ["--tokens", "1"]
    func plumb(_ path: String) throws -> Command { try Command([subcommand, path] + prompt) }
    let missing = folder.url.appending(path: "no-such.gguf").path(percentEncoded: false)
    for (path, word) in [
      (missing, "no-such.gguf"),
      (try folder.file("empty.gguf", []), "empty.gguf"),
      (try folder.file("text.gguf", Array("This is no model at all, but a line of text.\n".utf8)), "text.gguf"),
      (try folder.file("cut.gguf", Array("GGUF".utf8) + [3, 0, 0, 0, 1]), "cut.gguf"),
      (folder.url.path(percentEncoded: false), "directory"),
    ] {
      let command = try plumb(path)
      expectBadInput(command, word)
      expectOneLine(command)
    }
  }

  @Test func promptsThatCannotBe() throws {
    expectBadInput(try Command("drift", "--tokens", "1,x"), "1,x")
    expectBadInput(try Command("drift", "--tokens", ""), "--tokens")
    expectBadInput(try Command("drift", "--tokens", "1", "--prompt", "a"), "not both")
    expectBadInput(try Command("drift", "--prompt", ""), "empty")
    let outside = try Command("drift", "--tokens", "1,256")
    expectBadInput(outside, "256", "vocabulary")
    expectOneLine(outside)
    let long = try Command("drift", "--prompt", String(repeating: "a", count: 100_000))
    expectBadInput(long, "100000 tokens", "context")
    expectOneLine(long)
  }

  @Test func optionsThatCannotBe() throws {
    expectBadInput(try Command("drift", "--layers", "0...7"), "0...7")
    expectBadInput(try Command("drift", "--layers", "1...0"), "layers")
    expectBadInput(try Command("drift", "--no-such-option"), "--no-such-option")
    expectBadInput(try Command("no-such-command"), "no-such-command")
    expectBadInput(try Command("run", "--prompt", "a", "--temperature", "-1"), "temperature")
    expectBadInput(try Command("run", "--prompt", "a", "--tokens-to-generate", "-1"), "tokens-to-generate")
    expectBadInput(try Command("run"), "--prompt")
    expectBadInput(try Command("mutants", "no-such-layer"), "no-such-layer", "rms-norm")
    expectBadInput(try Command("mutants", "gate", "--cases", "0"), "--cases")
    expectBadInput(
      try Command(["run", "--prompt", "a"], environment: ["PLUMB_ISA": "quantum"]), "quantum", "PLUMB_ISA")
  }
}
