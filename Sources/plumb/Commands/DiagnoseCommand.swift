import ArgumentParser
import PlumbGrading

/// `plumb diagnose`: which bug gives what one activation of a dump has.
struct DiagnoseCommand: ParsableCommand, FileUsing {
  static let configuration = CommandConfiguration(
    commandName: "diagnose",
    abstract: "Tries the bugs that a layer may have on an activation of a dump, and says which explain it.",
    discussion: """
      The activation is the first that rounding cannot explain on the dump's own inputs to it, or the one that \
      --activation names. Every bug of the catalogue ('plumb mutants' lists them), layers left out, done twice or given \
      other weights, and two bugs at once are held against it; where several explain it, an input is sought that tells \
      them apart. Exit status: 0 when rounding explains the activation, 1 when it does not or nothing can be claimed, 2 \
      for a usage error or bad input.
      """)

  @OptionGroup var dump: DumpArguments

  @Option(
    help: ArgumentHelp(
      "The activation, such as blocks.3.query, or the tensor's own name; without it, the first that is outside its bound.",
      valueName: "name"))
  var activation: String?

  @Option(
    help: ArgumentHelp(
      "How long two bugs at once are tried, where one alone explains nothing, and how long bugs are decided exactly.",
      valueName: "seconds"))
  var patience = 20.0

  @Flag(help: "Print JSON; its schema is documented in the library's documentation, page JSON.")
  var json = false

  func validate() throws {
    guard (0...86_400).contains(patience) else {
      throw ValidationError("'--patience \(patience)' is not a number of seconds from 0 to 86400.")
    }
  }

  var paths: CommandFiles {
    var paths = CommandFiles()
    dump.read(by: &paths)
    return paths
  }

  func run() throws {
    let start = ContinuousClock.now
    let model = try dump.openModel()
    let (file, measurement) = try dump.measurement(of: model, tokens: try dump.tokens(for: model))
    let progress = Progress()
    let report: DiagnosisReport
    do {
      let name = try activation.map { try file.activation(called: $0) }
      let finding = measurement.finding(of: name) { progress.show($0) }
      let cause = finding.failure.map { failure in
        Diagnosis(failure, patience: .seconds(patience)) { progress.show($0) }.explanation()
      }
      report = DiagnosisReport(measurement, finding, cause: cause, since: start)
    } catch {
      progress.clear()
      throw BadInput(message: "\(error)")
    }
    progress.clear()
    if json { try printJSON(report) } else { StandardOutput.write(report.text) }
    if report.local.verdict != .within { throw ExitCode(1) }
  }
}
