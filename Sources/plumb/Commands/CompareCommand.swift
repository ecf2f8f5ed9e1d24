import ArgumentParser
import Foundation
import PlumbFormats
import PlumbGrading
import PlumbModel
import PlumbReports
import PlumbTolerance

/// `plumb compare`: which of two engines is nearer the truth.
struct CompareCommand: ParsableCommand, FileUsing {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract:
      "Says which of two engines' dumps of one pass is nearer the exact values, and whether rounding explains each.",
    discussion: """
      Each activation that both dumps have is held against the exact pass from the tokens, and graded as 'plumb grade' does \
      on its own inputs. Logits alone will do. Exit status: 0 when rounding explains every activation of both, 1 when it \
      does not or nothing can be claimed of some, 2 for a usage error or bad input, 130 when interrupted.
      """)

  @Argument(help: "A GGUF file or a Hugging Face folder of a dense decoder; 'shipped' is plumb's own.")
  var model: String

  @Argument(help: "One dump, A: a safetensors file of activations, F32, BF16, F16 or F64.")
  var a: String

  @Argument(help: "The other dump, B.")
  var b: String

  @OptionGroup var input: PromptArguments

  @Option(
    help: ArgumentHelp(
      "The arithmetic of the engines; without it, what each dump is stored in.", valueName: "arithmetic"),
    completion: Completions.arithmetic)
  var arithmetic: String?

  @Option(help: ArgumentHelp("The arithmetic of B's engine, where it is another.", valueName: "arithmetic"))
  var otherArithmetic: String?

  @Option(
    help: ArgumentHelp(
      "Whose names the tensors have: hf, llama.cpp, plumb, or a JSON file; without it, whichever fit.",
      valueName: "table"))
  var names: String?

  @Option(help: ArgumentHelp("Whose names the tensors of B have, where they are others.", valueName: "table"))
  var otherNames: String?

  @Flag(help: "Print JSON; its schema is documented in the library's documentation, page JSON.")
  var json = false

  var paths: CommandFiles {
    var paths = CommandFiles()
    paths.readModel(model)
    paths.read(a)
    paths.read(b)
    paths.read(input.promptFile, "--prompt-file")
    for (names, option) in [(names, "--names"), (otherNames, "--other-names")] {
      if let names, !NameTable.all.contains(where: { $0.word == names }) { paths.read(names, option) }
    }
    return paths
  }

  func run() throws {
    let start = ContinuousClock.now
    let model = try ModelArgument.open(model)
    guard input.isGiven else { throw BadInput(message: "give the tokens of the dumps by --prompt or --tokens") }
    let tokens = try input.tokens(for: model, otherwise: "")
    let progress = Progress()
    let report: CompareReport
    do {
      func measurement(_ dump: String, _ arithmetic: String?, _ names: String?) throws -> GradeMeasurement {
        try GradeMeasurement.reading(dump, of: model, tokens: tokens, arithmetic: arithmetic, names: names).1
      }
      let comparison = CompareMeasurement(
        try measurement(a, arithmetic, names), try measurement(b, otherArithmetic ?? arithmetic, otherNames ?? names))
      report = try Interrupt.watched { interrupt in
        try comparison.report(since: start, isInterrupted: { interrupt.isRequested }, progress: { progress.show($0) })
      }
    } catch {
      progress.clear()
      throw BadInput(message: "\(error)")
    }
    progress.clear()
    if json { try printJSON(report) } else { StandardOutput.write(CompareTable(report).text) }
    if !report.isWithin { throw ExitCode(1) }
  }
}
