import ArgumentParser
import Foundation
import PlumbDrift

/// `plumb drift`: how far the engine is from the exact pass, and whether rounding explains it.
struct DriftCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drift",
    abstract: "Reports how far a Float32 pass is from the exact one, layer by layer, and whether rounding explains it.",
    discussion: """
      Local drift is each layer alone, on the very inputs that the engine gave it, against a proved bound. Accumulated \
      drift is the whole pass from the tokens. Exit status: 0 when every layer is within its bound, 1 when one is \
      outside it or outside the domain of the bounds, 2 for a usage error or bad input.
      """)

  @OptionGroup var source: ModelArgument
  @OptionGroup var input: PromptArguments

  @Option(help: ArgumentHelp("Report only these blocks; the pass is whole all the same.", valueName: "first...last"))
  var layers: BlockRange?

  @Flag(help: "Print JSON; its schema is documented in the library's documentation, page JSON.")
  var json = false

  func run() throws {
    let start = ContinuousClock.now
    let model = try source.open()
    let tokens = try input.tokens(for: model, otherwise: "The weights are the permanent thing.")
    let count = model.transformer.blocks.count
    let blocks = layers?.range ?? 0...max(count - 1, 0)
    guard blocks.upperBound < max(count, 1) else {
      throw BadInput(
        message: "--layers \(blocks.lowerBound)...\(blocks.upperBound): the model has blocks 0 to \(count - 1)")
    }
    let progress = Progress()
    let report: DriftReport
    do {
      report = try DriftMeasurement(model: model, tokens: tokens, blocks: blocks)
        .report(since: start) { progress.show($0) }
    } catch {
      progress.clear()
      throw BadInput(message: "\(error)")
    }
    progress.clear()
    if json { try printJSON(report) } else { print(DriftTable(report).text, terminator: "") }
    if report.verdict != .within { throw ExitCode(1) }
  }
}

/// A range of blocks as the command line writes it: `3` or `0...5`.
struct BlockRange: ExpressibleByArgument {
  let range: ClosedRange<Int>

  init?(argument: String) {
    let ends = argument.replacing("...", with: "-").split(separator: "-", omittingEmptySubsequences: false).map {
      Int($0)
    }
    guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last else { return nil }
    range = first...last
  }
}
