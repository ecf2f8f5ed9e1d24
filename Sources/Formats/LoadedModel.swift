import PlumbModel
import Synchronization

/// A model ready for use: its transformer, its tokenizer, and who it is.
package struct LoadedModel: Sendable {
  /// The transformer, whose tensors lie over the mapped file.
  package let transformer: Transformer
  /// The tokenizer.
  package let tokenizer: any Tokenizer
  /// `Fingerprint.of(transformer)`.
  ///
  /// It reads all weights, some seconds for a gigabyte, so it is computed when somebody first asks, and kept: it is that of the
  /// bytes which the file holds then.
  package var fingerprint: String { identity.fingerprint }
  private let identity: Identity
  /// The architecture's name, such as `llama`.
  package let architecture: String
  /// The origin of the weights, in words: `GGUF version 3, /models/x.gguf`.
  package let source: String
  private let settings: @Sendable () throws(ModelError) -> SentenceSettings

  /// The name by which people know the model.
  package var name: String { transformer.name }

  /// The reason why `tokenizer` can turn no text into tokens, in one line; `nil` where it can.
  package var tokenizerProblem: String? { (tokenizer as? UnreadableTokenizer).map { "\($0.reason)" } }

  /// The way from the rows of a text to one row, as the model's files state it.
  ///
  /// - Throws: `ModelError` when they are damaged, or ask for what is not computed here.
  package func sentenceSettings() throws(ModelError) -> SentenceSettings { try settings() }

  /// The model that comes with the package.
  package static let shipped = ShippedModel.loaded

  /// The prompt of passes for which nobody gives one.
  package static let usualPrompt = "The weights are the permanent thing."

  /// A model of seeded weights, which has learned nothing.
  package static let seeded = LoadedModel(
    transformer: SeededModel.transformer, tokenizer: ByteTokenizer(), architecture: "llama",
    source: "made by the package, seed \(SeededModel.seed)")

  /// Maps and checks the model at `path`: a GGUF file, or a Hugging Face folder.
  ///
  /// - Throws: `ModelError` when a file cannot be read, is damaged, or holds a model that is not computed here.
  package static func open(path: String) throws(ModelError) -> LoadedModel {
    guard MappedFile.isDirectory(path: path) else { return try LoadedModel(GGUFFile(path: path)) }
    guard MappedFile.exists(path: "\(path)/config.json") else {
      throw ModelError(
        file: path, problem: "is a directory without config.json", remedy: "name a model file, or a Hugging Face folder"
      )
    }
    return try LoadedModel(HuggingFaceFolder(path: path))
  }

  /// Checks the model in `folder`.
  ///
  /// - Throws: `ModelError` when the folder holds a model that is not computed here.
  package init(_ folder: HuggingFaceFolder) throws(ModelError) {
    let transformer = try folder.transformer()
    self.init(
      transformer: transformer, tokenizer: folder.tokenizer(), architecture: folder.architecture,
      source: "Hugging Face folder, \(folder.path)",
      settings: { () throws(ModelError) in try SentenceSettings(path: folder.path, width: transformer.hiddenSize) })
  }

  /// Checks the model in `file`.
  ///
  /// - Throws: `ModelError` when the file holds a model that is not computed here.
  package init(_ file: GGUFFile) throws(ModelError) {
    try self.init(file, source: "GGUF version \(file.version), \(file.file)")
  }

  /// Checks the model in `file`, whose origin is `source` in words.
  init(_ file: GGUFFile, source: String) throws(ModelError) {
    let transformer = try file.transformer()
    let tokenizer = file.anyTokenizer(vocabularySize: transformer.vocabularySize)
    guard tokenizer.vocabularySize == transformer.vocabularySize else {
      throw ModelError(
        file: file.file,
        problem: "the tokenizer has \(tokenizer.vocabularySize) tokens, tensor 'token_embd.weight' "
          + "\(transformer.vocabularySize) rows",
        remedy: "the file contradicts itself: fetch or convert the model again")
    }
    self.init(
      transformer: transformer, tokenizer: tokenizer,
      architecture: try file.metadata.required(
        file.metadata.string("general.architecture"), "general.architecture"),
      source: source,
      settings: { () throws(ModelError) in try file.sentenceSettings(width: transformer.hiddenSize) })
  }

  /// A model that is already there.
  package init(
    transformer: Transformer, tokenizer: any Tokenizer, architecture: String, source: String,
    settings: @escaping @Sendable () throws(ModelError) -> SentenceSettings = { SentenceSettings() }
  ) {
    self.transformer = transformer
    self.tokenizer = tokenizer
    identity = Identity(transformer)
    self.architecture = architecture
    self.source = source
    self.settings = settings
  }
}

/// A fingerprint that is computed once, by the first who asks.
private final class Identity: Sendable {
  private let transformer: Transformer
  private let computed = Mutex<String?>(nil)

  init(_ transformer: Transformer) { self.transformer = transformer }

  var fingerprint: String {
    computed.withLock { computed in
      let result = computed ?? Fingerprint.of(transformer)
      computed = result
      return result
    }
  }
}
