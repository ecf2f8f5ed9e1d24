import ArgumentParser
import Foundation
import PlumbEngine
import PlumbExhaustion
import PlumbReports
import PlumbVerdicts

/// `plumb exhaust`: every Float32 through an elementary function of the engine.
struct ExhaustCommand: ParsableCommand, FileUsing {
  static let configuration = CommandConfiguration(
    commandName: "exhaust",
    abstract: "Holds an elementary function of the engine against its exact value, at every Float32.",
    discussion: """
      Ctrl-C ends it with a report so far. Exit status: 0 when every result is within the declared accuracy and no two \
      neighbours' results are in the other order than their exact values, 1 otherwise, 2 for a usage error or bad input.
      """)

  @Argument(help: "The function, or 'all'.")
  var function: String

  @Option(help: ArgumentHelp("The instruction set (default: PLUMB_ISA, or the fastest).", valueName: "name"))
  var isa: String?

  @Option(help: ArgumentHelp("The number of threads; it changes no result (default: 1).", valueName: "count"))
  var jobs = 1

  @Option(
    help: ArgumentHelp("Only the numbers from LOW to HIGH, decimal or hexadecimal.", valueName: "LOW...HIGH"))
  var range: String?

  @Option(
    help: ArgumentHelp("Walk only through part I of N, from 0; 'plumb merge' joins the parts.", valueName: "I/N"))
  var shard: String?

  @Option(
    help: ArgumentHelp("Write each function as a test for continuous integration (JUnit XML).", valueName: "file"))
  var junit: String?

  @Flag(help: "Print JSON.")
  var json = false

  var paths: CommandFiles {
    var paths = CommandFiles()
    paths.write(junit, "--junit")
    return paths
  }

  func validate() throws {
    if functions.isEmpty {
      let names = Engine.ElementaryFunction.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("There is no function '\(function)'; there are \(names) and all.")
    }
    if !(1...1024 ~= jobs) { throw ValidationError("'--jobs' must be from 1 to 1024.") }
    if let shard, Shard(shard) == nil {
      throw ValidationError("'--shard \(shard)' is not I/N, such as 0/4, with I below N.")
    }
    if let range, ExhaustiveWalk.range(range) == nil {
      throw ValidationError("'--range \(range)' is not two finite numbers such as -1.5...2, the lower first.")
    }
  }

  private var functions: [Engine.ElementaryFunction] {
    if function == "all" { return Engine.ElementaryFunction.allCases }
    return Engine.ElementaryFunction(rawValue: function).map { [$0] } ?? []
  }

  func run() throws {
    let instructionSet: Engine.InstructionSet
    do {
      instructionSet = try isa.map { try Engine.InstructionSet.requested($0) } ?? .fromEnvironment()
    } catch {
      throw BadInput(message: "\(error)")
    }
    let range = range.flatMap { ExhaustiveWalk.range($0) }
    let shard = shard.flatMap { Shard($0) } ?? .whole
    let progress = Progress()
    let reports = try Interrupt.watched { interrupt in
      var reports: [ExhaustiveReport] = []
      for function in functions where !interrupt.isRequested {
        let walk = try ExhaustiveWalk(function, instructionSet: instructionSet)
        let report = walk.report(range, jobs: jobs, shard: shard, isInterrupted: { interrupt.isRequested }) { part in
          progress.show("\(function.rawValue)  \(Int(part * 100)) %")
        }
        reports.append(report)
      }
      return reports
    }
    progress.clear()
    if json { try printJSON(reports) } else { StandardOutput.write(ExhaustiveTable(reports).text) }
    var written = OutputFiles()
    written.write(ExhaustiveReport.junit(reports), to: junit)
    try written.finish()
    if reports.contains(where: { !$0.isWithin }) { throw ExitCode(1) }
  }
}
