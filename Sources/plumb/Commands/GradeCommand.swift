import ArgumentParser
import Foundation
import PlumbCases
import PlumbFormats
import PlumbGrading
import PlumbReports
import PlumbTolerance
import PlumbVerdicts

/// `plumb grade`: whose layer is wrong in a dump of somebody's engine, and why.
struct GradeCommand: ParsableCommand, FileUsing {
  static let configuration = CommandConfiguration(
    commandName: "grade",
    abstract:
      "Grades a dump of activations and gradients from any engine, and names the first layer that rounding cannot explain.",
    discussion: """
      Each activation is checked against its exact value on the dump's own inputs to it, so that inherited error is \
      never blamed; what the dump lacks is bridged. Names may be those of Hugging Face modules, of llama.cpp's \
      evaluation callback, Plumbline's own, or mapped by a JSON file. Gradients have '.grad' behind their names. Exit \
      status: 0 when everything is within its bound, 1 when something is outside it or outside the domain of the \
      bounds, 2 for a usage error or bad input.
      """)

  @OptionGroup var dump: DumpArguments

  @Flag(help: "Leave out the exact pass from the tokens: local grades only.")
  var localOnly = false

  @Flag(help: "Print JSON; its schema is documented in the library's documentation, page JSON.")
  var json = false

  @OptionGroup var files: ReportArguments

  func validate() throws {
    if localOnly && files.head != nil {
      throw ValidationError("'--head' is of the exact pass from the tokens, which '--local-only' leaves out.")
    }
    try files.refuseHead(json: json)
  }

  var paths: CommandFiles {
    var paths = CommandFiles()
    dump.read(by: &paths)
    files.write(by: &paths)
    return paths
  }

  func run() throws {
    let start = ContinuousClock.now
    let model = try dump.openModel()
    let tokens = try dump.tokens(for: model)
    try files.check(model)
    let measurement = try dump.measurement(of: model, tokens: tokens).1
    let progress = Progress()
    var report: GradeReport
    do {
      report = try Interrupt.watched { interrupt throws(DriftError) in
        let result = try measurement.report(
          isCumulative: !localOnly, attention: files.attention, since: start,
          isInterrupted: { interrupt.isRequested }, progress: { progress.show($0) })
        var report = result.report
        if let failure = result.failure {
          report.firstCause =
            Patience.result(isOver: { interrupt.isRequested }) {
              Diagnosis(failure) { progress.show($0) }.explanation()
            } ?? report.firstCause
        }
        return report
      }
    } catch {
      progress.clear()
      throw BadInput(message: "\(error)")
    }
    progress.clear()
    if json {
      try printJSON(report)
    } else {
      StandardOutput.write(GradeTable(report, isColoured: StandardOutput.isColoured).text)
    }
    var written = OutputFiles()
    let (page, junit) = (report, report.junit)
    files.write(html: { GradePage(page, command: $0, version: $1).text }, junit: junit, to: &written)
    try written.finish()
    if report.verdict != .within { throw ExitCode(1) }
  }
}
