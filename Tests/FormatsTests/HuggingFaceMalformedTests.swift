import PlumbFormats
import PlumbModel
import Testing

/// JSON files of a folder that are wrong before anything in them means anything, or ask for more memory than they are worth.
@Suite struct HuggingFaceMalformedTests {
  private static let model = [
    #""model_type":"llama""#, #""num_hidden_layers":1"#, #""hidden_size":8"#, #""intermediate_size":8"#,
    #""vocab_size":9"#, #""num_attention_heads":2"#,
  ]

  private static func config(_ more: String...) -> [UInt8] { Array("{\((model + more).joined(separator: ","))}".utf8) }

  @Test func aSoundConfigurationIsRead() throws {
    _ = try HuggingFaceConfiguration(
      Self.config(#""a":"{\"b\":1,\"b\":2}""#, #""c":[{"d":1},{"d":2}]"#), file: "test.gguf")
  }

  @Test(arguments: [
    BadFile("a key twice", config(#""hidden_size":8"#), says: "the key 'hidden_size' stands twice", "byte 121"),
    BadFile("another value", config(#""hidden_size":16"#), says: "the key 'hidden_size' stands twice"),
    BadFile("written otherwise", config(#""hidden\u005fsize":16"#), says: "the key 'hidden_size' stands twice"),
    BadFile("a key of no use twice", config(#""a":1"#, #""a":1"#), says: "the key 'a' stands twice"),
    BadFile("within an object", config(#""a":{"b":1,"b":2}"#), says: "the key 'b' stands twice"),
    BadFile("within an array", config(#""a":[0,{"b":1 , "b":[]}]"#), says: "the key 'b' stands twice"),
    BadFile("behind an object", config(#""a":{"b":1}"#, #""a":2"#), says: "the key 'a' stands twice"),
    BadFile("nested 100,000 deep", config("\"a\":" + String(repeating: "[", count: 100_000)), says: "nested deeper"),
    BadFile(
      "objects nested 100,000 deep", config("\"a\":" + String(repeating: "{\"a\":", count: 100_000)),
      says: "nested deeper"),
    BadFile("empty", [], says: "is not JSON"),
    BadFile("a string without an end", Array(#"{"a":"b"#.utf8), says: "a string does not end"),
    BadFile("a backslash at the end", Array(#"{"a":"\"#.utf8), says: "a string does not end"),
    BadFile("a key without an end", Array(#"{"a"#.utf8), says: "expected '\"'"),
    BadFile("closed more often than opened", Array("}]}]".utf8), says: "is not JSON"),
    BadFile("not UTF-8", config() + [0xff], says: "is not UTF-8"),
    BadFile("UTF-16", config().flatMap { [$0, 0] }, says: "is not UTF-8"),
    BadFile("UTF-32", config().flatMap { [0, 0, 0, $0] }, says: "is not UTF-8"),
    BadFile("a number beyond Float64", config(#""rope_theta":1e999"#), says: "rope_theta"),
  ])
  func aConfigurationIsRefused(_ file: BadFile) {
    do {
      _ = try HuggingFaceConfiguration(file.bytes, file: "test.gguf")
      Issue.record("was read")
    } catch { file.expectSaid(by: error) }
  }

  @Test(arguments: [
    BadFile(
      "a tensor twice", Array(#"{"weight_map":{"x":"a","x":"b"}}"#.utf8), says: "the key 'x' stands twice"),
    BadFile(
      "two maps", Array(#"{"weight_map":{"x":"a"},"weight_map":{}}"#.utf8), says: "the key 'weight_map' stands twice"),
    BadFile("outside", Array(#"{"weight_map":{"x":"../a"}}"#.utf8), says: "'../a'", "no file of the folder"),
    BadFile("nowhere", Array(#"{"weight_map":{"x":""}}"#.utf8), says: "no file of the folder"),
    BadFile("no map", Array("{}".utf8), says: "'weight_map' is missing"),
    BadFile("a map of numbers", Array(#"{"weight_map":{"x":1}}"#.utf8), says: "weight_map.x"),
  ])
  func anIndexIsRefused(_ file: BadFile) {
    do {
      _ = try HuggingFaceIndex(file.bytes, file: "test.gguf")
      Issue.record("was read")
    } catch { file.expectSaid(by: error) }
  }

  /// A tokenizer of one token, with `vocabulary` and the member `more`.
  private static func tokenizer(_ vocabulary: String = #""a":0"#, _ more: String = #""x":0"#) -> [UInt8] {
    Array(
      """
      {"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},\(more),
      "model":{"type":"BPE","vocab":{\(vocabulary)},"merges":[]}}
      """.utf8)
  }

  private static func template(_ items: Int, ids: Int) -> String {
    let numbers = String(repeating: "0,", count: ids - 1) + "0"
    let single = Array(repeating: #"{"SpecialToken":{"id":"s"}}"#, count: items).joined(separator: ",")
    return
      #""post_processor":{"type":"TemplateProcessing","single":[\#(single)],"special_tokens":{"s":{"ids":[\#(numbers)]}}}"#
  }

  @Test(arguments: [
    BadFile("a token twice", tokenizer(#""a":0,"a":1"#), says: "the key 'a' stands twice"),
    BadFile("two vocabularies", tokenizer("", #""model":{}"#), says: "the key 'model' stands twice"),
    // Each is short; their product is not.
    BadFile(
      "a template of 4,000 times 4,000 tokens", tokenizer("\"a\":0", template(4000, ids: 4000)),
      says: "more than 1024 tokens"),
    BadFile(
      "a sequence of templates",
      tokenizer(
        "\"a\":0",
        #""post_processor":{"type":"Sequence","processors":["#
          + Array(repeating: template(1, ids: 1000).dropFirst(17), count: 9).joined(separator: ",") + "]}"),
      says: "more than 1024 tokens"),
    BadFile(
      "an added token of 1,025 bytes",
      tokenizer("\"a\":0", #""added_tokens":[{"id":1,"content":"\#(String(repeating: "é", count: 513))"}]"#),
      says: "token 1", "1026 bytes, more than 1024"),
    BadFile("a number beyond the vocabulary", tokenizer(#""a":4194304"#), says: "number 4194304"),
  ])
  func aTokenizerIsRefused(_ file: BadFile) {
    do {
      _ = try HuggingFaceTokenizer(file.bytes, file: "test.gguf", configuration: nil, "beside")
        .tokenizer(vocabularySize: 9, endOfText: [])
      Issue.record("was read")
    } catch { file.expectSaid(by: error) }
  }

  /// A line of `config.json` asks for a vocabulary of 2³¹ tokens; the file has one.
  @Test func aVocabularyIsNotMadeBecauseANumberSaysSo() throws {
    let tokenizer = try HuggingFaceTokenizer(Self.tokenizer(), file: "test.gguf", configuration: nil, "beside")
    #expect(try tokenizer.tokenizer(vocabularySize: 9, endOfText: []).vocabularySize == 9)
    let error = #expect(throws: ModelError.self) {
      try tokenizer.tokenizer(vocabularySize: Int(Int32.max), endOfText: [])
    }
    #expect(error?.problem == "vocab_size is \(Int32.max)")
  }

  @Test func aConfigurationBesideWithAKeyTwiceIsRefused() {
    let error = #expect(throws: ModelError.self) {
      try HuggingFaceTokenizer(
        Self.tokenizer(), file: "test.gguf", configuration: Array(#"{"bos_token":null,"bos_token":null}"#.utf8),
        "beside")
    }
    #expect(error?.file == "beside" && error?.problem == "the key 'bos_token' stands twice")
  }
}
