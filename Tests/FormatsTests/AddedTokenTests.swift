import Foundation
import PlumbFormats
import Testing

/// Tokens that `tokenizer.json` adds, and what `tokenizer_config.json` says of them.
@Suite struct AddedTokenTests {
  private func tokenizer(_ tiny: TinyFolder) throws -> any Tokenizer {
    let url = FileManager.default.temporaryDirectory.appending(path: "plumb-added-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: url) }
    try tiny.write(to: url)
    return try LoadedModel.open(path: url.path(percentEncoded: false)).tokenizer
  }

  private static func added(_ id: Int, _ content: String, isNormalized: Bool = false) -> String {
    #"{"id": \#(id), "content": "\#(content)", "special": false, "normalized": \#(isNormalized)}"#
  }

  /// The vocabulary's own results of merges, looked for late.
  private static let late = [added(258, "hell", isNormalized: true), added(259, "hello", isNormalized: true)]

  /// The tokens that the library `tokenizers` 0.23 gives for the same file.
  @Test(arguments: [
    (late, "hello hello", [259, 32, 259]), (late, "hell hellhello", [258, 32, 258, 259]),
    (late, "<|begin|>hello<|end|>", [262, 259, 261]), (late, "ohello", [111, 259]),
    (late, "helloo shell", [259, 111, 32, 115, 258]),
    // A token that is looked for in the text as it is goes before one that begins further left.
    ([added(101, "e")] + late, "hello hello", [104, 101, 257, 111, 32, 104, 101, 257, 111]),
    ([added(101, "e")] + late, "hell hellhello", [104, 101, 257, 32, 104, 101, 257, 104, 101, 257, 111]),
    // Merges still lead to a token that is also added, and the text of one is not what it stands for.
    ([added(260, "Ġhello")], "hello hello", [259, 260]),
    ([added(260, "Ġhello")], "a Ġhello hello", [97, 32, 260, 260]),
  ])
  func areFoundAsTheLibraryFindsThem(_ added: [String], _ text: String, _ expected: [Int]) throws {
    var tiny = TinyFolder()
    tiny.addedTokens = added
    let tokenizer = try tokenizer(tiny)
    #expect(try tokenizer.encode(text) == expected)
    #expect(tokenizer.text(of: [260, 261]) == " hello<|end|>")
  }

  @Test func asUserDefinedTokensOfAFile() throws {
    var writer = TinyLlama.writer()
    writer.set(
      "tokenizer.ggml.token_type", .int32s(TinyLlama.tokens.map { $0.hasPrefix("<|") ? 3 : $0 == "hello" ? 4 : 1 }))
    let tokenizer = try writer.read().tokenizer()
    #expect(try tokenizer.encode("hello hello") == [259, 32, 259])
    #expect(try tokenizer.encode("shell") == [115, 258])
  }

  /// A configuration that says nothing else than `tokenizer.json`.
  @Test(arguments: [
    "{}", #"{"add_bos_token": false, "add_prefix_space": false, "bos_token": "<|begin|>", "pad_token": null}"#,
    #"{"added_tokens_decoder": {"261": {"content": "<|end|>", "special": true, "lstrip": false}}}"#,
    #"{"eos_token": {"content": "<|end|>"}, "additional_special_tokens": ["<|begin|>"], "model_max_length": 8}"#,
  ])
  func aConfigurationThatAgreesIsRead(_ configuration: String) throws {
    var tiny = TinyFolder()
    tiny.tokenizerConfiguration = configuration
    #expect(try tokenizer(tiny).encode("<|begin|>hello") == [262, 259])
  }

  @Test(arguments: [
    (#"{"add_bos_token": true, "bos_token": "<|begin|>"}"#, "add_bos_token is true"),
    (#"{"add_eos_token": true, "eos_token": "<|end|>"}"#, "add_eos_token is true"),
    (#"{"add_prefix_space": true}"#, "add_prefix_space is true"),
    (#"{"split_special_tokens": true}"#, "split_special_tokens is true"),
    (#"{"added_tokens_decoder": {"259": {"content": "hello"}}}"#, "added_tokens_decoder.259 is 'hello'"),
    (#"{"added_tokens_decoder": {"261": {"content": "<|stop|>"}}}"#, "added_tokens_decoder.261 is '<|stop|>'"),
    (#"{"added_tokens_decoder": {"261": {"content": "<|end|>", "rstrip": true}}}"#, "261.rstrip is true"),
    (#"{"bos_token": "<s>"}"#, "bos_token is '<s>'"), (#"{"extra_special_tokens": ["hello"]}"#, "is 'hello'"),
    ("{", "not JSON"),
  ])
  func aConfigurationThatChangesTokensIsNamed(_ configuration: String, _ word: String) throws {
    var tiny = TinyFolder()
    tiny.tokenizerConfiguration = configuration
    let tokenizer = try tokenizer(tiny)
    let error = #expect(throws: TokenizerError.self) { try tokenizer.encode("hello") }
    let text = error.map { "\($0)" } ?? ""
    #expect(text.contains(word) && text.contains("tokenizer_config.json") && text.contains("token numbers"), "\(text)")
  }

  @Test(arguments: [
    (#"{"id": 258, "content": "hello"}"#, "number 259 and number 258"),
    (#"{"id": 263, "content": "new"}"#, "vocab_size is 263"), (#"{"id": -1, "content": "new"}"#, "number -1"),
  ])
  func anAddedTokenThatCannotBeReadIsNamed(_ added: String, _ word: String) throws {
    var tiny = TinyFolder()
    tiny.addedTokens = [added]
    let tokenizer = try tokenizer(tiny)
    let error = #expect(throws: TokenizerError.self) { try tokenizer.encode("hello") }
    #expect("\(String(describing: error))".contains(word), "\(String(describing: error))")
  }
}
