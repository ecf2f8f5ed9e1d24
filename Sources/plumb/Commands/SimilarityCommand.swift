import ArgumentParser
import Foundation
import PlumbCertification
import PlumbDrift
import PlumbFormats
import PlumbModel
import PlumbReports

/// `plumb similarity`: the exact cosines of texts, to as many digits as wanted.
struct SimilarityCommand: ParsableCommand, FileUsing {
  static let configuration = CommandConfiguration(
    commandName: "similarity",
    abstract: "Computes how alike a model finds texts: the exact cosines, to as many digits as wanted.",
    discussion: """
      A text becomes one row as the model's folder says (modules.json) or its GGUF file, or as '--pooling' does. Pairs are put in order, and \
      each is proved to be nearer than the next, or said to be undecided. Exit status: 0, 1 when the pair that the Float32 \
      engine finds the nearest is proved not to be or a cosine of it is not finite, 2 for a usage error or bad input, \
      130 when interrupted.
      """)

  @Argument(help: "A Hugging Face folder or GGUF file of an encoder, or any other model together with '--pooling'.")
  var model: String

  @Argument(help: "Two texts or more.")
  var texts: [String]

  @Option(help: ArgumentHelp("How the rows of a text's tokens become one: mean, cls, last or max.", valueName: "rule"))
  var pooling: Pooling?

  @Option(help: ArgumentHelp("Enclosures are narrower than 10 to the power of minus this.", valueName: "n"))
  var digits = 20

  @Flag(help: "Print JSON; its schema is documented in the library's documentation, page JSON.")
  var json = false

  func validate() throws {
    if !(1...SimilarityPass.greatestDigits ~= digits) {
      throw ValidationError("'--digits' must be from 1 to \(SimilarityPass.greatestDigits).")
    }
    if texts.count < 2 { throw ValidationError("Give two texts or more.") }
  }

  var paths: CommandFiles {
    var paths = CommandFiles()
    paths.readModel(model)
    return paths
  }

  func run() throws {
    let loaded = try ModelArgument.open(model)
    let settings = try settings(of: loaded)
    guard let pooling = pooling ?? settings.pooling else {
      throw BadInput(message: "\(model): no file says how the rows of a text become one; give '--pooling'")
    }
    let limit = min(loaded.transformer.contextLength, settings.greatestLength ?? .max)
    let read = try texts.indices.map { (texts[$0], try tokens($0, loaded, limit)) }
    let progress = Progress()
    let report: SimilarityReport
    do {
      report = try Interrupt.watched { interrupt in
        try SimilarityReport(
          model: loaded, texts: read, pooling: pooling, products: settings.products, digits: digits,
          isCancelled: { interrupt.isRequested },
          progress: { progress.show($0) })
      }
      progress.clear()
    } catch let error as CertificationError where error.isInterruption {
      progress.clear()
      throw Interrupted(message: "interrupted before there was anything to report")
    } catch {
      progress.clear()
      throw BadInput(message: "\(error)")
    }
    if json { try printJSON(report) } else { StandardOutput.write(SimilarityTable(report).text) }
    if report.isFailed { throw ExitCode(1) }
  }

  /// The settings of the model's files.
  private func settings(of loaded: LoadedModel) throws -> SentenceSettings {
    do {
      return try loaded.sentenceSettings()
    } catch {
      throw BadInput(message: "\(error)")
    }
  }

  /// The tokens of the text of this index.
  private func tokens(_ index: Int, _ loaded: LoadedModel, _ limit: Int) throws -> [Int] {
    do {
      let tokens = try loaded.tokenizer.encode(texts[index])
      guard try tokens.count > loaded.tokenizer.encode("").count else {
        throw BadInput(message: "text \(index + 1) is empty; give at least one word")
      }
      guard tokens.count <= limit else {
        throw BadInput(
          message: "text \(index + 1) has \(tokens.count) tokens, the model takes \(limit); shorten it")
      }
      return tokens
    } catch let error as TokenizerError {
      throw BadInput(message: "text \(index + 1) cannot be turned into tokens: \(error)")
    }
  }
}

extension Pooling: ExpressibleByArgument {}
