import ArgumentParser
import Foundation
import PlumbEngine
import PlumbFormats

/// `plumb perplexity`: how well a model predicts a text.
struct PerplexityCommand: ParsableCommand, FileUsing {
  static let configuration = CommandConfiguration(
    commandName: "perplexity",
    abstract: "Says how well a model predicts a text: e to the mean cross-entropy of its tokens.",
    discussion: """
      The text is cut into windows; each is read from its own beginning, and each token but the first of a window is \
      predicted from those before it. Figures of other programs compare only where they cut the text the same way.
      """)

  @Argument(
    help: "A GGUF file or a Hugging Face folder of a dense decoder; 'shipped' is the small model of plumb.")
  var model: String

  @Argument(help: "The file of UTF-8 text; '-' is the standard input.")
  var file: String

  @Option(
    help: ArgumentHelp("The tokens of a window (default: 512, or the model's context if less).", valueName: "count"))
  var window: Int?

  @OptionGroup var engine: ThreadArguments

  @Flag(help: "Print JSON; its schema is documented in the library's documentation, page JSON.")
  var json = false

  func validate() throws {
    if let window, window < 2 { throw ValidationError("'--window' must be a whole number from 2 up.") }
  }

  var paths: CommandFiles {
    var paths = CommandFiles()
    paths.readModel(model)
    paths.read(file)
    return paths
  }

  func run() throws {
    let model = try ModelArgument.openDecoder(model)
    let context = model.transformer.contextLength
    let window = window ?? min(512, context)
    guard window <= context else {
      throw BadInput(message: "--window \(window): the model's context holds \(context) tokens")
    }
    let text = try TextFile.read(file)
    let progress = Progress()
    do {
      let tokens = try model.tokenizer.encode(text)
      guard tokens.count >= 2 else {
        throw BadInput(message: "\(file): has \(tokens.count) tokens; at least 2 are needed to predict one")
      }
      let start = ContinuousClock.now
      progress.show("0 of \(tokens.count) tokens")
      let result = try Interrupt.watched { interrupt throws(Engine.PassError) in
        try Engine.Perplexity(
          of: tokens, model.transformer, window: window, threads: engine.threads,
          isInterrupted: { interrupt.isRequested }
        ) { read in
          progress.show("\(read) of \(tokens.count) tokens")
        }
      }
      progress.clear()
      guard result.predicted > 0 else { throw Interrupted(message: "interrupted before a token was predicted") }
      try show(result, model, seconds: (ContinuousClock.now - start) / .seconds(1), window: window)
    } catch let error as BadInput {
      throw error
    } catch let error as Interrupted {
      throw error
    } catch {
      progress.clear()
      throw BadInput(message: "\(error)")
    }
  }

  private func show(_ result: Engine.Perplexity, _ model: LoadedModel, seconds: Double, window: Int) throws {
    let perplexity = exp(result.crossEntropy)
    if json {
      return try printJSON(
        PerplexityReport(
          isComplete: result.isComplete, model: model.name, fingerprint: model.fingerprint, window: window,
          windows: result.windows,
          predicted: result.predicted, crossEntropy: result.crossEntropy, perplexity: perplexity,
          tokensPerSecond: Double(result.predicted + result.windows) / seconds))
    }
    StandardOutput.print(
      """
      perplexity     \(String(format: "%.4f", perplexity))
      cross-entropy  \(String(format: "%.6f", result.crossEntropy)) nats a token
      predicted      \(result.predicted) tokens, in \(result.windows) windows of at most \(window)
      """)
    // Last, as it reads all weights.
    StandardOutput.print("fingerprint    \(model.fingerprint)")
  }
}

/// The JSON of `plumb perplexity`.
private struct PerplexityReport: Encodable {
  let schema = 1
  let isComplete: Bool
  let model: String
  let fingerprint: String
  let window: Int
  let windows: Int
  let predicted: Int
  let crossEntropy: Double
  let perplexity: Double
  let tokensPerSecond: Double
}
