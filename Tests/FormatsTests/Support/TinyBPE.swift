/// The vocabulary of `Tests/Fixtures/tiny-bpe.txt`.
struct TinyBPE {
  private(set) var tokens = TinyLlama.byteAlphabet
  private(set) var types = [Int32](repeating: 1, count: 256)
  private(set) var merges: [String] = []

  init() throws {
    var known = Set(tokens)
    for line in try Fixture.lines("tiny-bpe.txt") {
      let words = line.split(separator: " ").map(String.init)
      let token = words.dropFirst().joined()
      if words[0] == "merge" { merges.append("\(words[1]) \(words[2])") }
      guard known.insert(token).inserted else { continue }
      tokens.append(token)
      types.append(words[0] == "control" ? 3 : words[0] == "user" ? 4 : 1)
    }
  }

  /// A file of metadata only, with this vocabulary under `pre`.
  func writer(pre: String) -> GGUFWriter {
    var writer = GGUFWriter()
    writer.set("tokenizer.ggml.model", .string("gpt2"))
    writer.set("tokenizer.ggml.pre", .string(pre))
    writer.set("tokenizer.ggml.tokens", .strings(tokens))
    writer.set("tokenizer.ggml.token_type", .int32s(types))
    writer.set("tokenizer.ggml.merges", .strings(merges))
    writer.set("tokenizer.ggml.add_bos_token", .bool(false))
    return writer
  }

  /// The token written `text`.
  func id(_ text: String) -> Int? { tokens.firstIndex(of: text) }
}
