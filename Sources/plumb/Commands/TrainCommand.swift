import ArgumentParser
import Foundation
import PlumbFormats
import PlumbModel
import PlumbReports
import PlumbTraining

/// `plumb train`: a small decoder trained on bytes, whose gradients can be audited.
struct TrainCommand: ParsableCommand, FileUsing {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a small Llama on the bytes of texts, and holds gradients on the way against the exact ones.",
    discussion: """
      The same texts, options and instruction set give the same bits, whatever the threads and however often it was \
      interrupted. Exit status: 0, 1 when an audited step is not within its bound, 2 for a usage error or bad input, 130 when \
      interrupted.
      """)

  @Argument(help: ArgumentHelp("The texts to learn from, one behind another.", valueName: "text"))
  var texts: [String]

  @Option(help: ArgumentHelp("The file of the trained model (GGUF).", valueName: "file"))
  var output: String

  @Flag(help: "Replace an output or a checkpoint that is there.")
  var force = false

  @Option(
    help: ArgumentHelp(
      "The text to judge by (default: the last twentieth, from which nothing is learned).", valueName: "file"))
  var heldOut: String?

  @OptionGroup(title: "Model") var model: TrainedModelArguments
  @OptionGroup(title: "Training") var training: TrainingArguments

  @Option(help: ArgumentHelp("Write the state here, so that --resume can go on from it.", valueName: "file"))
  var checkpoint: String?

  @Option(help: ArgumentHelp("The number of steps between two checkpoints.", valueName: "count"))
  var checkpointEvery = 100

  @Flag(help: "Go on from the checkpoint.")
  var resume = false

  @Option(
    help: ArgumentHelp(
      "Hold the gradient of every Nth step against the exact one, on the first tokens of its first sequence.",
      valueName: "n"))
  var audit: Int?

  @Option(help: ArgumentHelp("The tokens of an audit.", valueName: "count"))
  var auditTokens = 16

  @OptionGroup var threads: ThreadArguments

  @Flag(help: "Print JSON; its schema is documented in the library's documentation, page JSON.")
  var json = false

  func validate() throws {
    if resume && checkpoint == nil {
      throw ValidationError("'--resume' goes on from '--checkpoint', which is missing.")
    }
    if checkpointEvery < 1 { throw ValidationError("'--checkpoint-every' must be a whole number from 1 up.") }
    if let audit, audit < 1 { throw ValidationError("'--audit' must be a whole number from 1 up.") }
    if !(2...256 ~= auditTokens) { throw ValidationError("'--audit-tokens' must be from 2 to 256.") }
  }

  var paths: CommandFiles {
    var paths = CommandFiles()
    for text in texts { paths.read(text) }
    paths.read(heldOut, "--held-out")
    paths.write(output, "--output")
    paths.update(checkpoint, "--checkpoint")
    return paths
  }

  func run() throws {
    try refuseToReplace()
    let trainer: Trainer
    let type = try model.storedType()
    do {
      let text = TrainingText(
        try texts.flatMap { try WholeFile.read($0) }, heldOut: try heldOut.map { try WholeFile.read($0) })
      trainer = try Trainer(training.configuration(model.shape), text, options)
    } catch { throw BadInput(message: "\(error)") }
    let (progress, line) = (Progress(), LossLine(steps: training.steps))
    let result: (file: [UInt8], report: TrainingReport)
    do {
      result = try Interrupt.watched { interrupt throws(TrainingError) in
        try trainer.train(
          name: model.name, as: type, isInterrupted: { interrupt.isRequested }, progress: { progress.show($0) },
          news: line.show)
      }
      progress.clear()
    } catch {
      progress.clear()
      if case .interrupted = error { throw Interrupted(message: "\(error)") }
      throw BadInput(message: "\(error)")
    }
    var written = OutputFiles()
    written.write(bytes: result.file, to: output)
    if json {
      try printJSON(result.report)
    } else {
      StandardOutput.write(TrainingTable(result.report, output: output).text)
    }
    try written.finish()
    if result.report.audits.contains(where: { $0.verdict != .within }) { throw ExitCode(1) }
  }

  private var options: Trainer.Options {
    var options = Trainer.Options()
    (options.checkpoint, options.checkpointEvery, options.resumes) = (checkpoint, checkpointEvery, resume)
    (options.auditEvery, options.auditTokens, options.threads) = (audit, auditTokens, threads.threads)
    return options
  }

  /// Refuses to lose a file of an earlier run.
  private func refuseToReplace() throws(BadInput) {
    if force { return }
    if FileManager.default.fileExists(atPath: output) {
      throw BadInput(message: "--output \(output): is there already; name another file, or add --force")
    }
    if let checkpoint, !resume, FileManager.default.fileExists(atPath: checkpoint) {
      throw BadInput(
        message:
          "--checkpoint \(checkpoint): is there already; add --resume to go on from it, or --force to begin again")
    }
  }
}
