import PlumbLayers
import PlumbTolerance

// The mean and the sum of squared deviations that are updated element by element (Welford 1962), or merged part by part
// (Chan, Golub & LeVeque 1983). A merge of A and B, of a and b elements, computes δ = m_B − m_A, then m = m_A + δ·b/n and
// q = q_A + q_B + δ²·a·b/n with n = a + b; an update is a merge with one element x, whose term is δ·(x − m). The bounds hold
// for every tree of merges in which B is one element or has no more than A.
extension ArithmeticModel {
  /// The mean.
  ///
  /// *Error bound*: E with E ≥ e + Σ (u·(A_j + E) + η) + γ₄·log₂ n·(R + 2E). Errors of the parts' means enter the mean of
  /// their union as their weighted average, so that along a path of merges each adds its own roundings. Of a part of j
  /// elements the mean is at most A_j, the average of the j greatest magnitudes, and the sizes along a path rise. The rounding of
  /// m is at most u times that. δ, b/n, perhaps 1/n, and the product are within γ₄ of δ·b/n, with |δ| ≤ R + 2E for a row of
  /// range R; and b/n ≤ ½ is at most log₂ of the growth, n/a or n/b, so that these add up to log₂ n. Elements are off by e.
  package func updatedMean(_ row: ArraySlice<Tracked>) -> Tracked {
    let mean = mean(row)
    guard let error = Updates(row, in: self)?.meanError else { return .outside }
    return Tracked(lower: mean.lower, upper: mean.upper, error: error, specials: mean.specials)
  }

  /// Σ dᵢ² of the deviations d from the mean.
  ///
  /// *Error bound*: q is the sum over the merges of T = δ²·h, h = a·b/n. Differences are within Δ = 2E + u·(R + 2E), so that a
  /// merge's term strays by at most (2Δ|δ| + Δ²)·h, and an update's, where h ≥ ½, by 2Δ·√(2T) + Δ²: with g = min(a, b) ≥ h both
  /// by at most 2Δ·√(2gT) + g·Δ². Σ g ≤ G = n/2·log₂ n, and by Cauchy's inequality all stray by at most P = 2Δ·√(2Gq) + G·Δ². A
  /// term passes through at most n + 4 roundings: γ_(n+4)·(q + P) more, and three underflows a term. δ²·a may overflow where
  /// n·(R + 2E)² does.
  package func updatedSquares(
    ofDeviations deviations: ArraySlice<Tracked>, from mean: Tracked, of row: ArraySlice<Tracked>
  ) -> Tracked {
    let exact = squares(ofDeviations: deviations, from: mean, of: row)
    guard exact.isReal, let updates = Updates(row, in: self), let error = updates.squaresError(of: exact.upper) else {
      return .outside
    }
    let overflow: Tracked.Specials =
      Outward.sumUp(updates.greatestTerm, error) > accumulation.greatest ? .plusInfinity : []
    return Tracked(lower: exact.lower, upper: exact.upper, error: error, specials: exact.specials.union(overflow))
  }
}

/// The errors of a mean and of squares that are updated or merged.
private struct Updates {
  let meanError: Double
  /// A bound of the greatest number that a merge computes, and of the sum.
  let greatestTerm: Double
  private let differenceError: Double
  private let count: Int
  private let model: ArithmeticModel

  /// `nil` where nothing bounds them, or a difference may overflow.
  init?(_ row: ArraySlice<Tracked>, in model: ArithmeticModel) {
    guard row.allSatisfy({ $0.isFinite }), !row.isEmpty else { return nil }
    (count, self.model) = (row.count, model)
    let unit = model.unit
    let reaches = row.map { max(abs($0.computed.lower), abs($0.computed.upper)) }.sorted(by: >)
    var (sum, averages) = (0.0, 0.0)
    for (index, reach) in reaches.enumerated() {
      sum = Outward.sumUp(sum, reach)
      averages = Outward.sumUp(averages, Outward.quotientUp(sum, Double(index + 1)))
    }
    let range = Outward.sumUp(row.map(\.computed.upper).max() ?? 0, -(row.map(\.computed.lower).min() ?? 0))
    let size = Double(count)
    guard count > 1 else {
      (meanError, differenceError, greatestTerm) = (row.first?.error ?? 0, 0, 0)
      return
    }
    guard let four = model.gamma(4) else { return nil }
    let merges = Outward.productUp(four, Self.logarithm(count))
    // Solved for E, of which the bound above is a linear function.
    let constant = Outward.sumUp(
      Outward.sumUp(row.map(\.error).max() ?? 0, Outward.productUp(unit, averages)),
      Outward.sumUp(Outward.productUp(merges, range), Outward.productUp(size, model.underflow)))
    let slope = Outward.sumUp(Outward.productUp(size, unit), Outward.productUp(2, merges))
    guard slope < 1 else { return nil }
    meanError = Outward.quotientUp(constant, Outward.sumDown(1, -slope))
    let difference = Outward.sumUp(range, 2 * meanError)
    guard difference <= model.accumulation.greatest else { return nil }
    greatestTerm = Outward.productUp(size, Outward.productUp(difference, difference))
    differenceError = Outward.sumUp(2 * meanError, Outward.productUp(unit, difference))
  }

  /// The error of squares that are at most `squares`; `nil` where nothing bounds it.
  func squaresError(of squares: Double) -> Double? {
    guard count > 1 else { return 0 }
    guard let gamma = model.gamma(count + 4) else { return nil }
    let growth = Outward.productUp(Double(count) / 2, Self.logarithm(count))
    let strayed = Outward.sumUp(
      Outward.productUp(2 * differenceError, Outward.rootUp(Outward.productUp(2 * growth, squares))),
      Outward.productUp(growth, Outward.productUp(differenceError, differenceError)))
    let underflows = Outward.productUp(Double(3 * count), model.underflow)
    return Outward.sumUp(
      Outward.sumUp(strayed, underflows),
      Outward.productUp(gamma, Outward.sumUp(Outward.sumUp(squares, strayed), underflows)))
  }

  /// log₂ `count`, rounded up to a whole number.
  private static func logarithm(_ count: Int) -> Double { Double(Int.bitWidth - (count - 1).leadingZeroBitCount) }
}
