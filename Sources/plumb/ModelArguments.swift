import ArgumentParser
import Foundation
import PlumbFormats

/// The model: shared by the commands that run one.
struct ModelArgument: ParsableArguments {
  @Argument(
    help:
      "A GGUF file or a Hugging Face folder of a dense decoder or encoder. Without it, or as 'shipped', the small model that ships with plumb; 'seeded' is one of random weights."
  )
  var model: String?

  /// Whether `path` is the word for a model within the program; a file of that name is './shipped' or './seeded'.
  static func isWithin(_ path: String) -> Bool { path == "shipped" || path == "seeded" }

  /// Opens the model, or explains in one line why it cannot be.
  func open() throws -> LoadedModel { try Self.open(model) }

  /// Opens the model, which must have a next token.
  func openDecoder() throws -> LoadedModel { try Self.openDecoder(model) }

  /// Opens the model at `path`, which must have a next token.
  static func openDecoder(_ path: String?) throws -> LoadedModel {
    let model = try open(path)
    guard model.transformer.isDecoder else {
      throw BadInput(
        message: "\(path ?? model.name): is an encoder, which has no next token; "
          + "'plumb similarity' and 'plumb drift' take it")
    }
    return model
  }

  /// Opens the model at `path`, the one that ships without one, or explains in one line why it cannot be.
  static func open(_ path: String?) throws -> LoadedModel {
    guard let path, path != "shipped" else { return LoadedModel.shipped }
    if path == "seeded" { return LoadedModel.seeded }
    do {
      return try LoadedModel.open(path: path)
    } catch {
      throw BadInput(message: "\(error)")
    }
  }
}

/// The prompt, as text or as token numbers.
struct PromptArguments: ParsableArguments {
  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("The text to continue; 'plumb run' takes several, and reads them together.", valueName: "text"))
  var prompt: [String] = []

  @Option(help: ArgumentHelp("The file of UTF-8 text to continue; '-' is the standard input.", valueName: "file"))
  var promptFile: String?

  @Option(help: ArgumentHelp("The prompt as token numbers.", valueName: "1,2,3"))
  var tokens: String?

  func validate() throws {
    if [prompt.first, promptFile, tokens].count(where: { $0 != nil }) > 1 {
      throw ValidationError("Give one of '--prompt', '--prompt-file' and '--tokens', not both.")
    }
    if let tokens, Self.numbers(in: tokens) == nil {
      throw ValidationError("'--tokens \(tokens)' is not a list of token numbers such as 1,2,3.")
    }
  }

  /// Whether there is a prompt at all.
  var isGiven: Bool { !prompt.isEmpty || promptFile != nil || tokens != nil }

  /// The tokens of the prompt, checked against the model's vocabulary and context.
  func tokens(for model: LoadedModel, otherwise text: String) throws -> [Int] {
    if prompt.count > 1 { throw BadInput(message: "there are \(prompt.count) prompts; give one '--prompt'") }
    if let tokens, let numbers = Self.numbers(in: tokens) { return try Self.checked(numbers, for: model) }
    return try Self.tokens(of: try promptFile.map { try TextFile.read($0) } ?? prompt.first ?? text, for: model)
  }

  /// The tokens of `text`, checked against the model's vocabulary and context.
  static func tokens(of text: String, for model: LoadedModel) throws -> [Int] {
    let tokens: [Int]
    do {
      tokens = try model.tokenizer.encode(text)
    } catch {
      throw BadInput(message: "the prompt cannot be turned into tokens: \(error)")
    }
    return try checked(tokens, for: model)
  }

  private static func checked(_ result: [Int], for model: LoadedModel) throws -> [Int] {
    do throws(PromptError) {
      return try model.checked(result)
    } catch { throw BadInput(message: error.description) }
  }

  private static func numbers(in text: String) -> [Int]? {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0.drop { $0 == " " }) }
    return numbers.count == parts.count ? numbers : nil
  }
}
