import PlumbModel
import Testing

@testable import PlumbExact

/// The fixed-point kernels of rows, to the last unit of what is proved of them.
@Suite struct LimbKernelTests {
  /// A number below 2^`bits` of any number of bits, with long runs of equal ones as often as not, `limbs` limbs after the
  /// point.
  private func argument(_ randomness: inout SplitMix64, bits: Int, limbs: Int) -> Integer {
    randomness.integer(maximumBits: 64 * limbs + bits).magnitude
  }

  private func words(_ value: Integer, _ count: Int) -> [UInt] {
    let words = value.magnitudeWords
    return (0..<count).map { $0 < words.count ? words[$0] : 0 }
  }

  private func expect(_ limbs: [UInt], _ exact: Ball, within error: UInt64, of count: Int, _ what: String) {
    let value = Rational(significand: Integer(words: limbs, isNegative: false), exponent: -64 * count)
    let most = Rational(significand: Integer(error), exponent: -64 * count)
    #expect((value - exact.midpoint).magnitude + exact.radius <= most, "\(what): \(value), not \(exact)")
  }

  @Test(arguments: [1, 2, 3, 4, 5, 8, 9, 17]) func `sine and cosine are within 16 units`(_ n: Int) {
    var randomness = SplitMix64(seed: UInt64(n))
    let kernel = SineAndCosine(limbCount: n)
    var scratch = [UInt](repeating: 0, count: kernel.scratchCount)
    for round in 0..<60 {
      let bits = [0, 1, 3, 40, 64, 65, 200][round % 7]
      let size = argument(&randomness, bits: bits, limbs: n) + 1
      var sine = [UInt](repeating: 0, count: n)
      var cosine = sine
      let turns = MutableLimbs.writing(&sine) { sine in
        MutableLimbs.writing(&cosine) { cosine in
          MutableLimbs.writing(&scratch) { scratch in
            Limbs.reading(size.magnitudeWords) {
              kernel.evaluate($0, exponent: -64 * n, sine: sine, cosine: cosine, scratch: scratch)
            }
          }
        }
      }
      let x = Ball(Rational(significand: size, exponent: -64 * n))
      let precision = 64 * n + 80
      var exact = (sine: Ball.sin(x, precision: precision), cosine: Ball.cos(x, precision: precision))
      for _ in 0..<turns { exact = (-exact.cosine, exact.sine) }
      expect(sine, exact.sine, within: SineAndCosine.error, of: n, "sin \(x)")
      expect(cosine, exact.cosine, within: SineAndCosine.error, of: n, "cos \(x)")
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 8, 9, 17]) func `the error function is within the units it says`(_ n: Int) {
    var randomness = SplitMix64(seed: UInt64(n))
    let kernel = ErrorFunctionSeries(limbCount: n)
    for round in 0..<60 {
      let x = argument(&randomness, bits: [0, 1, 2, 3, 4, 5, 32][round % 7], limbs: n)
      var result = [UInt](repeating: 0, count: n + 1)
      let value = MutableLimbs.writing(&result) { result in
        Limbs.reading(words(x, n + 1)) { kernel.evaluate($0, into: result) }
      }
      let ball = Ball(Rational(significand: x, exponent: -64 * n))
      expect(result, Ball.erf(ball, precision: 64 * n + 80), within: value.error, of: n, "erf \(ball)")
      // Not so much that the bits beyond a row's precision would not hold it.
      #expect(value.error < 1 << 22)
    }
  }
}
