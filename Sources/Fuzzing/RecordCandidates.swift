import PlumbCases
import PlumbVerdicts

/// The cases of a piece that the filter decided and that may hold its records.
///
/// The filter's figures are never too small, and too large by very little; the few greatest are judged again by the exact
/// path at the end of the piece, so that every figure in a report is the exact path's.
struct RecordCandidates {
  /// How many are kept of each kind: more than one, because the order of the exact figures can differ.
  private static let kept = 4

  private struct Candidate {
    let input: LayerCase
    let number: Int
    let figure: Double
  }

  private var byMargin: [Candidate] = []
  private var byUlps: [Candidate] = []

  /// The greatest margin, as the filter knows it.
  var greatestMargin: Double { byMargin.first?.figure ?? 0 }
  /// The greatest drift in ulps, as the filter knows it.
  var worstUlps: Double { byUlps.first?.figure ?? 0 }

  /// Takes note of `drift`, which the filter proved of the case `number`.
  mutating func note(_ drift: FilteredDrift, of input: LayerCase, number: Int) {
    Self.insert(drift.margin, input, number, into: &byMargin)
    Self.insert(Objective.ulps.score(of: drift), input, number, into: &byUlps)
  }

  /// Of equal figures the first is kept.
  private static func insert(_ figure: Double, _ input: LayerCase, _ number: Int, into list: inout [Candidate]) {
    if list.count == kept, let last = list.last, figure <= last.figure { return }
    guard !list.contains(where: { $0.figure == figure }) else { return }
    let place = list.firstIndex { $0.figure < figure } ?? list.count
    list.insert(Candidate(input: input, number: number, figure: figure), at: place)
    if list.count > kept { list.removeLast() }
  }

  /// Judges again those that may pass what `report` has, and what the records `margin` and `ulps` of other pieces are.
  func settle(
    _ report: inout FuzzReport, beyond margin: Double, _ ulps: Double, judge: FuzzRun.Judge
  ) throws {
    for candidate in byMargin {
      if candidate.figure < max(report.greatest?.margin ?? -1, margin) { break }
      let drift = try judge(try CheckedCase(candidate.input), candidate.number)
      report.consider(drift, of: candidate.input, number: candidate.number)
    }
    for candidate in byUlps {
      if candidate.figure < max(report.furthest?.ulps ?? -1, ulps) { break }
      let drift = try judge(try CheckedCase(candidate.input), candidate.number)
      report.consider(drift, of: candidate.input, number: candidate.number)
    }
  }
}
