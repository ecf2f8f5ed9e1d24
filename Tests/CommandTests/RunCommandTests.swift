import Foundation
import Testing

@Suite struct RunCommandTests {
  private func object(_ command: Command) throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(command.output.utf8)) as? [String: Any], "\(command.errors)")
  }

  @Test func aPromptComesFromAFileOrTheStandardInput() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("prompt.txt", Array("The plumb line".utf8))
    let plain = try Command("run", "--prompt", "The plumb line", "--tokens-to-generate", "8")
    #expect(plain.status == 0 && !plain.output.isEmpty)
    #expect(try Command("run", "--prompt-file", path, "--tokens-to-generate", "8").output == plain.output)
    let piped = try Command(["run", "--prompt-file", "-", "--tokens-to-generate", "8"], standardInput: path)
    #expect(piped.output == plain.output)
    let missing = try Command("run", "--prompt-file", path + ".no")
    #expect(missing.status == 2 && missing.errors.contains("prompt.txt.no") && missing.output.isEmpty)
    let bytes = try folder.file("bytes", [0x61, 0xff, 0x62])
    #expect(try Command("run", "--prompt-file", bytes).errors.contains("not UTF-8"))
    let empty = try folder.file("empty", [])
    #expect(try Command("run", "--prompt-file", empty).errors.contains("the prompt is empty"))
    #expect(try Command("run", "--prompt-file", path, "--tokens", "1").errors.contains("not both"))
  }

  @Test func jsonTellsTokensSpeedAndLikelihoods() throws {
    let arguments = ["run", "--tokens", "80,108", "--tokens-to-generate", "5", "--json", "--log-probabilities", "3"]
    let json = try object(try Command(arguments))
    #expect(json["prompt"] as? [Int] == [80, 108])
    #expect(json["end"] as? String == "limit")
    for key in ["promptTokensPerSecond", "generationTokensPerSecond"] {
      #expect(try #require(json[key] as? Double) > 0)
    }
    let tokens = try #require(json["tokens"] as? [[String: Any]])
    #expect(tokens.count == 5)
    for token in tokens {
      // Greedy: the token chosen is the likeliest, and all its rivals are less likely.
      let likeliest = try #require(token["likeliest"] as? [[String: Any]])
      #expect(likeliest.count == 3)
      #expect(likeliest[0]["token"] as? Int == token["token"] as? Int)
      let values = likeliest.compactMap { ($0["logProbability"] as? String).flatMap(Double.init) }
      #expect(values.count == 3 && values == values.sorted(by: >) && values[0] < 0)
      #expect(token["logProbability"] as? String == likeliest[0]["logProbability"] as? String)
    }
    #expect(try Command("run", "--tokens", "1", "--log-probabilities", "3").errors.contains("--json"))
  }

  @Test func severalPromptsAreContinuedAsEachAlone() throws {
    let prompts = ["The plumb line", "A wall", "x"]
    let alone = try prompts.map {
      try object(try Command("run", "--prompt", $0, "--tokens-to-generate", "6", "--json"))
    }
    let options = prompts.flatMap { ["--prompt", $0] }
    let together = try Command(["run", "--tokens-to-generate", "6", "--json"] + options)
    let results = try #require(
      try JSONSerialization.jsonObject(with: Data(together.output.utf8)) as? [[String: Any]], "\(together.errors)")
    #expect(results.map { $0["text"] as? String } == alone.map { $0["text"] as? String })
    #expect(results.map { $0["prompt"] as? [Int] } == alone.map { $0["prompt"] as? [Int] })
    let folder = try TemporaryFolder()
    let path = try folder.file("prompts", Array((prompts.joined(separator: "\n") + "\n\n").utf8))
    let text = try Command(["run", "--tokens-to-generate", "6"] + options)
    #expect(text.output.hasPrefix("1. The plumb line\n") && text.output.contains("\n3. x\n"))
    #expect(try Command("run", "--batch-file", path, "--tokens-to-generate", "6").output == text.output)
    let empty = try folder.file("empty", Array("\n".utf8))
    for (arguments, word) in [
      (["run", "--batch-file", empty], "no line"), (["run", "--batch-file", path, "--prompt", "x"], "--batch-file"),
      (["run", "--prompt", "x", "--prompt", ""], "prompt 2: "), (["drift", "--prompt", "x", "--prompt", "y"], "one"),
    ] {
      let command = try Command(arguments)
      #expect(command.status == 2 && command.output.isEmpty && command.errors.contains(word), "\(command.errors)")
    }
  }

  @Test func samplingIsNarrowedByItsOptions() throws {
    func run(_ options: String...) throws -> Command {
      try Command(["run", "--prompt", "ab", "--tokens-to-generate", "16"] + options)
    }
    let greedy = try run()
    // One token left to choose from is the likeliest.
    #expect(try run("--temperature", "2", "--top-k", "1").output == greedy.output)
    #expect(try run("--temperature", "2", "--min-p", "1").output == greedy.output)
    #expect(try run("--temperature", "2", "--top-p", "0").output == greedy.output)
    #expect(try run("--temperature", "2").output != greedy.output)
    #expect(try run("--temperature", "1", "--top-k", "0").status == 2)
    #expect(try run("--temperature", "1", "--top-p", "1.5").status == 2)
    #expect(try run("--top-p", "0.5").errors.contains("--temperature"))
    #expect(try run("--threads", "1").output == run("--threads", "2").output)
    #expect(try run("--threads", "0").status == 2)
  }

  @Test func perplexityOfAText() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("text", Array(repeating: Array("A wall is straight. ".utf8), count: 8).flatMap { $0 })
    let command = try Command("perplexity", "shipped", path, "--window", "50", "--json")
    let json = try object(command)
    #expect(json["predicted"] as? Int == 160 - 4)
    #expect(json["windows"] as? Int == 4)
    // JSONSerialization may read the last bit of a number otherwise than it was written; JSONDecoder does not.
    struct Report: Decodable { let crossEntropy, perplexity: Double }
    let report = try JSONDecoder().decode(Report.self, from: Data(command.output.utf8))
    let perplexity = report.perplexity
    #expect(perplexity > 1 && exp(report.crossEntropy) == perplexity)
    let text = try Command("perplexity", "shipped", path, "--window", "50")
    #expect(text.status == 0 && text.output.contains(String(format: "%.4f", perplexity)))
    for (arguments, word) in [
      (["shipped", path + ".no"], "text.no"), (["shipped", try folder.file("one", [65])], "at least 2"),
      (["shipped", path, "--window", "1"], "--window"), (["shipped", path, "--window", "100000"], "context"),
      ([path, path], "text"),
    ] {
      let command = try Command(["perplexity"] + arguments)
      #expect(command.status == 2 && command.output.isEmpty && command.errors.contains(word), "\(command.errors)")
    }
  }
}
