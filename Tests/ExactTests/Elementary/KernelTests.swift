import PlumbModel
import Testing

@testable import PlumbExact

/// The errors that the kernels prove, in units, held against the same kernels at 200 bits more.
///
/// That those are right, the tables made by Arb show; rounding to the precision asked for would hide most violations of a
/// proof from any other test.
@Suite struct KernelTests {
  private static let extra = 200

  /// |coarse − fine ÷ 2^extra| in units of the coarse scale, plus the unit that the fine one may be off.
  private func distance(_ coarse: Integer, _ fine: Integer) -> Rational {
    (Rational(coarse) - Rational(significand: fine, exponent: -Self.extra)).magnitude
  }

  private func expectEnclosure(_ coarse: FixedPoint, _ fine: FixedPoint, precision: Int, _ comment: Comment) {
    let unit = Rational.powerOfTwo(-coarse.scale)
    let truth = Rational(significand: fine.value, exponent: -fine.scale)
    let error = (Rational(significand: coarse.value, exponent: -coarse.scale) - truth).magnitude
    #expect(error <= Rational(coarse.error) * unit, comment)
    #expect(Rational(coarse.error) * unit <= truth.magnitude.scaled(byPowerOfTwo: -precision), comment)
  }

  /// An argument of any size up to `limit`, either sign, at `scale`.
  private func argument(_ randomness: inout SplitMix64, scale: Int, limit: Rational) -> Integer {
    let bits = Int.random(in: 1...scale, using: &randomness)
    let fraction = randomness.fraction(bits: scale) * limit
    let value = fraction.scaled(byPowerOfTwo: Bool.random(using: &randomness) ? 0 : bits - scale).floor(scale: scale)
    return Bool.random(using: &randomness) ? -value : value
  }

  @Test(arguments: 0..<3) func `the series is within its error`(_ kind: Int) {
    let divisor: (Int) -> Int = { kind == 0 ? $0 : kind == 1 ? 2 * $0 * (2 * $0 + 1) : (2 * $0 - 1) * 2 * $0 }
    var randomness = SplitMix64(seed: UInt64(11_000 + kind))
    for _ in 0..<150 {
      let scale = randomness.precision(upTo: 900)
      let u = argument(&randomness, scale: scale, limit: Rational(5, over: 8))
      let coarse = Series.sum(u, scale: scale, divisor: divisor)
      let fine = Series.sum(u << Self.extra, scale: scale + Self.extra, divisor: divisor)
      #expect(distance(coarse, fine) < 24, "u = \(u)·2^-\(scale)")
    }
  }

  @Test func `the kernel of exp is within 2 units`() {
    var randomness = SplitMix64(seed: 12_000)
    for _ in 0..<200 {
      let scale = randomness.precision(upTo: 900)
      let t = argument(&randomness, scale: scale, limit: 1)
      let coarse = ExponentialKernel.exponentialMinusOne(t, scale: scale)
      let fine = ExponentialKernel.exponentialMinusOne(t << Self.extra, scale: scale + Self.extra)
      #expect(distance(coarse, fine) < Rational(3, over: 2), "t = \(t)·2^-\(scale)")
    }
  }

  @Test func `the kernel of log is within 10 units`() {
    var randomness = SplitMix64(seed: 13_000)
    for _ in 0..<150 {
      let scale = randomness.precision(upTo: 900)
      var v = argument(&randomness, scale: scale, limit: Rational(1, over: 2))
      if v.signum() < 0 { v >>= 1 }
      let coarse = LogarithmKernel.logarithm(onePlus: v, scale: scale)
      let fine = LogarithmKernel.logarithm(onePlus: v << Self.extra, scale: scale + Self.extra)
      #expect(distance(coarse, fine) < 10, "v = \(v)·2^-\(scale)")
    }
  }

  @Test func `every fixed-point result is within the error it states, and that is as small as promised`() {
    var randomness = SplitMix64(seed: 14_000)
    for _ in 0..<120 {
      let precision = randomness.precision(upTo: 400)
      let size = Rational.powerOfTwo(Int.random(in: -40...4, using: &randomness))
      let x = (randomness.fraction(bits: 80) + .powerOfTwo(-80)) * size
      expectEnclosure(
        ExponentialKernel.exponential(-x * 64, precision: precision).fraction,
        ExponentialKernel.exponential(-x * 64, precision: precision + Self.extra).fraction,
        precision: precision, "exp(-64·\(x))")
      for function in [SineKernel.Function.sine, .cosine] {
        expectEnclosure(
          SineKernel.value(function, x * 999, precision: precision),
          SineKernel.value(function, x * 999, precision: precision + Self.extra),
          precision: precision, "\(function)(999·\(x))")
      }
      for sign in [Rational.one, -1] {
        expectEnclosure(
          SigmoidKernel.value(sign * x, precision: precision),
          SigmoidKernel.value(sign * x, precision: precision + Self.extra),
          precision: precision, "sigmoid(\(sign)·\(x))")
      }
      expectEnclosure(
        HyperbolicTangentKernel.value(x, precision: precision),
        HyperbolicTangentKernel.value(x, precision: precision + Self.extra),
        precision: precision, "tanh \(x)")
      // The promise for erf(x) ÷ x is absolute.
      let ratio = ErrorFunctionKernel.ratio(x, precision: precision)
      let fine = ErrorFunctionKernel.ratio(x, precision: precision + Self.extra)
      let error =
        Rational(significand: ratio.value, exponent: -ratio.scale)
        - Rational(significand: fine.value, exponent: -fine.scale)
      #expect(error.magnitude <= Rational(significand: Integer(ratio.error), exponent: -ratio.scale), "erf \(x)")
      #expect(Rational(significand: Integer(ratio.error), exponent: -ratio.scale) <= .powerOfTwo(-precision))
    }
  }

  /// Whatever was asked before, and from how many threads, ⌊c·2ˢ⌋ is the same.
  @Test func `constants do not depend on the order of questions`() async throws {
    let pi = try #require(Integer(LongArbTable.pi, radix: 16))
    let logarithmOfTwo = try #require(Integer(LongArbTable.logarithmOfTwo, radix: 16))
    await withTaskGroup(of: Bool.self) { group in
      for seed in 0..<8 {
        group.addTask {
          var randomness = SplitMix64(seed: UInt64(15_000 + seed))
          return (0..<50).allSatisfy { _ in
            let scale = Int.random(in: 0...4158, using: &randomness)
            return MathematicalConstant.pi.floor(scale: scale) == pi >> (4158 - scale)
              && MathematicalConstant.logarithmOfTwo.floor(scale: scale) == logarithmOfTwo >> (4160 - scale)
          }
        }
      }
      for await isEqual in group { #expect(isEqual) }
    }
  }

  @Test func `the logarithms that log 2 is made of multiply to 2`() {
    let product =
      Rational(27, over: 25).power(9) / Rational(4802, over: 4800) * Rational(8750, over: 8748).power(4)
    #expect(product == 2)
  }
}
