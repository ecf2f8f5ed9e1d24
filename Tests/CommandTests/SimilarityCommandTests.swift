import Foundation
import Testing

@Suite struct SimilarityCommandTests {
  private static let fixture = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/tiny-bert")
  private static let model = fixture.path(percentEncoded: false)

  @Test func pairsAreInOrder() throws {
    let command = try Command("similarity", Self.model, "the server room", "hum", "a loud fan")
    #expect(command.status == 0 && command.errors.isEmpty, "\(command.errors)")
    #expect(command.lines.allSatisfy { $0.count <= 80 })
    #expect(command.output.contains("every pair is proved nearer than the next"))
    #expect(command.output.contains("its nearest pair is proved to be the nearest"))
    let again = try Command("similarity", Self.model, "the server room", "hum", "a loud fan")
    #expect(again.output == command.output)
  }

  /// The page of similarities shows what is printed of the model that ships.
  @Test func thePageShowsWhatIsPrinted() throws {
    let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
      .appending(path: "Sources/Plumbline/Plumbline.docc/Similarities.md")
    let blocks = try String(contentsOf: page, encoding: .utf8).split(separator: "```")
    let shown = try #require(blocks.first { $0.contains("$ plumb similarity shipped") })
    let lines = shown.split(separator: "\n").drop { !$0.hasPrefix("$ ") }
    let call = try #require(lines.first).dropFirst("$ plumb ".count)
    let command = try Command(shell: "\"$plumb\" \(call)")
    #expect(command.status == 0 && command.lines == Array(lines.dropFirst()), "\(command.output)")
  }

  @Test func equalPairsAreSaidToBeUndecided() throws {
    let command = try Command("similarity", Self.model, "hum", "hum", "fan", "--digits", "6", "--pooling", "cls")
    #expect(command.status == 0 && command.output.contains("undecided of 1 3 and 2 3"), "\(command.output)")
  }

  @Test(arguments: [
    (["hum"], "two texts"), (["hum", ""], "text 2 is empty"), (["  ", "hum"], "text 1 is empty"),
    (["hum", "fan", "--digits", "0"], "--digits"), (["hum", "fan", "--pooling", "sum"], "--pooling"),
    (["hum", String(repeating: "hum ", count: 200)], "text 2 has 202 tokens, the model takes 128"),
  ]) func badInputIsRefused(arguments: [String], word: String) throws {
    let command = try Command(["similarity", Self.model] + arguments)
    #expect(command.status == 2 && command.output.isEmpty && command.errors.contains(word), "\(command.errors)")
  }

  @Test func modelsWithoutWhatItTakesAreRefused() throws {
    let shipped = try Command("similarity", "shipped", "a", "b")
    #expect(shipped.status == 2 && shipped.errors.contains("--pooling"), "\(shipped.errors)")
    #expect(try Command("similarity", "shipped", "a", "b", "--pooling", "last").status == 0)
    let none = try Command("similarity", "/no/such/model", "a", "b")
    #expect(none.status == 2 && none.errors.contains("/no/such/model"), "\(none.errors)")
  }

  /// An encoder has no next token.
  @Test(arguments: ["run", "certify", "perplexity", "gradient"]) func encodersAreRefusedWhereTheyHaveNothing(
    name: String
  ) throws {
    let folder = try TemporaryFolder()
    let text = try folder.file("text", Array("hum hum hum".utf8))
    let command = try Command([name, Self.model] + (name == "perplexity" ? [text] : ["--tokens", "7,8"]))
    #expect(command.status == 2 && command.output.isEmpty, "\(command.output)")
    #expect(command.errors.contains("encoder"), "\(command.errors)")
  }

  /// Layers of an encoder are judged as any others, and there is no next token.
  @Test func driftIsThatOfTheRows() throws {
    let folder = try TemporaryFolder()
    let page = folder.url.appending(path: "page.html").path(percentEncoded: false)
    let command = try Command("drift", Self.model, "--prompt", "the server room hum", "--head", "1.2", "--html", page)
    #expect(command.status == 0, "\(command.errors)")
    #expect(command.output.contains("all within") && !command.output.contains("next token"))
    let text = try String(contentsOfFile: page, encoding: .utf8)
    #expect(text.contains("drift of the rows") && !text.contains("The next token"))
    let attributed = try Command("drift", Self.model, "--tokens", "2,7,3", "--attribute")
    #expect(attributed.status == 2 && attributed.errors.contains("encoder"), "\(attributed.errors)")
  }

