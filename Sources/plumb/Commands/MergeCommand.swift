import ArgumentParser
import Foundation
import PlumbFormats
import PlumbFuzzing
import PlumbReports

/// `plumb merge`: joins the reports of the shards of one run.
struct MergeCommand: ParsableCommand, FileUsing {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Joins the JSON reports of the shards of one run of 'plumb fuzz'.",
    discussion: """
      The joined report is the one that a single process would have printed. Exit status: 0 when no case is outside, \
      1 when one is outside or nothing could be claimed of any, 2 for a usage error or bad input, as where a shard is \
      missing, was interrupted, or is of another run.
      """)

  @Argument(help: ArgumentHelp("Files that 'plumb fuzz --shard I/N --json' printed.", valueName: "report"))
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
    var all: [FuzzReport] = []
    for path in reports {
      let bytes: [UInt8]
      do {
        bytes = try WholeFile.read(path)
      } catch {
        throw BadInput(message: "\(path): \(error.problem); name a file that 'plumb fuzz --json' printed")
      }
      do throws(JoinError) {
        all += try FuzzReport.read(bytes)
      } catch {
        throw BadInput(message: "\(path): \(error)")
      }
    }
    var joined: [FuzzReport]
    guard !all.isEmpty else {
      throw BadInput(message: "there is no report of a layer in \(reports.joined(separator: ", "))")
    }
    do {
      joined = try FuzzReport.joined(all)
    } catch {
      throw BadInput(message: "\(error)")
    }
    ReplayArgument.writeLongLines(of: &joined)
    if json { try printJSON(joined) } else { FuzzTable.show(joined) }
    var written = OutputFiles()
    written.write(FuzzPage(joined, command: CommandLine.called, version: Plumb.version).text, to: html)
    try written.finish()
    if !FuzzReport.hasPassed(joined) { throw ExitCode(1) }
  }
}
