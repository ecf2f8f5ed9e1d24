import DocumentedJSON
import Foundation
import PlumbFormats
import PlumbModel
import Testing

/// `plumb compare` on dumps whose distances are known, and on what people get wrong.
@Suite struct CompareCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func compare(_ a: String, _ b: String, _ more: String..., tokens: String = EngineDump.list) throws -> Command
  {
    try Command(["compare", "seeded", a, b, "--tokens", tokens] + more)
  }

  private func object(_ command: Command) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(command.output.utf8)) as? [String: Any])
  }

  /// The engine's dump, whose logits have `added` to the one of `token`.
  private func dump(_ name: String, adding added: Float = 0, to token: Int = 0) throws -> String {
    let bytes = try EngineDump.bytes(changing: "logits") { logits in
      var changed = logits
      changed.elements[token] += added
      return changed
    }
    return try folder.file(name, bytes)
  }

  @Test func theSameDumpIsAsNearAsItself() throws {
    let path = try dump("a.safetensors")
    let command = try compare(path, path)
    #expect(command.status == 0 && command.errors.isEmpty, "\(command.errors)")
    #expect(command.output.contains("Rounding explains every activation of both"))
    #expect(command.output.contains("neither is proved nearer"))
    #expect(command.lines.allSatisfy { $0.count <= 80 || $0.contains(path) })
    let report = try object(try compare(path, path, "--json"))
    let activations = try #require(report["activations"] as? [[String: Any]])
    #expect(activations.count == 40)
    #expect(activations.allSatisfy { $0["nearer"] is NSNull && $0["difference"] as? Double == 0 })
  }

  /// A logit that is moved by 2 lies 2 away, but for the engine's own distance, and takes the first place.
  @Test func theNearerIsNamedAndSoIsTheExactChoice() throws {
    let (a, b) = (try dump("a.safetensors", adding: 2, to: 7), try dump("b.safetensors"))
    let command = try compare(a, b, "--json")
    #expect(command.status == 1, "\(command.errors)")
    let report = try object(command)
    let last = try #require((report["activations"] as? [[String: Any]])?.last { $0["name"] as? String == "logits" })
    #expect(last["nearer"] as? String == "b")
    func distance(_ side: String) throws -> Double {
      let accumulated = (last[side] as? [String: Any])?["accumulated"] as? [String: Any]
      return try #require(accumulated?["worstAbsolute"] as? Double)
    }
    let own = try distance("b")
    #expect(own < 1e-3)
    // The moved logit may be the one of which the engine is off, and the sum rounds.
    #expect(abs(try distance("a") - 2) <= own + 0x1p-20)
    #expect(abs(try #require(last["difference"] as? Double) - 2) <= 0x1p-20)
    func choice(_ key: String) throws -> Int? {
      let side = try #require(report[key] as? [String: Any])
      return (side["choice"] as? [String: Any] ?? side)["token"] as? Int
    }
    #expect(try choice("b") == choice("exactChoice") && choice("b") != nil)
    #expect((report["a"] as? [String: Any])?["firstCause"] as? String == "logits")
    let text = try compare(a, b).output.replacing("\n", with: " ")
    #expect(text.contains("A is first outside its bounds at 'logits'") && text.contains("B is about"), "\(text)")
  }

  @Test func logitsAloneWillDo() throws {
    let path = try folder.file("logits.safetensors", try Self.only("logits", of: try dump("whole.safetensors")))
    let command = try compare(path, try dump("b.safetensors"), "--json")
    #expect(command.errors.isEmpty, "\(command.errors)")
    let names = (try object(command)["activations"] as? [[String: Any]])?.compactMap { $0["name"] as? String }
    #expect(names == ["logits"])
  }

  @Test func theJSONIsDocumented() throws {
    let (a, b) = (try dump("a.safetensors", adding: 2, to: 7), try dump("b.safetensors"))
    let findings = try DocumentedJSON().findings(in: try compare(a, b, "--json").output, of: "plumb compare")
    #expect(findings.problems.isEmpty, "\(findings.problems)")
    let met: Set = ["plumb compare", "Compared dump", "Compared activation", "Compared side", "Choice"]
    #expect(met.subtracting(findings.met).isEmpty)
  }

  @Test func whatIsWrongIsSaidInOneLine() throws {
    let path = try dump("a.safetensors")
    let cases: [(Command, String)] = [
      (try Command(["compare", "seeded", path, path]), "give the tokens"),
      (try compare(path, path, "--other-arithmetic", "engine"), "plumb's own kernels"),
      (try compare(path, path, "--arithmetic", "f33"), "there is no arithmetic 'f33'"),
      (try compare(path, "/no/such"), "/no/such"),
      (try compare(path, path, tokens: "1000"), "not in the model's vocabulary"),
    ]
    for (command, part) in cases {
      #expect(command.status == 2 && command.output.isEmpty && command.errors.contains(part), "\(command.errors)")
    }
    let other = try folder.file("logits.safetensors", try Self.only("logits", of: path))
    let first = try folder.file("embedding.safetensors", try Self.only("embedding", of: path))
    let command = try compare(first, other)
    #expect(command.status == 2 && command.errors.contains("have no activation in common"), "\(command.errors)")
  }

  /// The file of one of the tensors at `path`.
  private static func only(_ name: String, of path: String) throws -> [UInt8] {
    var writer = SafeTensorsWriter()
    let activation = try Activation<Float>(try #require(try SafeTensors(path: path)[name]), file: path)
    writer.add(name, shape: activation.shape, activation.elements)
    return writer.bytes()
  }
}
