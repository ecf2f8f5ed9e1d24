/// A run held against a recorded profile: which activations are worse than they were.
package struct BaselineComparison: Sendable, Codable {
  /// An activation that is worse than recorded.
  package struct Regression: Sendable, Codable, Hashable {
    /// The activation's name.
    package let name: String
    /// `margin` or `accumulated`.
    package let measure: String
    /// The number that was recorded.
    package let recorded: Double
    /// The number now.
    package let now: Double
  }

  /// The number of activations that both have.
  package let compared: Int
  /// The activations that are worse, in the order of the pass.
  package let regressions: [Regression]

  /// The arithmetic of the record, where it is another: numbers then differ without anybody's fault.
  package let recordedArithmetic: String?

  /// The greatest multiple of its record that a number may be.
  ///
  /// With 1 whatever is greater is worse: the same engine on the same instructions repeats its bits, and so its numbers.
  /// Another arithmetic is better here and worse there, and whoever compares across says by how much it may be worse.
  package let allowance: Double

  /// Holds `report` against `baseline`, of which `path` is the file.
  ///
  /// A number that was infinite cannot become worse.
  /// - Throws: `BaselineError` where the two are not of the same weights and tokens, or have no activation in common.
  package init(
    _ report: DriftReport, against baseline: Baseline, path: String, allowance: Double = 1
  ) throws(BaselineError) {
    let names = report.activations.map(\.name)
    try baseline.expect(fingerprint: report.fingerprint, tokens: report.tokens, names: names, path: path)
    let recorded = Dictionary(baseline.activations.map { ($0.name, $0) }) { first, _ in first }
    var compared = 0
    var regressions: [Regression] = []
    for now in Baseline(report).activations {
      guard let before = recorded[now.name] else { continue }
      compared += 1
      for (measure, old, new) in [
        ("margin", before.margin, now.margin), ("accumulated", before.accumulated, now.accumulated),
      ] as [(String, Double?, Double?)] {
        guard let old, let new, new > old * allowance else { continue }
        regressions.append(Regression(name: now.name, measure: measure, recorded: old, now: new))
      }
    }
    recordedArithmetic = baseline.arithmetic == report.arithmetic ? nil : baseline.arithmetic
    self.allowance = allowance
    self.compared = compared
    self.regressions = regressions
  }
}
