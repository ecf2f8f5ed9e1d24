import PlumbExact

/// The pairs between which YaRN goes from frequencies as they are to frequencies that are divided.
///
/// Pair c(β) = size · ln(context / 2πβ) / (2 · ln theta) turns β times in a context: the ramp runs from ⌊c(fast)⌋ to ⌈c(slow)⌉, kept
/// within 0 ..< size.
/// Source: Peng et al. 2023, *YaRN*, section 3.2 and appendix A.2.
package struct YarnRamp {
  /// The number of elements of a head that turn.
  let size: Int
  let theta: Float
  /// The positions of training.
  let context: Float
  /// The turns in a context above which a pair keeps its frequency.
  let fast: Float
  /// The turns in a context below which its frequency is divided.
  let slow: Float

  /// Makes the ramp.
  package init(size: Int, theta: Float, context: Float, fast: Float, slow: Float) {
    self.size = size
    self.theta = theta
    self.context = context
    self.fast = fast
    self.slow = slow
  }

  /// The ramp in words.
  package var words: String { "YaRN's from \(fast) turns of \(context) positions to \(slow)" }

  /// The ends; `nil` where there is no ramp, as where the second is below the first.
  package var ends: (first: Int, last: Int)? {
    guard theta > 1, let low = floor(fast), let high = floor(slow) else { return nil }
    // No c(β) is a whole number, as π is not algebraic.
    let (first, last) = (max(low, 0), min(high + 1, size - 1))
    return first <= last ? (first, last) : nil
  }

  /// Whether the ramp from c(fast) to c(slow) itself has all its pairs within 0 ..< size, so that none is kept there.
  package var liesWithin: Bool {
    guard theta > 1, slow < fast, let low = floor(fast), let high = floor(slow) else { return false }
    return low >= 0 && high + 1 <= size - 1
  }

  /// The greatest whole number below c(`turns`).
  private func floor(_ turns: Float) -> Int? {
    guard let theta = Rational(exactly: theta), let context = Rational(exactly: context), context > 0,
      let turns = Rational(exactly: turns), turns > 0
    else { return nil }
    return try? PrecisionLoop.decide { precision throws(EnclosureError) -> Int? in
      let wavelength = Ball(turns * 2) * Ball.pi(precision: precision)
      let logarithm = try Ball.log(Ball(context).divided(by: wavelength, precision: precision), precision: precision)
      let double = try Ball.log(Ball(theta), precision: precision) * Ball(2)
      let pair = try (logarithm * Ball(Rational(Integer(size)))).divided(by: double, precision: precision)
      let nearest = pair.midpoint.rounded(to: Double.self, .toNearestOrEven).rounded(.down)
      guard nearest.magnitude < 0x1p40 else { return nil }
      return [Int(nearest), Int(nearest) - 1].first {
        Rational(Integer($0)) <= pair.lower && pair.upper < Rational(Integer($0 + 1))
      }
    }
  }
}
