import PlumbModel
import PlumbTolerance

extension FloatFormat {
  /// The format whose numbers are those of `grid`.
  package init(_ grid: NumberGrid) {
    self.init(
      name: grid.name, precision: grid.precision, leastExponent: grid.leastExponent, greatest: grid.greatest,
      saturates: grid.saturates)
  }
}

extension ArithmeticModel {
  /// The number rounded to `grid`, to the nearest; a tie either way.
  ///
  /// *Error bound*: half a spacing and the error before. Where all that may be computed before is rounded to one number, what that strays
  /// from the exact one, or half of the spacing below it if that is more: no other number of the grid is so near.
  /// *Edge cases*: nothing is claimed of what may be infinite before a grid that saturates, as conversions of infinities to
  /// integers differ.
  package func onGrid(_ x: Tracked, _ grid: NumberGrid) -> Tracked {
    let format = FloatFormat(grid)
    guard grid.saturates else { return rounded(x, to: format) }
    guard x.isReal, x.isFinite else { return .outside }
    let (lower, upper) = x.computed
    let ends = [format.rounded(lower.nextDown), format.rounded(upper.nextUp)]
    let greatest = max(lower.magnitude, upper.magnitude)
    guard ends[0] == ends[1] else { return x.widened(by: grid.spacing(at: greatest) / 2) }
    let least = max(0, ends[0].magnitude.nextDown)
    let strayed = max(Outward.sumUp(ends[0], -x.lower), Outward.sumUp(x.upper, -ends[0]))
    return Tracked(lower: x.lower, upper: x.upper, error: max(strayed, grid.spacing(at: least) / 2))
  }

  /// *Error bound*: both roundings and the function's between them; near `limit`, where either may be computed, the greater of both.
  package func tabulated(_ x: Tracked, below limit: Double, _ function: (Tracked) -> Tracked) -> Tracked {
    guard x.isReal, x.isFinite else { return function(x) }
    let (lower, upper) = x.computed
    if lower >= limit || upper <= -limit { return function(x) }
    let table = rounded(function(rounded(x, to: .float16)), to: .float16)
    return lower > -limit && upper < limit ? table : table.or(function(x))
  }
}
