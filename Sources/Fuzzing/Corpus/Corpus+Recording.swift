import Foundation
import PlumbCases
import PlumbVerdicts

extension Corpus {
  /// Appends what `report` found and the corpus does not have: its failures, and its worst cases, shrunk.
  ///
  /// A worst case counts where it passes every entry of the corpus by more than the shrinking gives up. Shrinking ends with
  /// `time`, or once it `isInterrupted`. Before each smaller case is decided, `progress` is told how many were tried; where the
  /// time cuts shrinking short, it is told so last.
  /// - Throws: `CorpusError` when the file cannot be written, or an error of the layer's check.
  package mutating func record(
    _ report: FuzzReport, time: Duration = .seconds(60), isInterrupted: @escaping () -> Bool = { false },
    progress: @escaping (_ tried: Int, _ isCutShort: Bool) -> Void = { _, _ in },
    judge: @escaping Shrinker.Judge = { Catalogue.judge($0) }
  ) throws {
    for failure in report.failures where failure.corpusLine == nil {
      try append(
        CorpusEntry(
          try CaseLine.parse(failure.replay), seed: report.seed,
          reason: failure.what.map { ReportText.shown($0) } ?? "outside its bound"))
    }
    guard report.failed == 0 else { return }
    for objective in Objective.allCases {
      let finding = objective == .margin ? report.greatest : report.furthest
      guard let finding, finding.corpusLine == nil else { continue }
      let input = try CaseLine.parse(finding.replay)
      let drift = try judge(try CheckedCase(input))
      let known = try entries.map { objective.score(of: try judge(try CheckedCase($0.input))) }.max() ?? 0
      guard objective.score(of: drift) * Shrinker.recordFraction > known else { continue }
      let end = ContinuousClock.now + time
      var (tried, isCutShort) = (0, false)
      let shrunk = Shrinker.record(
        input, drift, objective: objective, judge: judge,
        isOver: {
          if ContinuousClock.now >= end { isCutShort = true }
          return isCutShort || isInterrupted()
        },
        willTry: {
          tried += 1
          progress(tried, false)
        })
      if isCutShort { progress(tried, true) }
      let score = objective.score(of: try judge(try CheckedCase(shrunk)))
      let what = objective == .margin ? "greatest margin" : "most ulps"
      try append(CorpusEntry(shrunk, seed: report.seed, reason: "\(what), " + String(format: "%.4g", score)))
    }
  }
}
