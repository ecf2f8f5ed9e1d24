import ArgumentParser
import PlumbFormats
import PlumbGradients
import PlumbReports
import PlumbVerdicts

/// `plumb gradient`: the gradient of the loss by the engine and exactly.
struct GradientCommand: ParsableCommand, FileUsing {
  static let configuration = CommandConfiguration(
    commandName: "gradient",
    abstract:
      "Computes the gradient of the loss for every weight exactly, and holds a Float32 backward pass against it.",
    discussion: """
      The loss is the mean cross-entropy of every token of the prompt but the first, each predicted from those before it. Each \
      step backwards is held alone against a proved bound, on the very inputs that the engine gave it; each tensor's gradient \
      against the exact one. Exit status: 0 when every step is within its bound, 1 when one is outside, undecided, or nothing is \
      claimed of it, 2 for a usage error or bad input, 130 when interrupted.
      """)

  @OptionGroup var source: ModelArgument
  @OptionGroup var input: PromptArguments

  @Option(help: ArgumentHelp("The significant digits that every norm has, but one that may be 0.", valueName: "n"))
  var digits = 15

  @Flag(
    help: """
      Report where the drift of the gradient comes from, by place and by kind of layer; takes an exact pass more, and one \
      backwards for each block and each kind of layer.
      """)
  var attribute = false

  @OptionGroup var threads: ThreadArguments

  @Option(help: ArgumentHelp("Write the report as one self-contained page.", valueName: "file"))
  var html: String?

  @Option(help: ArgumentHelp("Write each step as a test for continuous integration (JUnit XML).", valueName: "file"))
  var junit: String?

  @Flag(help: "Print JSON; its schema is documented in the library's documentation, page JSON.")
  var json = false

  func validate() throws {
    if !(1...GradientMeasurement.greatestDigits ~= digits) {
      throw ValidationError("'--digits' must be from 1 to \(GradientMeasurement.greatestDigits).")
    }
  }

  var paths: CommandFiles {
    var paths = CommandFiles()
    paths.readModel(source.model)
    paths.read(input.promptFile, "--prompt-file")
    paths.write(html, "--html")
    paths.write(junit, "--junit")
    return paths
  }

  func run() throws {
    let start = ContinuousClock.now
    let model = try source.openDecoder()
    let tokens = try input.tokens(for: model, otherwise: LoadedModel.usualPrompt)
    let progress = Progress()
    let report: GradientReport
    do {
      report = try Interrupt.watched { interrupt throws(GradientError) in
        try GradientMeasurement(
          model: model, tokens: tokens, digits: digits, threads: threads.threads, isAttributed: attribute
        )
        .report(since: start, isInterrupted: { interrupt.isRequested }) { progress.show($0) }
      }
    } catch {
      progress.clear()
      throw BadInput(message: "\(error)")
    }
    progress.clear()
    if json {
      try printJSON(report)
    } else {
      StandardOutput.write(GradientTable(report, isColoured: StandardOutput.isColoured).text)
    }
    var written = OutputFiles()
    written.write(GradientPage(report, command: CommandLine.called, version: Plumb.version).text, to: html)
    written.write(report.junit, to: junit)
    try written.finish()
    if report.verdict != .within { throw ExitCode(1) }
  }
}
