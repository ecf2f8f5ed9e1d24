import ArgumentParser
import Foundation
import PlumbDrift
import PlumbFuzzing
import PlumbModel

/// `plumb fuzz`: throws hostile inputs at a layer and decides each output element against its bound.
struct FuzzCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuzz",
    abstract: "Throws hostile inputs at a layer of the engine and decides each output element against its bound.",
    discussion: """
      The same seed and options give the same cases on every machine. Exit status: 0 when no case is outside, 1 when \
      one is outside, 2 for a usage error or bad input.
      """)

  @Argument(help: "The layer, or 'all'.")
  var layer: String

  @Option(help: ArgumentHelp("The number of cases of each layer.", valueName: "count"))
  var cases = 1000

  @Option(
    help: ArgumentHelp(
      "The greatest number of seconds for each layer; the cases then have no limit.", valueName: "seconds"))
  var time: Double?

  @Option(help: ArgumentHelp("Where random choices start.", valueName: "n"))
  var seed: UInt64 = 0

  @Option(help: "How numbers are chosen: \(Strategy.allCases.map(\.rawValue).joined(separator: ", ")) or all.")
  var strategy = "all"

  @Option(help: ArgumentHelp("Decide one case: the line that a failure printed.", valueName: "line"))
  var replay: String?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if layer != "all" && LayerKind(rawValue: layer) == nil {
      throw ValidationError(
        "There is no layer '\(layer)'; there are \(LayerKind.allCases.map(\.rawValue).joined(separator: ", ")) and all."
      )
    }
    if strategy != "all" && Strategy(rawValue: strategy) == nil {
      throw ValidationError(
        "There is no strategy '\(strategy)'; there are \(Strategy.allCases.map(\.rawValue).joined(separator: ", ")) and all."
      )
    }
    if cases < 1 { throw ValidationError("'--cases' must be at least 1.") }
    if let time, !(time > 0 && time.isFinite) { throw ValidationError("'--time' must be a positive number.") }
  }

  func run() throws {
    if let replay { return try decide(replay) }
    let layers = LayerKind(rawValue: layer).map { [$0] } ?? LayerKind.allCases
    let progress = Progress()
    var reports: [FuzzReport] = []
    for layer in layers {
      let run = FuzzRun(
        layer: layer, strategies: Strategy(rawValue: strategy).map { [$0] } ?? Strategy.allCases, seed: seed)
      let start = ContinuousClock.now
      let end = time.map { start + .seconds($0) }
      let report: FuzzReport
      do {
        report = try run.report(
          0..<(time == nil ? cases : Int.max), isDone: { end.map { ContinuousClock.now >= $0 } ?? false }
        ) { report in
          guard report.cases.isMultiple(of: 64) else { return }
          let rate = Double(report.cases) / ((ContinuousClock.now - start) / .seconds(1))
          progress.show(
            "\(layer.rawValue): \(report.cases) cases, \(Int(rate)) a second, greatest margin "
              + String(format: "%.3f", report.greatest?.margin ?? 0))
        }
      } catch {
        progress.clear()
        throw BadInput(message: "\(error)")
      }
      reports.append(report)
    }
    progress.clear()
    if json { try printJSON(reports) } else { print(FuzzTable(reports).text, terminator: "") }
    if reports.contains(where: { $0.failed > 0 }) { throw ExitCode(1) }
  }

  /// Decides the one case of `line`.
  private func decide(_ line: String) throws {
    let drift: LocalDrift
    do {
      drift = try Catalogue.judge(try CheckedCase(try CaseLine.parse(line)))
    } catch {
      throw BadInput(message: "--replay: \(error)")
    }
    if json {
      try printJSON(drift)
    } else {
      print("verdict    \(drift.verdict.rawValue)")
      print("margin     \(drift.margin)")
      print("max ulps   \(drift.worstUlps)")
      if let worst = drift.worst {
        print("element    \(worst.index)")
        print("engine     \(worst.engine)")
        print("exact      \(worst.lower) to \(worst.upper)")
      }
    }
    if drift.verdict == .outside { throw ExitCode(1) }
  }
}
