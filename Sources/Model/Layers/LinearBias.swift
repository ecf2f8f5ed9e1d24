/// Numbers that are added to scores, and fall with the distance of the key from the query: ALiBi.
///
/// The score of head h for the positions t and s has −2^(−exponents[h]) · |t − s| added, as the last step.
/// Source: Press et al. 2022, *Train Short, Test Long*, section 3.
package struct LinearBias: Sendable, Hashable {
  /// The exponents of the heads' slopes, which are 2^−exponent.
  package var exponents: [Double]
  /// Whether the scale of the scores multiplies the numbers too.
  ///
  /// Source: the class of Falcon's attention in huggingface/transformers.
  package var isScaled: Bool

  /// Makes the bias from the exponents of the slopes.
  package init(exponents: [Double], isScaled: Bool = false) {
    self.exponents = exponents
    self.isScaled = isScaled
  }

  /// Makes the bias of so many heads, the last of which has the slope 2^−`last` where their number is a power of two.
  ///
  /// With n the greatest power of two up to `heads`, the first n heads have the exponents k · last / n for k = 1 … n, and those behind
  /// them each second of 2n heads, from the first on. Each exponent is exact: a product of a Float32 and a count below 2²⁹, by a power
  /// of two.
  package init(heads: Int, last: Float = 8, isScaled: Bool = false) {
    var count = 1
    while count <= heads / 2 { count *= 2 }
    let exponents = (0..<heads).map { head -> Double in
      let steps = head < count ? 2 * (head + 1) : 2 * (head - count) + 1
      return Double(last) * Double(steps) / Double(2 * count)
    }
    self.init(exponents: exponents, isScaled: isScaled)
  }

  /// The exponent that `init(heads:last:isScaled:)` makes the bias of; `nil` where it makes another one, or the scale multiplies it.
  package var last: Float? {
    guard let greatest = exponents.max(), self == LinearBias(heads: exponents.count, last: Float(greatest)) else {
      return nil
    }
    return Float(greatest)
  }

  /// The bias of the head `head` alone.
  func ofHead(_ head: Int) -> LinearBias { LinearBias(exponents: [exponents[head]], isScaled: isScaled) }

  /// The exponents that slopes may have: beyond them, numbers would be subnormal, or greater than every score.
  package static let allowedExponents: ClosedRange<Double> = -8...512

  /// The errors of a bias of `heads` heads.
  func errors(heads: Int) -> [String] {
    guard exponents.count == heads else { return ["\(exponents.count) slopes for \(heads) heads"] }
    return exponents.filter { !(Self.allowedExponents ~= $0) }.prefix(1).map {
      "the exponent \($0) of a linear bias is not between -8 and 512"
    }
  }
}