  /// Numbers that PyTorch computed in Float64 are explained by the roundings of Float32; with one number changed it is not.
  @Test func hiddenStatesOfPyTorchAreGraded() throws {
    let dump = Self.fixture.appending(path: "float64.safetensors").path(percentEncoded: false)
    let arguments = ["grade", Self.model, dump, "--names", "hf", "--tokens", "1,7,4,20,13,9,3,25,17,30,2,11"]
    let command = try Command(arguments)
    #expect(command.status == 0 && command.output.contains("within"), "\(command.output)\(command.errors)")
    #expect(try Command(arguments.dropLast() + ["1,7,4,20,13,9,3,25,17,30,2,12"]).status == 1)
  }

  /// Files of the folder, each changed in one thing.
  @Test(arguments: [
    (
      "1_Pooling/config.json", "\"pooling_mode_mean_tokens\": true", "\"pooling_mode_weightedmean_tokens\": true",
      "weightedmean"
    ),
    (
      "1_Pooling/config.json", "\"pooling_mode_cls_token\": false", "\"pooling_mode_cls_token\": true",
      "pooling_mode_cls_token"
    ),
    ("1_Pooling/config.json", "\"pooling_mode_mean_tokens\": true", "\"pooling_mode_mean_tokens\": false", "none"),
    ("1_Pooling/config.json", "{", "[", "1_Pooling/config.json"),
    ("modules.json", "models.Normalize", "models.CNN", "CNN"),
    ("modules.json", "models.Normalize", "models.Dense", "2_Normalize/config.json"),
    ("modules.json", "1_Pooling", "../elsewhere", "elsewhere"),
    ("modules.json", "1_Pooling", "2_Pooling", "2_Pooling/config.json"),
    ("tokenizer.json", "\"WordPiece\"", "\"WordLevel\"", "WordLevel"),
    ("tokenizer.json", "\"BertPreTokenizer\"", "\"UnicodeScripts\"", "UnicodeScripts"),
    ("tokenizer.json", "\"BertNormalizer\"", "\"Nmt\"", "Nmt"),
    ("config.json", "\"max_position_embeddings\": 128", "\"max_position_embeddings\": 2147483647", "rows of types"),
    ("config.json", "\"max_position_embeddings\": 128", "\"max_position_embeddings\": 1000", "128 positions"),
    ("tokenizer.json", "\"[UNK]\": 1", "\"[UNK]\": 99", "vocab_size"),
    ("tokenizer.json", "\"room\": 6", "\"room\": 7", "another token has that number"),
    ("tokenizer.json", "\"max_input_chars_per_word\": 100", "\"max_input_chars_per_word\": 1000000", "up to 1000"),
    ("config.json", "\"absolute\"", "\"relative_key\"", "position_embedding_type"),
    ("config.json", "\"is_decoder\": false", "\"is_decoder\": true", "is_decoder"),
    ("config.json", "\"type_vocab_size\": 2,", "\"hidden_size_per_layer\": {\"a\": 1},", "hidden_size_per_layer"),
  ]) func damagedFoldersAreRefused(file: String, old: String, new: String, word: String) throws {
    let folder = try TemporaryFolder()
    let copy = folder.url.appending(path: "model")
    try FileManager.default.copyItem(at: Self.fixture, to: copy)
    let path = copy.appending(path: file)
    var text = try String(contentsOf: path, encoding: .utf8)
    if old == "\"absolute\"" {
      text = text.replacing("{\n", with: "{\n \"position_embedding_type\": \"absolute\",\n", maxReplacements: 1)
    }
    #expect(text.contains(old))
    try text.replacing(old, with: new).write(to: path, atomically: true, encoding: .utf8)
    let command = try Command("similarity", copy.path(percentEncoded: false), "hum", "fan")
    #expect(command.status == 2 && command.output.isEmpty && command.errors.contains(word), "\(command.errors)")
    #expect(command.errors.split(separator: "\n").count == 1, "\(command.errors)")
  }
}
