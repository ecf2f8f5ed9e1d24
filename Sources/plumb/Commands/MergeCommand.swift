import ArgumentParser
import Foundation
import PlumbExhaustion
import PlumbFormats
import PlumbFuzzing
import PlumbReports
import PlumbVerdicts

/// `plumb merge`: joins the reports of the shards of one run.
struct MergeCommand: ParsableCommand, FileUsing {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Joins the JSON reports of the shards of one run of 'plumb fuzz' or 'plumb exhaust'.",
    discussion: """
      The joined report is the one that a single process would have printed. Exit status: 0 when nothing is outside, \
      1 when something is or nothing could be claimed of any case, 2 for a usage error or bad input, as where a shard is \
      missing, was interrupted, or is of another run.
      """)

  @Argument(help: ArgumentHelp("Files that '--shard I/N --json' printed.", valueName: "report"))
  var reports: [String]

  @Option(help: ArgumentHelp("Write the joined report as one self-contained page.", valueName: "file"))
  var html: String?

  @Flag(help: "Print JSON.")
  var json = false

  var paths: CommandFiles {
    var paths = CommandFiles()
    for report in reports { paths.read(report) }
    paths.write(html, "--html")
    return paths
  }

  func run() throws {
    var fuzzed: [FuzzReport] = []
    var walked: [ExhaustiveReport] = []
    for path in reports {
      let bytes: [UInt8]
      do {
        bytes = try WholeFile.read(path)
      } catch {
        throw BadInput(message: "\(path): \(error.problem); name a file that '--shard I/N --json' printed")
      }
      do throws(JoinError) {
        if let reports = try ExhaustiveReport.read(bytes) {
          walked += reports
        } else {
          fuzzed += try FuzzReport.read(bytes)
        }
      } catch {
        throw BadInput(message: "\(path): \(error)")
      }
    }
    guard !(fuzzed.isEmpty && walked.isEmpty) else {
      throw BadInput(message: "there is no report of a layer in \(reports.joined(separator: ", "))")
    }
    guard fuzzed.isEmpty || walked.isEmpty else {
      throw BadInput(
        message: "some of the reports are of 'plumb fuzz' and some of 'plumb exhaust'; join each kind by itself")
    }
    do {
      if fuzzed.isEmpty {
        try show(try ExhaustiveReport.joined(walked))
      } else {
        try show(try FuzzReport.joined(fuzzed))
      }
    } catch let error as JoinError {
      throw BadInput(message: "\(error)")
    }
  }

  private func show(_ joined: [FuzzReport]) throws {
    var joined = joined
    ReplayArgument.writeLongLines(of: &joined)
    if json { try printJSON(joined) } else { FuzzTable.show(joined) }
    var written = OutputFiles()
    written.write(FuzzPage(joined, command: CommandLine.called, version: Plumb.version).text, to: html)
    try written.finish()
    if !FuzzReport.hasPassed(joined) { throw ExitCode(1) }
  }

  private func show(_ joined: [ExhaustiveReport]) throws {
    if html != nil { throw BadInput(message: "there is no page of a walk through numbers: leave '--html' out") }
    if json { try printJSON(joined) } else { StandardOutput.write(ExhaustiveTable(joined).text) }
    if !joined.allSatisfy(\.isWithin) { throw ExitCode(1) }
  }
}
