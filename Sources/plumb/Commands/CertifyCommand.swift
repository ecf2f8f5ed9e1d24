import ArgumentParser
import Foundation
import PlumbCertification
import PlumbFormats
import PlumbModel
import PlumbReports

/// `plumb certify`: the exact next-token distribution, to as many digits as wanted.
struct CertifyCommand: ParsableCommand, FileUsing {
  static let configuration = CommandConfiguration(
    commandName: "certify",
    abstract: "Computes the exact logits and next-token distribution of a prompt, to as many digits as wanted.",
    discussion: """
      Says whether greedy choice, top-k and top-p sets of the Float32 engine, and of logits from anywhere, are those of \
      the exact distribution. Exit status: 0, 1 when a first choice is proved not to be the exact one or a logit is \
      not finite, 2 for a usage error or bad input, 130 when interrupted.
      """)

  @OptionGroup var source: ModelArgument
  @OptionGroup var input: PromptArguments

  @Option(help: ArgumentHelp("Enclosures are narrower than 10 to the power of minus this.", valueName: "n"))
  var digits = 20

  @Option(help: ArgumentHelp("The number of tokens of the top-k set.", valueName: "count"))
  var topK = 40

  @Option(help: ArgumentHelp("The probability that the top-p set reaches.", valueName: "p"))
  var topP = 0.95

  @Option(
    help: ArgumentHelp(
      """
      Logits from anywhere: a safetensors file with a tensor 'logits', [vocabulary] or [tokens, vocabulary], whose last \
      row counts.
      """, valueName: "file"))
  var against: String?

  @Option(help: ArgumentHelp("Write all logits and probabilities here as safetensors.", valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp("Write all logits and probabilities here as text, with all their digits.", valueName: "file"))
  var text: String?

  @Option(
    help: ArgumentHelp(
      "Write each finished block here; killed at any moment, the same command goes on from it.", valueName: "file"))
  var checkpoint: String?

  @Option(
    help: ArgumentHelp("Write each comparison as a test for continuous integration (JUnit XML).", valueName: "file"))
  var junit: String?

  @Flag(help: "Print JSON; its schema is documented in the library's documentation, page JSON.")
  var json = false

  func validate() throws {
    if !(1...CertifiedPass.greatestDigits ~= digits) {
      throw ValidationError("'--digits' must be from 1 to \(CertifiedPass.greatestDigits).")
    }
    if topK < 1 { throw ValidationError("'--top-k' must be a whole number from 1 up.") }
    if !(topP > 0 && topP <= 1) { throw ValidationError("'--top-p' must be above 0 and at most 1.") }
  }

  var paths: CommandFiles {
    var paths = CommandFiles()
    paths.readModel(source.model)
    paths.read(input.promptFile, "--prompt-file")
    paths.read(against, "--against")
    paths.write(output, "--output")
    paths.write(text, "--text")
    paths.write(junit, "--junit")
    paths.update(checkpoint, "--checkpoint")
    return paths
  }

  func run() throws {
    let start = ContinuousClock.now
    let model = try source.openDecoder()
    let tokens = try input.tokens(for: model, otherwise: LoadedModel.usualPrompt)
    let others = try against.map { [(source: $0, logits: try Self.logits(in: $0, model.transformer.vocabularySize))] }
    let progress = Progress()
    let report: CertificationReport
    let certificate: Certificate
    do {
      certificate = try Interrupt.watched { interrupt in
        try CertifiedPass(model: model, tokens: tokens, digits: digits, checkpoint: checkpoint)
          .certificate(isCancelled: { interrupt.isRequested }, progress: { progress.show($0) })
      }
      progress.clear()
      report = try CertificationReport(certificate, model: model, others: others ?? [], topK: topK, topP: topP)
    } catch let error as CertificationError where error.isInterruption {
      progress.clear()
      throw Interrupted(message: "\(error)")
    } catch {
      progress.clear()
      throw BadInput(message: "\(error)")
    }
    if json { try printJSON(report) } else { StandardOutput.write(CertificationTable(report).text) }
    var written = OutputFiles()
    written.write(bytes: certificate.safeTensors(fingerprint: model.fingerprint).sealedBytes(), to: output)
    written.write(certificate.text, to: text)
    written.write(report.junit(seconds: (ContinuousClock.now - start) / .seconds(1)), to: junit)
    try written.finish()
    if report.comparisons.contains(where: \.isFailed) { throw ExitCode(1) }
  }

  /// The last row of the tensor `logits` of the file at `path`.
  private static func logits(in path: String, _ vocabulary: Int) throws -> [Float] {
    do {
      let file = try SafeTensors(path: path)
      guard let entry = file["logits"] else {
        let names = file.entries.prefix(8).map { "'\($0.name)'" }.joined(separator: ", ")
        throw BadInput(message: "\(path): there is no tensor 'logits', only \(names.isEmpty ? "nothing" : names)")
      }
      let logits = try Activation<Float>(entry, file: path)
      guard logits.columns == vocabulary, logits.rows > 0 else {
        throw BadInput(
          message: "\(path): tensor 'logits' has shape \(entry.shape), expected [\(vocabulary)] or rows of as many")
      }
      return Array(logits.row(logits.rows - 1))
    } catch let error as BadInput {
      throw error
    } catch {
      throw BadInput(message: "\(error)")
    }
  }
}
