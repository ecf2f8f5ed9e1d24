import PlumbCases
import PlumbModel
import PlumbVerdicts

/// The cases of a piece that the filter decided and that may hold its records.
///
/// The filter's figures are never too small, and too large by very little; the few greatest are judged again by the exact
/// path at the end of the piece, so that every figure in a report is the exact path's.
struct RecordCandidates {
  /// The number of candidates kept of each kind: more than one, because the order of the exact figures can differ.
  private static let kept = 4

  private struct Candidate {
    let input: LayerCase
    let output: Activation<Float>
    let number: Int
    let figure: Double

    /// Has `report` consider the exact path's drift.
    func consider(in report: inout FuzzReport, _ arithmetic: Arithmetic) throws {
      report.consider(try arithmetic.judge(try CheckedCase(input), output: output), of: input, number: number)
    }
  }

  private var byMargin: [Candidate] = []
  private var byUlps: [Candidate] = []

  /// The greatest margin, as the filter knows it.
  var greatestMargin: Double { byMargin.first?.figure ?? 0 }
  /// The greatest drift in ulps, as the filter knows it.
  var worstUlps: Double { byUlps.first?.figure ?? 0 }

  /// Takes note of `drift`, which the filter proved of `output` in the case `number`.
  mutating func note(_ drift: FilteredDrift, of input: LayerCase, _ output: Activation<Float>, number: Int) {
    func candidate(_ figure: Double) -> Candidate {
      Candidate(input: input, output: output, number: number, figure: figure)
    }
    Self.insert(candidate(drift.margin), into: &byMargin)
    Self.insert(candidate(Objective.ulps.score(of: drift)), into: &byUlps)
  }

  /// Puts `candidate` into `list`; the first of equal figures is kept.
  private static func insert(_ candidate: Candidate, into list: inout [Candidate]) {
    let figure = candidate.figure
    if list.count == kept, let last = list.last, figure <= last.figure { return }
    guard !list.contains(where: { $0.figure == figure }) else { return }
    list.insert(candidate, at: list.firstIndex { $0.figure < figure } ?? list.count)
    if list.count > kept { list.removeLast() }
  }

  /// Judges again, in `arithmetic`, those that may pass what `report` has, and what the records `margin` and `ulps` of other
  /// pieces are.
  func settle(
    _ report: inout FuzzReport, beyond margin: Double, _ ulps: Double, in arithmetic: Arithmetic
  ) throws {
    for candidate in byMargin {
      if candidate.figure < max(report.greatest?.margin ?? -1, margin) { break }
      try candidate.consider(in: &report, arithmetic)
    }
    for candidate in byUlps {
      if candidate.figure < max(report.furthest?.ulps ?? -1, ulps) { break }
      try candidate.consider(in: &report, arithmetic)
    }
  }
}
