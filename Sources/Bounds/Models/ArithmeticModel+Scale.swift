import PlumbModel
import PlumbTolerance

extension ArithmeticModel {
  /// Each number that a kernel may take for the scale, first the exact one.
  package func scales(of greatest: Tracked, _ rule: ScaleRule) -> [Tracked] {
    guard greatest.isExact else { return [.outside] }
    return rule.global.map { nearest(greatest, rule, $0) } ?? powers(greatest, rule)
  }

  /// Numbers of E4M3: each to which g·a / m as it is computed may be rounded, by a division or by 1/m, before the product with g or after it.
  ///
  /// *Edge cases*: nothing is claimed of a product that may be infinite.
  private func nearest(_ greatest: Tracked, _ rule: ScaleRule, _ global: Double) -> [Tracked] {
    let exact = rule.scale(greatest.upper)
    if isOfOneKernel || greatest.upper == 0 { return [Tracked(exact)] }
    let (limit, global) = (Tracked(rule.greatest), Tracked(global))
    let quotient = oneOf(stored(product(global, stored(quotientOrReciprocal(greatest, limit))))) {
      stored(quotientOrReciprocal(stored(product(global, greatest)), limit))
    }
    guard quotient.isReal, quotient.isFinite else { return [.outside] }
    let format = FloatFormat(rule.grid)
    let (lower, upper) = quotient.computed
    let (first, last) = (format.rounded(max(0, lower.nextDown)), format.rounded(upper.nextUp))
    let all = sequence(first: first) { $0 < last ? $0 + rule.grid.spacing(at: $0) : nil }
    return [Tracked(exact)] + all.filter { $0 != exact }.map { Tracked($0) }
  }

  /// Powers of two.
  ///
  /// A kernel reads the exponent off bits, or takes a logarithm to base 2 that is as accurate as the natural one: it errs by no more than twice
  /// as much, ulps of the greater number and 1/log 2 of an error before among them. For |z| ≤ 1, 1 − |z| ≤ 2^z ≤ 1 + |z|. A power of two has
  /// its exponent as its logarithm, and so has the quotient m·2^k / m, by a division that rounds correctly or by 1/m in Float32 or Float64:
  /// m is 3 or 7 times a power of two, and 3 · (1/3) and 7 · (1/7) round to 1 there.
  /// *Edge cases*: the least power, too, where the quotient may be flushed. Nothing is claimed where a logarithm may err by more than 1.
  private func powers(_ greatest: Tracked, _ rule: ScaleRule) -> [Tracked] {
    let magnitude = greatest.upper
    let exact = rule.scale(magnitude)
    let divides = functions?.divisionUlps == nil && (accumulation == .float32 || accumulation == .float64)
    if isOfOneKernel || magnitude == 0 || rule.hasWholeLogarithm(magnitude) && (divides || !rule.divides) {
      return [Tracked(exact)]
    }
    let argument = rule.divides ? quotientOrReciprocal(greatest, Tracked(rule.greatest)) : greatest
    guard !argument.isOutside else { return [.outside] }
    let mayVanish = argument.computed.lower <= 0
    let error = mayVanish ? 1 : 2 * logarithm(argument).error
    guard error <= 1 else { return [.outside] }
    let first = mayVanish ? 0 : (magnitude * (1 - error).nextDown).nextDown
    let last = rule.scale((magnitude * (1 + error).nextUp).nextUp)
    let all = sequence(first: rule.scale(first)) { $0 < last ? 2 * $0 : nil }
    return [Tracked(exact)] + all.filter { $0 != exact }.map { Tracked($0) }
  }

  /// The number, or all that `other` is computed as.
  package func replaceable(_ x: Tracked, by other: Tracked) -> Tracked { isOfOneKernel ? x : x.or(other) }
}
