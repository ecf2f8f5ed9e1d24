import Foundation
import PlumbEngine
import PlumbFormats
import PlumbModel
import Testing

/// `plumb grade` and `plumb diagnose` on good dumps and on what people get wrong.
@Suite struct GradeCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func dump(_ bytes: [UInt8], _ name: String = "dump.safetensors") throws -> String {
    try folder.file(name, bytes)
  }

  private func grade(_ dump: String, _ more: String..., tokens: String = EngineDump.list) throws -> Command {
    try Command(["grade", "seeded", dump, "--tokens", tokens, "--local-only"] + more)
  }

  private func object(_ command: Command) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(command.output.utf8)) as? [String: Any])
  }

  @Test func aCleanDumpIsWithin() throws {
    let path = try dump(EngineDump.bytes())
    let command = try grade(path, "--json")
    #expect(command.status == 0 && command.errors.isEmpty, "\(command.errors)")
    let report = try object(command)
    #expect(
      Set(report.keys) == [
        "schema", "model", "fingerprint", "dump", "names", "tokens", "texts", "arithmetic", "activations", "notes",
        "firstCause", "verdict", "precision", "next", "topTokenProved", "attention", "seconds",
        "isComplete", "gradients", "firstGradientCause",
      ])
    #expect(report["next"] is NSNull && report["precision"] is NSNull)
    #expect(report["schema"] as? Int == 1 && report["verdict"] as? String == "within")
    #expect(report["firstCause"] is NSNull && report["arithmetic"] as? String == "f32")
    let first = try #require((report["activations"] as? [[String: Any]])?.first)
    #expect(
      Set(first.keys) == [
        "name", "block", "layer", "shape", "local", "accumulated", "tensor", "storage", "from", "bridged", "unclaimed",
      ])
    let text = try grade(path)
    #expect(
      text.status == 0 && text.lines.last == "40 activations graded: all within; rounding explains every one of them.")
    let nothing = try Command("diagnose", "seeded", path, "--tokens", EngineDump.list)
    #expect(nothing.status == 0, "\(nothing.errors)")
    #expect(nothing.output.contains("there is nothing to diagnose"))
  }

  @Test func aBugIsFoundAndNamed() throws {
    // Every query's rotation is left out.
    let query = try Self.unrotated(1)
    let path = try dump(EngineDump.bytes(changing: "blocks.1.rotated-query") { _ in query })
    let junit = folder.url.appending(path: "junit.xml").path(percentEncoded: false)
    let graded = try grade(path, "--json", "--junit", junit)
    #expect(graded.status == 1 && graded.errors.isEmpty, "\(graded.errors)")
    let cause = try #require(try object(graded)["firstCause"] as? [String: Any])
    #expect(
      Set(cause.keys) == [
        "block", "layer", "name", "layers", "margin", "explanations", "refuted", "distinctions", "untriedPairs",
        "anotherExpert", "shape",
      ])
    #expect(cause["name"] as? String == "blocks.1.rotated-query" && cause["block"] as? Int == 1)
    let explanations = try #require(cause["explanations"] as? [[String: Any]])
    #expect(Set(explanations.flatMap(\.keys)) == ["mutant", "cause", "margin", "proved"])
    let named = explanations.compactMap { $0["mutant"] as? String }
    #expect(named.contains("rotary-embedding left-out"), "\(named)")
    // One failing test, which says what is wrong.
    let tests = try String(contentsOfFile: junit, encoding: .utf8)
    #expect(tests.contains("tests=\"40\"") && tests.contains("rotary-embedding left-out"))

    // What the proof rests on is said once.
    let text = try grade(path).output.replacing("\n", with: " ")
    let conditions = text.ranges(of: "the formula and the arithmetic that are named: rotary-embedding: ")
    #expect(conditions.count == 1 && text.contains("; arithmetic 'f32'. Another formula"), "\(text)")

    let first = try Command("diagnose", "seeded", path, "--tokens", EngineDump.list, "--json")
    #expect(first.status == 1, "\(first.errors)")
    let report = try object(first)
    #expect(
      Set(report.keys) == [
        "schema", "model", "fingerprint", "dump", "names", "tokens", "arithmetic", "activation", "local", "cause",
        "notes", "unclaimed", "seconds",
      ])
    #expect(report["activation"] as? String == "blocks.1.rotated-query")
    let again = try #require((report["cause"] as? [String: Any])?["explanations"] as? [[String: Any]])
    #expect(again.compactMap { $0["mutant"] as? String } == named)

    // What was computed before it is sound, and what is asked about is what is answered.
    let other = try Command(
      "diagnose", "seeded", path, "--tokens", EngineDump.list, "--activation", "blocks.1.rotated-key")
    #expect(other.status == 0 && other.output.contains("activation   blocks.1.rotated-key"), "\(other.errors)")
  }

  /// The queries of `block` as they stand before they are rotated.
  private static func unrotated(_ block: Int) throws -> Activation<Float> {
    var query: Activation<Float>?
    try Engine.Pass(SeededModel.transformer).append(EngineDump.tokens) { name, activation in
      if name == ActivationName(block: block, .query) { query = activation }
    }
    return try #require(query)
  }

  @Test func ofWhatIsNotFiniteNothingIsClaimed() throws {
    let path = try dump(
      EngineDump.bytes(changing: "blocks.1.gate") { x in x.map { _ in Float.infinity } })
    let command = try Command(
      "diagnose", "seeded", path, "--tokens", EngineDump.list, "--activation", "blocks.1.activated-gate")
    #expect(command.status == 1 && command.errors.isEmpty, "\(command.errors)")
    let said = command.output.split { $0.isWhitespace }.joined(separator: " ")
    #expect(said.contains("its input 'blocks.1.gate' is not finite everywhere."), "\(command.output)")
  }

  /// The first dump that most people try.
  @Test func ofLogitsAloneNothingIsClaimed() throws {
    let path = try dump(EngineDump.bytes { $0.role == .logits ? $1 : nil })
    for arguments in [["grade"], ["grade", "--local-only"], ["diagnose"]] {
      let command = try Command(arguments + ["seeded", path, "--tokens", EngineDump.list])
      #expect(command.status == 1 && command.errors.isEmpty, "\(command.errors)")
      let said = command.output.split { $0.isWhitespace }.joined(separator: " ")
      #expect(said.contains("Nothing can be claimed of 'logits': 2 blocks lie between the tokens and it"), "\(said)")
      #expect(said.contains("'blocks.{block}.feed-forward-residual'") && !said.contains("overflow"), "\(said)")
    }
  }

  @Test func notANumberHasABeginning() throws {
    let path = try dump(
      EngineDump.bytes(changing: "blocks.0.up") { x in
        var x = x
        x.elements[2 * x.columns + 7] = .nan
        return x
      })
    let command = try grade(path)
    #expect(command.status == 1 && command.errors.isEmpty, "\(command.errors)")
    #expect(command.output.contains("NaN begins in 'blocks.0.up' at [2, 7]"))
  }

  @Test func ordersOfElementsAreRecognised() throws {
    // Four tokens and four heads: the shape cannot tell.
    let heads = try dump(
      EngineDump.bytes(changing: "blocks.0.query") { x in
        var result = x
        for token in 0..<4 {
          for head in 0..<4 {
            for index in 0..<16 {
              result.elements[(token * 4 + head) * 16 + index] = x.elements[(head * 4 + token) * 16 + index]
            }
          }
        }
        return result
      })
    let command = try grade(heads)
    #expect(command.status == 0, "\(command.output)")
    #expect(command.output.contains("'blocks.0.query' looks transposed: heads before tokens"))
  }

  @Test(arguments: [
    ([UInt8](), "is empty"),
    (Array("no dump at all, only text".utf8), "damaged or cut short"),
    (SafeTensorsWriter().bytes(), "holds no tensors"),
    (EngineDump.zeros("final-norm", 64, 4), "it looks transposed"),
    (EngineDump.zeros("final-norm", 7, 64), "it looks like a dump of 7 tokens, and 4 were given"),
    (EngineDump.zeros("final-norm", 4, 128), "it looks like a dump of another model"),
    (EngineDump.zeros("final-norm", 2, 4, 64), "it looks like a batch of 2"),
    (EngineDump.zeros("blocks.0.query", 4, 16, 4), "its axes look permuted"),
    (EngineDump.zeros("final-norm", 4, 64, type: .i32), "holds I32 elements"),
    (EngineDump.zeros("blocks.0.qery", 4, 64), "the nearest are 'blocks.{block}.query'"),
    (EngineDump.zeros("a\nb", 4, 64), "'?' is no name"),
  ]) func badDumps(bytes: [UInt8], message: String) throws {
    for subcommand in ["grade", "diagnose"] {
      try expectRefusal(
        Command(subcommand, "seeded", try dump(bytes), "--tokens", EngineDump.list), message)
    }
  }

  @Test func whatElseCannotBe() throws {
    let bytes = try EngineDump.bytes()
    let path = try dump(bytes)
    try expectRefusal(grade(dump(Array(bytes.prefix(bytes.count / 2)), "cut.safetensors")), "damaged or cut short")
    try expectRefusal(grade(folder.url.path(percentEncoded: false)), "directory")
    try expectRefusal(grade("/nowhere.safetensors"), "/nowhere.safetensors: there is no such file")
    try expectRefusal(grade(path, tokens: "72,101,108,109"), "the row of token number 108, not 109")
    try expectRefusal(grade(path, tokens: "72,101"), "a dump of 4 tokens, and 2 were given")
    try expectRefusal(Command("grade", "seeded", path), "--tokens")
    try expectRefusal(Command("grade", "/nowhere.gguf", path, "--tokens", "1"), "/nowhere.gguf")
    try expectRefusal(Command("diagnose", "/nowhere.gguf", path, "--tokens", "1"), "/nowhere.gguf")
    try expectRefusal(grade(path, "--arithmetic", "f33"), "there is no arithmetic 'f33'")
    try expectRefusal(grade(path, "--arithmetic", "engine"), "plumb drift")
    for (text, message) in [
      ("no JSON", "is no JSON object"), ("[]", "is no JSON object"), ("{\"a\": 1}", "is no JSON object"),
      ("{}", "names no tensor"), ("{\"a\": \"quary\"}", "the nearest are query"),
      ("{\"a\": \"query\"}", "is no name of the table"),
    ] {
      try expectRefusal(grade(path, "--names", folder.file("names.json", Array(text.utf8))), message)
    }
    try expectRefusal(grade(path, "--names", "/nowhere.json"), "/nowhere.json: there is no such file")
    try expectRefusal(
      Command("diagnose", "seeded", path, "--tokens", EngineDump.list, "--activation", "qery"), "'blocks.0.query'")
    try expectRefusal(
      Command("diagnose", "seeded", path, "--tokens", EngineDump.list, "--activation", "blocks.7.query"),
      "has no activation 'blocks.7.query'")
  }

  @Test func namesOfOnesOwnAreMapped() throws {
    var writer = SafeTensorsWriter()
    try Engine.Pass(SeededModel.transformer).append(EngineDump.tokens) { name, activation in
      if name.role == .gate { writer.add("ffn/\(name.block ?? 0)/w1", shape: activation.shape, activation.elements) }
      if name.role == .feedForwardNorm {
        writer.add("ffn/\(name.block ?? 0)/in", shape: activation.shape, activation.elements)
      }
    }
    let names = try folder.file(
      "names.json", Array("{\"ffn/{block}/w1\": \"gate\", \"ffn/{block}/in\": \"feed-forward-norm\"}".utf8))
    let command = try grade(dump(writer.bytes()), "--names", names, "--json")
    #expect(command.errors.isEmpty)
    let activations = try #require(try object(command)["activations"] as? [[String: Any]])
    let gates = activations.filter { ($0["name"] as? String)?.hasSuffix(".gate") == true }
    #expect(gates.count == 2)
    for gate in gates {
      #expect((gate["local"] as? [String: Any])?["verdict"] as? String == "within")
      #expect((gate["from"] as? [String])?.count == 1)
    }
  }

  private func expectRefusal(
    _ command: Command, _ message: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(command.status == 2, "\(command.errors)", sourceLocation: sourceLocation)
    #expect(command.output.isEmpty, sourceLocation: sourceLocation)
    #expect(command.errors.contains(message), "\(command.errors)", sourceLocation: sourceLocation)
    #expect(
      command.errors.split(separator: "\n").count == 1, "\(command.errors)", sourceLocation: sourceLocation)
  }
}
