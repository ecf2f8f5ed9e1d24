import Foundation
import PlumbDrift

extension Corpus {
  /// The longest time that one record is shrunk: ordinary ones take far less.
  private static let shrinkingTime: Duration = .seconds(60)

  /// Appends what `report` found and the corpus does not have: its failures, and its worst cases, shrunk.
  ///
  /// A worst case counts where it passes every entry of the corpus by more than the shrinking gives up.
  /// - Throws: `CorpusError` when the file cannot be written, or an error of the layer's check.
  public mutating func record(
    _ report: FuzzReport, judge: @escaping Shrinker.Judge = { try Catalogue.judge($0) }
  ) throws {
    for failure in report.failures where failure.corpusLine == nil {
      try append(
        CorpusEntry(
          try CaseLine.parse(failure.replay), seed: report.seed,
          reason: failure.what.map { DriftTable.shown($0) } ?? "outside its bound"))
    }
    if report.failed == 0 {
      try record(report.greatest, .margin, report, judge)
      try record(report.furthest, .ulps, report, judge)
    }
  }

  private mutating func record(
    _ finding: FuzzReport.Finding?, _ objective: Objective, _ report: FuzzReport, _ judge: @escaping Shrinker.Judge
  ) throws {
    guard let finding, finding.corpusLine == nil else { return }
    let input = try CaseLine.parse(finding.replay)
    let drift = try judge(try CheckedCase(input))
    let known = try entries.map { objective.score(of: try judge(try CheckedCase($0.input))) }.max() ?? 0
    guard objective.score(of: drift) * Shrinker.recordFraction > known else { return }
    let shrunk = Shrinker.record(
      input, drift, objective: objective, until: ContinuousClock.now + Self.shrinkingTime, judge: judge)
    let score = objective.score(of: try judge(try CheckedCase(shrunk)))
    let what = objective == .margin ? "greatest margin" : "most ulps"
    try append(CorpusEntry(shrunk, seed: report.seed, reason: "\(what), " + String(format: "%.4g", score)))
  }
}
