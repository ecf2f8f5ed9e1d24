import PlumbModel

/// The distance that a dump may have from what a bug gives, for the bug to explain it.
///
/// The bound of the right layer, moved to the size of what the bug gives, and twice that, as a wrong formula has roundings
/// of its own; in a segment of several steps twice as much again, as the right ones were computed too.
struct Allowance {
  /// The bound that an element of a sum of products has: such sums err by the size of their terms, whatever the sum.
  enum Scope {
    /// The greatest of its row.
    case row
    /// The greatest of all.
    case tensor
  }

  private let scope: Scope
  private let columns: Int
  private let dumped: [Float]
  private let control: [Float]
  private let exact: [Double]
  private var bounds: [Double?]
  private let roundoff: Double
  private let times: Double
  private var isBySize = true
  /// The margin of the layer without a bug: what explains the dump must be far nearer.
  private var controlMargin = Double.infinity

  /// Makes the allowance for `failure`, whose steps without a bug give `control`.
  init(_ failure: GradeFailure, _ scope: Scope, control: Activation<Float>) {
    self.scope = scope
    columns = max(control.columns, 1)
    exact = failure.exact
    bounds = failure.bounds
    roundoff = failure.storageRoundoff
    times = failure.steps.count > 1 ? 4 : 2
    self.control = control.elements
    dumped = failure.steps.last.flatMap { failure.dumped($0.name) }?.elements ?? []
    if failure.steps.map(\.layer) == [.silu],
      let inputs = failure.dumped(failure.steps[0].inputs[0])
    {
      // Another function that is x times a factor of at most 1, such as 1 + tanh, loses what the factor's terms cancel.
      let own = bounds
      for index in bounds.indices where bounds[index] != nil {
        bounds[index] = max(bounds[index] ?? 0, 4 * failure.roundoff * Double(inputs.elements[index].magnitude))
      }
      if (margin(self.control) ?? 0) <= 1 { bounds = own }
    }
    let sums: Set<LayerKind> = [.linear, .unembedding, .attentionScores, .attentionValues, .rotaryEmbedding]
    if failure.steps.contains(where: { sums.contains($0.layer) }) {
      isBySize = false
      let run = scope == .row ? columns : max(bounds.count, 1)
      for start in stride(from: 0, to: bounds.count, by: run) {
        let places = start..<min(start + run, bounds.count)
        let greatest = places.compactMap { bounds[$0] }.max() ?? 0
        for index in places where bounds[index] != nil { bounds[index] = greatest }
      }
      // Where that lets the right layer pass, each element has its own bound.
      if (margin(self.control) ?? 0) <= 1 {
        bounds = failure.bounds
        isBySize = true
      }
    }
    controlMargin = margin(self.control) ?? .infinity
  }

  /// The greatest distance between the dump and `output`, in allowances; `nil` where nothing can be compared, or the bug
  /// changes nothing that shows.
  func margin(of output: Activation<Float>) -> Double? {
    guard output.elements.count == dumped.count, let margin = margin(output.elements) else { return nil }
    return margin <= controlMargin / 2 ? margin : nil
  }

  private func margin(_ output: [Float]) -> Double? {
    var greatest: Double?
    let everywhere = scope == .tensor ? relativeBound(exact.indices) : nil
    for start in stride(from: 0, to: exact.count, by: columns) {
      let claimed = (start..<min(start + columns, exact.count)).filter { bounds[$0] != nil }
      let size = claimed.map { exact[$0].magnitude }.max() ?? 0
      let reached = claimed.map { Double(output[$0].magnitude) }.filter(\.isFinite).max() ?? 0
      // Where nothing should be, a number has the greatest relative bound of its row, or of all rows.
      let relative = everywhere ?? relativeBound(start..<min(start + columns, exact.count))
      for index in claimed {
        let (found, given, bound) = (Double(dumped[index]), Double(output[index]), bounds[index] ?? 0)
        if found == given || found.isNaN && given.isNaN {
          greatest = max(greatest ?? 0, 0)
          continue
        }
        guard found.isFinite, given.isFinite else { return .infinity }
        let own =
          if !isBySize { bound * (size > 0 ? max(1, reached / size) : 1) } else if exact[index] == 0 {
            max(bound, relative * given.magnitude)
          } else { bound * max(1, given.magnitude / exact[index].magnitude) }
        let allowed = times * own + 4 * roundoff * given.magnitude + 0x1p-149
        greatest = max(greatest ?? 0, (found - given).magnitude / allowed)
      }
    }
    return greatest
  }

  /// The greatest quotient of bound and value among the elements at `places`; 0 where there is none.
  private func relativeBound(_ places: Range<Int>) -> Double {
    places.reduce(0) { greatest, index in
      guard let bound = bounds[index], exact[index] != 0 else { return greatest }
      return max(greatest, bound / exact[index].magnitude)
    }
  }
}
