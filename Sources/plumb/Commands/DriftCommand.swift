import ArgumentParser
import Foundation
import PlumbDrift
import PlumbFormats
import PlumbReports
import PlumbVerdicts

/// `plumb drift`: how far the engine is from the exact pass, and whether rounding explains it.
struct DriftCommand: ParsableCommand, FileUsing {
  static let configuration = CommandConfiguration(
    commandName: "drift",
    abstract: "Reports how far a Float32 pass is from the exact one, layer by layer, and whether rounding explains it.",
    discussion: """
      Local drift is each layer alone, on the very inputs that the engine gave it, against a proved bound. Accumulated \
      drift is the whole pass from the tokens. Exit status: 0 when every layer is within its bound, 1 when one is \
      outside it or outside the domain of the bounds, or worse than the recorded profile, 2 for a usage error or bad input.
      """)

  @OptionGroup var source: ModelArgument
  @OptionGroup var input: PromptArguments

  @Option(help: ArgumentHelp("Report only these blocks; the pass is whole all the same.", valueName: "first...last"))
  var layers: BlockRange?

  @OptionGroup var files: ReportArguments

  @Flag(
    help: """
      Leave out the exact pass from the tokens, which takes almost all of the time: local drift and its verdicts only.
      """)
  var localOnly = false

  @Flag(
    help: """
      Report where the drift of the logits comes from, by block and by cause; takes half an exact pass for each block, \
      and about a dozen whole ones.
      """)
  var attribute = false

  @Option(
    help: ArgumentHelp(
      "Fail (exit status 1) where a number is greater than this recorded profile's; a regression, no proof.",
      valueName: "file"))
  var baseline: String?

  @Option(help: ArgumentHelp("How many times its record a number may be (default: 1).", valueName: "factor"))
  var allow: Double?

  @Option(help: ArgumentHelp("Record the profile of this run, for '--baseline' of later ones.", valueName: "file"))
  var recordBaseline: String?

  @Flag(help: "Print JSON; its schema is documented in the library's documentation, page JSON.")
  var json = false

  var paths: CommandFiles {
    var paths = CommandFiles()
    paths.readModel(source.model)
    paths.read(input.promptFile, "--prompt-file")
    paths.read(baseline, "--baseline")
    paths.write(recordBaseline, "--record-baseline")
    files.write(by: &paths)
    return paths
  }

  func run() throws {
    let start = ContinuousClock.now
    let model = try source.open()
    let tokens = try input.tokens(for: model, otherwise: LoadedModel.usualPrompt)
    let count = model.transformer.blocks.count
    let blocks = layers?.range ?? 0...max(count - 1, 0)
    guard blocks.upperBound < max(count, 1) else {
      throw BadInput(
        message: "--layers \(blocks.lowerBound)...\(blocks.upperBound): the model has blocks 0 to \(count - 1)")
    }
    try files.check(model)
    if localOnly { return try reportLocally(model, tokens, blocks, since: start) }
    let recorded = try recordedProfile(model, tokens, blocks)
    let progress = Progress()
    var report: DriftReport
    var local: LocalReport?
    do {
      report = try Interrupt.watched { interrupt throws(DriftError) in
        try DriftMeasurement(
          model: model, tokens: tokens, blocks: blocks, attention: files.attention, attributes: attribute
        )
        .report(since: start, isInterrupted: { interrupt.isRequested }, local: { local = $0 }) { progress.show($0) }
      }
      if let recorded, let baseline {
        report.baseline = try BaselineComparison(report, against: recorded, path: baseline, allowance: allow ?? 1)
      }
    } catch DriftError.interrupted where local != nil {
      progress.clear()
      if let local { try show(local) }
      return
    } catch let error as DriftError where error.isUndecided && local != nil {
      progress.clear()
      if let local { try show(local) }
      StandardError.write("plumb: the exact pass from the tokens: \(error); this is the local drift\n")
      throw ExitCode(1)
    } catch {
      progress.clear()
      throw BadInput(message: "\(error)")
    }
    progress.clear()
    if json {
      try printJSON(report)
    } else {
      StandardOutput.write(DriftTable(report, isColoured: StandardOutput.isColoured).text)
    }
    var written = OutputFiles()
    try written.write(try Baseline(report).text, to: recordBaseline)
    let (page, junit) = (report, report.junit)
    files.write(html: { DriftPage(page, command: $0, version: $1).text }, junit: junit, to: &written)
    try written.finish()
    if report.verdict != .within || report.baseline?.regressions.isEmpty == false { throw ExitCode(1) }
  }

  func validate() throws {
    if let allow {
      guard allow >= 1 && allow.isFinite else { throw ValidationError("'--allow' must be a number of at least 1.") }
      guard baseline != nil else { throw ValidationError("'--allow' is about '--baseline': give both.") }
    }
    try files.refuseHead(json: json)
    let wholes = [
      ("--html", files.html != nil), ("--head", files.head != nil),
      ("--attribute", attribute), ("--baseline", baseline != nil), ("--record-baseline", recordBaseline != nil),
    ]
    if localOnly, let (option, _) = wholes.first(where: { $0.1 }) {
      throw ValidationError("'\(option)' needs the exact pass, which '--local-only' leaves out.")
    }
  }

  /// The report of `--local-only`.
  private func reportLocally(
    _ model: LoadedModel, _ tokens: [Int], _ blocks: ClosedRange<Int>, since start: ContinuousClock.Instant
  ) throws {
    let progress = Progress()
    let report: LocalReport
    do {
      report = try Interrupt.watched { interrupt throws(DriftError) in
        try DriftMeasurement(model: model, tokens: tokens, blocks: blocks)
          .localReport(since: start, isInterrupted: { interrupt.isRequested }) { progress.show($0) }
      }
    } catch {
      progress.clear()
      throw BadInput(message: "\(error)")
    }
    progress.clear()
    try show(report)
    if report.verdict != .within { throw ExitCode(1) }
  }

  private func show(_ report: LocalReport) throws {
    if json {
      try printJSON(report)
    } else {
      StandardOutput.write(LocalTable(report, isColoured: StandardOutput.isColoured).text)
    }
    var written = OutputFiles()
    written.write(report.junit, to: files.junit)
    try written.finish()
  }

  /// The profile of `--baseline`, read before the work is done, and held against what is to be measured.
  private func recordedProfile(
    _ model: LoadedModel, _ tokens: [Int], _ blocks: ClosedRange<Int>
  ) throws -> Baseline? {
    do {
      guard let baseline else { return nil }
      let recorded = try Baseline(path: baseline)
      try recorded.expect(model, tokens: tokens, blocks: blocks, path: baseline)
      return recorded
    } catch {
      throw BadInput(message: "--baseline \(error)")
    }
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
