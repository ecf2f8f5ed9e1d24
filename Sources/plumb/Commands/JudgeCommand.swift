import ArgumentParser
import PlumbFuzzing
import PlumbReports

/// `plumb judge`: the outputs of a kernel on another machine, held against their bounds.
struct JudgeCommand: ParsableCommand, FileUsing {
  static let configuration = CommandConfiguration(
    commandName: "judge",
    abstract: "Holds the outputs that stand in a folder of 'plumb cases' against their bounds.",
    discussion: """
      The report is that of 'plumb fuzz --engine', but failures are as they were found: the kernel is not here to make \
      them smaller. Exit status: 0 when no case is outside, 1 when one is outside or nothing could be claimed of any, 2 \
      for a usage error or bad input.
      """)

  @Argument(help: ArgumentHelp("The folder, with the outputs in its folder 'outputs'.", valueName: "folder"))
  var folder: String

  @Option(help: ArgumentHelp("The number of threads; it changes no verdict (default: 1).", valueName: "count"))
  var jobs: Int?

  @Option(help: ArgumentHelp("Write the report as one self-contained page.", valueName: "file"))
  var html: String?

  @Option(help: ArgumentHelp("Write it as a test for continuous integration (JUnit XML).", valueName: "file"))
  var junit: String?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if let jobs, !(1...1024 ~= jobs) { throw ValidationError("'--jobs' must be from 1 to 1024.") }
  }

  var paths: CommandFiles {
    var paths = CommandFiles()
    paths.read(folder + "/manifest.json")
    paths.write(html, "--html")
    paths.write(junit, "--junit")
    return paths
  }

  func run() throws {
    let start = ContinuousClock.now
    var reports: [FuzzReport]
    do {
      let folder = try CaseFolder(path: folder)
      reports = try Interrupt.watched { interrupt in
        [try folder.report(jobs: jobs ?? 1, isInterrupted: { interrupt.isRequested })]
      }
    } catch let error as BadInput {
      throw error
    } catch {
      throw BadInput(message: "\(error)")
    }
    ReplayArgument.writeLongLines(of: &reports)
    if json { try printJSON(reports) } else { FuzzTable.show(reports) }
    InterruptedReview.say(reports)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    var written = OutputFiles()
    written.write(FuzzPage(reports, command: CommandLine.called, version: Plumb.version).text, to: html)
    written.write(FuzzReport.junit(reports, seconds: seconds), to: junit)
    try written.finish()
    if !FuzzReport.hasPassed(reports) { throw ExitCode(1) }
  }
}
