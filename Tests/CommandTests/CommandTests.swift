import Foundation
import Testing

@Suite struct CommandTests {
  @Test func driftOfTheShippedModelIsWithinAndFitsTheTerminal() throws {
    let command = try Command("drift", "--prompt", "Plumb.")
    #expect(command.status == 0, "\(command.errors)")
    #expect(command.errors.isEmpty)
    #expect(command.lines.allSatisfy { $0.count <= 80 })
    // 2 blocks of 9 kinds of layer, and 4 activations outside the blocks.
    #expect(command.lines.count { $0.contains(" within ") } == 2 * 9 + 4)
    #expect(command.output.contains("trained on the text of this package"))
    #expect(command.output.contains("the exact first choice"))
  }

  @Test func driftPrintsJSON() throws {
    let command = try Command("drift", "--tokens", "80,108", "--layers", "1...1", "--json")
    #expect(command.status == 0, "\(command.errors)")
    let object = try #require(try JSONSerialization.jsonObject(with: Data(command.output.utf8)) as? [String: Any])
    #expect(object["tokens"] as? [Int] == [80, 108])
    #expect(object["verdict"] as? String == "within")
    let activations = try #require(object["activations"] as? [[String: Any]])
    #expect(Set(activations.compactMap { $0["block"] as? Int }) == [1])
    #expect((object["next"] as? [Any])?.count == 10)
  }

  /// Local drift is a layer's alone, so that leaving out the pass from the tokens changes nothing of it.
  @Test func localOnlyIsTheLocalPartOfTheWhole() throws {
    func activations(_ more: String...) throws -> [[String: Any]] {
      let command = try Command(["drift", "--tokens", "80,108", "--json"] + more)
      #expect(command.status == 0, "\(command.errors)")
      let object = try JSONSerialization.jsonObject(with: Data(command.output.utf8)) as? [String: Any]
      return try #require(object?["activations"] as? [[String: Any]])
    }
    let (whole, local) = (try activations(), try activations("--local-only"))
    #expect(whole.map { $0["name"] as? String } == local.map { $0["name"] as? String })
    for (one, other) in zip(whole, local) {
      #expect(
        NSDictionary(dictionary: try #require(one["local"] as? [String: Any]))
          == NSDictionary(dictionary: try #require(other["local"] as? [String: Any])))
      #expect(other["accumulated"] is NSNull)
    }
    let table = try Command("drift", "--tokens", "80,108", "--local-only")
    #expect(table.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(table.output.hasSuffix("all within; rounding explains the drift of every layer.\n"))
    let refused = try Command("drift", "--local-only", "--html", "page.html")
    #expect(refused.status == 2 && refused.errors.contains("'--html'"))
  }

  @Test func runIsReproducibleAndSaysWhatItRan() throws {
    func run(_ seed: String) throws -> Command {
      try Command(
        "run", "--prompt", "ab", "--tokens-to-generate", "24", "--temperature", "1", "--seed", seed)
    }
    let (first, again, other) = (try run("7"), try run("7"), try run("8"))
    #expect(first.status == 0, "\(first.errors)")
    #expect(first.output == again.output)
    #expect(first.output != other.output)
    #expect(first.errors.contains("tokens a second"))
    #expect(first.errors.contains("fingerprint"))
    #expect(try Command("run", "--prompt", "ab", "--tokens-to-generate", "0").output.isEmpty)
  }

  @Test func inspectNamesEveryTensor() throws {
    let command = try Command("inspect")
    #expect(command.status == 0)
    for word in ["fingerprint", "vocabulary", "256", "F32", "blk.1.ffn_down.weight"] {
      #expect(command.output.contains(word), "\(word)")
    }
    let json = try Command("inspect", "--json")
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect((object["fingerprint"] as? String)?.count == 64)
  }

  @Test func mutantsPrintsTheKillMatrix() throws {
    let command = try Command("mutants", "gate", "--cases", "24")
    #expect(command.status == 0, "\(command.errors)")
    #expect(command.lines.allSatisfy { $0.count <= 80 })
    #expect(command.output.contains("false alarms"))
    let json = try Command("mutants", "residual-add", "--cases", "2", "--json")
    let reports = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
    #expect(reports.first?["cases"] as? Int == 2)
    #expect((reports.first?["mutants"] as? [Any])?.isEmpty == false)
  }

  /// The version names a commit of the history, where there is one to ask.
  @Test func theVersionNamesTheCommit() throws {
    let version = try Command("--version").output
    #expect(version.wholeMatch(of: /[0-9]+\.[0-9]+\.[0-9]+( \([0-9a-f]{12}\))?\n/) != nil, "\(version)")
    let history = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../.git/logs/HEAD")
    guard let commits = try? String(contentsOf: history, encoding: .utf8) else { return }
    let named = try #require(version.firstMatch(of: /[0-9a-f]{12}/)).output
    #expect(commits.contains(" \(named)"))
  }

  @Test func helpAndVersionSucceed() throws {
    for arguments in [
      ["--help"], ["drift", "--help"], ["run", "--help"], ["inspect", "--help"], ["mutants", "--help"], ["--version"],
    ] {
      let command = try Command(arguments)
      #expect(command.status == 0)
      #expect(!command.output.isEmpty)
      #expect(command.errors.isEmpty)
    }
  }
}
