import PlumbEngine
import PlumbExact
import PlumbFormats
import PlumbModel
import Testing

/// The declared accuracies of the Float64 functions, for every Float64 argument: the reduction by cases, the polynomial by intervals.
///
/// `plumb exhaust` walks through Float32 arguments only, but softmax, soft caps, rotary embeddings and normalisations call these
/// functions with Float64 ones.
@Suite struct KernelProofTests {
  private static let unit = RunningNumber.unit

  private static func text(_ error: Rational) -> Comment { "\((error / unit).decimal(significantDigits: 4, .up)) u" }

  private static func exact(_ number: Double) -> Rational { Rational(exactly: number) ?? 0 }

  /// `count` intervals that cover the one from `lower` to `upper`.
  private static func pieces(_ lower: Rational, _ upper: Rational, _ count: Int) -> [(Rational, Rational)] {
    (0..<count).map { index in
      func place(_ index: Int) -> Rational { lower + (upper - lower) * Rational(index) / Rational(count) }
      return (place(index), place(index + 1))
    }
  }

  /// Σ |cᵢ − c̃ᵢ|·rⁱ over powers `first`, `first` + 2, …: what rounded coefficients change.
  private static func coefficientError(_ rounded: [Double], first: Int, _ r: Rational) -> Rational {
    rounded.enumerated().reduce(Rational(0)) { sum, term in
      let power = first + 2 * term.offset
      let coefficient = KernelText.reciprocalFactorial(power)
      return sum + (exact(term.element).magnitude - coefficient).magnitude
        * (0..<power).reduce(Rational(1)) { p, _ in p * r }
    }
  }

  private static func power(_ base: Rational, _ exponent: Int) -> Rational {
    (0..<exponent).reduce(Rational(1)) { product, _ in product * base }
  }

  // MARK: - The exponential

  /// How far the computed r may be from x − k·ln 2, and how large that may be, for −708 ≤ x ≤ 709.
  ///
  /// The product with log₂ e is off by its rounding and the constant's, and adding 1.5·2⁵² rounds it to an integer k. Then k·L1 must be
  /// exact, and the difference to it too, by Sterbenz's lemma; what follows rounds.
  private static func exponentialReduction() throws -> (greatest: Rational, error: Rational) {
    let (first, second) = (0x1.62e42fefa3800p-1, 0x1.ef35793c76730p-45)
    let two = try Ball.log(Ball(2), precision: 200)
    let logarithm = try Ball(1).divided(by: two, precision: 200)
    let constant = (Ball(exact(0x1.71547652b82fep0)) - logarithm).reach
    let missed = (two - Ball(exact(first) + exact(second))).reach
    var (greatest, error) = (Rational(0), Rational(0))
    for k in -1022...1023 {
      let size = Rational(k.magnitude) + 1
      // |x·log₂ e − k| ≤ ½ + s, where x·log₂ e is below |k| + 1.
      let slack = size * unit * 2 + size * constant * 2
      let reach = (Rational(1) / 2 + slack) * two.upper
      greatest = max(greatest, reach)
      let product = exact(Double(k) * first)
      #expect(product == Rational(k) * exact(first))
      if k != 0 {
        let (near, far) = (Rational(k.magnitude) * two.lower - reach, Rational(k.magnitude) * two.upper + reach)
        #expect(product.magnitude <= 2 * near && far <= 2 * product.magnitude, "k = \(k)")
      }
      let rest = Rational(k.magnitude) * exact(second)
      // The product k·L2, the difference, which is at most the reach and a little, and what L1 + L2 miss.
      let lost = rest * unit + (reach + rest) * unit + Rational(k.magnitude) * missed
      error = max(error, lost)
    }
    return (greatest, error)
  }

  @Test func theExponentialKeepsItsAccuracyForEveryFloat64() throws {
    let (reach, lost) = try Self.exponentialReduction()
    let terms = (0...13).map { KernelText.nearest(KernelText.reciprocalFactorial($0)) }
    let changed =
      Self.coefficientError(stride(from: 0, through: 12, by: 2).map { terms[$0] }, first: 0, reach)
      + Self.coefficientError(stride(from: 1, through: 13, by: 2).map { terms[$0] }, first: 1, reach)
    // The terms from r¹⁴/14! on are below a geometric series of ratio r/15.
    let cut = Self.power(reach, 14) * KernelText.reciprocalFactorial(14) / (1 - reach / 15)
    var greatest = Rational(0)
    for (lower, upper) in Self.pieces(-reach, reach, 128) {
      let computed = KernelText.exponential(RunningNumber(lower, upper, error: lost))
      let least = try Ball.exp(Ball(lower), precision: 100).lower
      greatest = max(greatest, (computed.error + changed + cut) / least)
    }
    // The power of two multiplies exactly: no result is subnormal from −708 on.
    #expect(greatest <= Self.exact(EngineAccuracy.exp64), Self.text(greatest))
    #expect(greatest >= 2 * Self.unit)
  }

  // MARK: - Sine and cosine

  @Test func sineAndCosineKeepTheirAccuracyForEveryFloat64() throws {
    let parts = [0x1.921fb54p0, 0x1.10b4611p-30, 0x1.4c4c6628b80dcp-59]
    let half = Ball.pi(precision: 250).scaled(byPowerOfTwo: -1)
    let most = Rational(1 << 24) * 2 / 3 + 1
    // 29 bits of the first two parts times 24 bits of k: those products are exact.
    for part in parts[..<2] { #expect(part.significandWidth < 29) }
    let constant = (Ball(Self.exact(0x1.45f306dc9c883p-1)) - (try Ball(1).divided(by: half, precision: 250))).reach
    let slack = most * (2 * Self.unit) + most * 2 * constant
    let reach = (Rational(1) / 2 + slack) * half.upper
    // Sterbenz's lemma: for k = 1 the error of the product is that of a number about ½; from k = 2 on half of k·π/2 is below
    // (k − ½ − s)·π/2, and (k + ½ + s)·π/2 below twice k·P1.
    let nearOne = (Rational(1) / 2 - 2 * Self.unit - 2 * constant) * half.lower
    #expect(Self.exact(parts[0]) <= 2 * nearOne && slack < Rational(1) / 4)
    #expect((Rational(5) / 2 + slack) * half.upper <= 4 * Self.exact(parts[0]))
    let missed = (half - Ball(parts.reduce(Rational(0)) { $0 + Self.exact($1) })).reach
    let third = most * Self.exact(parts[2])
    // Both differences are below 1, whose half unit in the last place is half of u.
    let lost = Self.unit + third * Self.unit + most * missed
    for isSine in [true, false] {
      let coefficients = KernelText.circular(isSine ? 1 : 0)
      let changed = Self.coefficientError(coefficients, first: isSine ? 3 : 2, reach)
      let next = isSine ? 19 : 18
      let cut = Self.power(reach, next) * KernelText.reciprocalFactorial(next)
      var greatest = Rational(0)
      for (lower, upper) in Self.pieces(-reach, reach, 256) {
        let r = RunningNumber(lower, upper, error: lost)
        greatest = max(greatest, (isSine ? KernelText.sine(r) : KernelText.cosine(r)).error + changed + cut)
      }
      #expect(
        greatest <= Self.exact(EngineAccuracy.sineCosine), Self.text(greatest))
      #expect(greatest >= Self.unit)
    }
  }

  // MARK: - The hyperbolic tangent

  @Test func theHyperbolicTangentKeepsItsAccuracyForEveryFloat64() throws {
    var greatest = Rational(0)
    // Up to ½: the fraction, whose error is relative to x, however small x is.
    for (lower, upper) in Self.pieces(0, Rational(1) / 2, 64) {
      let x = RunningNumber(lower, upper)
      let fraction = KernelText.tangentFraction((x * x))
      greatest = max(greatest, fraction.error / (fraction.lower - fraction.error) + Self.unit)
    }
    // Next convergents enclose tanh x; they are x¹⁹/(17!!·19!!) apart at most, and x¹⁸·(x/tanh x) grows.
    let odd = stride(from: 1, through: 17, by: 2).reduce(Rational(1)) { $0 * Rational($1) }
    let half = Ball.tanh(Ball(Rational(1) / 2), precision: 100)
    greatest = greatest + Self.power(Rational(1) / 2, 19) / (odd * odd * 19) / half.lower
    // Above: (1 − e)/(1 + e) with e = e^(−2x), which the exponential gives, or 0 for what is below e^(−708).
    let most = try Ball.exp(Ball(-1), precision: 100).upper
    let declared = Self.exact(EngineAccuracy.exp64)
    for (lower, upper) in Self.pieces(0, most, 512) {
      let e = RunningNumber(lower, upper, error: upper * declared + Rational(significand: 1, exponent: -1000))
      let result = (RunningNumber(1) - e) / (RunningNumber(1) + e)
      greatest = max(greatest, result.error / ((1 - upper) / (1 + upper)))
    }
    #expect(greatest <= Self.exact(EngineAccuracy.tanh64), Self.text(greatest))
    #expect(greatest >= 5 * Self.unit)
  }

  // MARK: - The logarithms

  /// How far 2·artanh f may be off, relative to it, for |f| ≤ `reach` that is off by a relative `lost`.
  ///
  /// f·(2 + z·P) is computed as 2f + f·(z·P): relative to f, a product of z·P that rounds and a sum. f's own error is multiplied by
  /// at most f·(2/(1 − f²))/(2·artanh f) ≤ 1/(1 − f²).
  private static func inverseTangentError(_ reach: Rational, lost: Rational) -> Rational {
    var greatest = Rational(0)
    let square = reach * reach
    for (lower, upper) in pieces(0, square, 64) {
      // z is the square of the f that was computed, and rounds.
      let z = RunningNumber(lower, upper).rounded
      let sum = RunningNumber(2) + KernelText.inverseTangentTail(z).rounded
      greatest = max(greatest, sum.error / 2)
    }
    let changed = (1...10).reduce(Rational(0)) { sum, i in
      let coefficient = Rational(2) / Rational(2 * i + 1)
      return sum + (exact(KernelText.nearest(coefficient)) - coefficient).magnitude * power(square, i)
    }
    let cut = 2 * power(square, 11) / 23 / (1 - square)
    return greatest + (changed + cut) / 2 + lost / (1 - square) + greatest * lost * 2
  }

  @Test func theLogarithmsKeepTheirAccuracyForEveryFloat64() throws {
    let (first, second) = (0x1.62e42fefa3800p-1, 0x1.ef35793c76730p-45)
    let root = Self.exact(0x1.6a09e667f3bcdp0)
    // m in [√½, √2], a little more than that; m − 1 is exact, m + 1 and the quotient round.
    let (lowest, most) = ((root / 2) * (1 - 2 * Self.unit), root * (1 + 2 * Self.unit))
    let reach = max((1 - lowest) / (1 + lowest), (most - 1) / (most + 1))
    let lost = 2 * Self.unit + 3 * Self.unit * Self.unit
    let relative = Self.inverseTangentError(reach, lost: lost)
    let declared = Self.exact(EngineAccuracy.log64)
    #expect(relative <= declared)
    let (low, high) = (try Ball.log(Ball(lowest), precision: 100).lower, try Ball.log(Ball(most), precision: 100).upper)
    let two = try Ball.log(Ball(2), precision: 200)
    let missed = (two - Ball(Self.exact(first) + Self.exact(second))).reach
    var greatest = relative
    for e in -1074...1024 where e != 0 {
      #expect(Self.exact(Double(e) * first) == Rational(e) * Self.exact(first))
      let product = RunningNumber(Double(e) * first)
      let rest = RunningNumber(Rational(e) * Self.exact(second), Rational(e) * Self.exact(second)).rounded
      for (lower, upper) in Self.pieces(low, high, e.magnitude < 4 ? 64 : 2) {
        let s = RunningNumber(lower, upper, error: max(lower.magnitude, upper.magnitude) * relative)
        let result = product + (s + rest)
        let size = (Rational(e) * two.midpoint + (e < 0 ? upper : lower)).magnitude
        greatest = max(greatest, (result.error + Rational(e.magnitude) * missed) / size)
      }
    }
    #expect(greatest <= declared, Self.text(greatest))
    #expect(greatest >= 3 * Self.unit)

    // log(1 + x): below 0.4142 by x/(2 + x), above by the logarithm of a sum that rounds: its error is a relative u of the
    // argument, and log(1 + x) is log 1.4142 or more.
    let small = Self.inverseTangentError(Rational(4142) / 24142, lost: lost)
    let least = try Ball.log(Ball(Rational(14_142) / 10_000), precision: 100).lower
    let large = greatest + Self.unit / least * (1 + 8 * Self.unit)
    #expect(max(small, large) <= Self.exact(EngineAccuracy.logOnePlus64))
  }

  /// A root and a quotient, each rounded once by IEEE 754: (1 + u)/(1 − u) − 1.
  @Test func theReciprocalRootKeepsItsAccuracy() {
    #expect((1 + Self.unit) / (1 - Self.unit) - 1 <= Self.exact(EngineAccuracy.reciprocalSquareRoot64))
  }

  // MARK: - The kernels

  /// The text whose rounding is bounded above gives, in Float64, the bits that the kernels give.
  @Test func theKernelsComputeThisText() {
    var source = SplitMix64(seed: 71)
    func uniform(_ range: ClosedRange<Double>) -> Double {
      range.lowerBound + (range.upperBound - range.lowerBound) * Double(source.next() >> 11) * 0x1p-53
    }
    let shift = 0x1.8p52
    for _ in 0..<2000 {
      let x = uniform(-708...709)
      let k = (x * 0x1.71547652b82fep0 + shift) - shift
      let r = (x - k * 0x1.62e42fefa3800p-1) - k * 0x1.ef35793c76730p-45
      #expect(
        Engine.exponential(x) == KernelText.exponential(r) * Double(sign: .plus, exponent: Int(k), significand: 1))

      let small = uniform(0...0.5)
      #expect(Engine.hyperbolicTangents([small])[0] == small / KernelText.tangentFraction(small * small))
      let large = uniform(0.5...30)
      let e = Engine.exponential(-2 * large)
      #expect(Engine.hyperbolicTangents([large])[0] == (1 - e) / (1 + e))

      let angle = uniform(-0x1p24...0x1p24)
      let quarter = (angle * 0x1.45f306dc9c883p-1 + shift) - shift
      let rest =
        ((angle - quarter * 0x1.921fb54p0) - quarter * 0x1.10b4611p-30) - quarter * 0x1.4c4c6628b80dcp-59
      let turned = Engine.sinesCosines([angle])[0]
      let (sine, cosine) = (KernelText.sine(rest), KernelText.cosine(rest))
      switch Int(quarter) & 3 {
      case 0: #expect(turned.sine == sine && turned.cosine == cosine)
      case 1: #expect(turned.sine == cosine && turned.cosine == -sine)
      case 2: #expect(turned.sine == -sine && turned.cosine == -cosine)
      default: #expect(turned.sine == -cosine && turned.cosine == sine)
      }

      let m = uniform(0x1.6a09e667f3bcdp-1...0x1.6a09e667f3bcdp0)
      let f = (m - 1) / (m + 1)
      let s = 2 * f + f * KernelText.inverseTangentTail(f * f)
      let exponent = Double(Int(source.next() >> 54) - 512)
      let result = exponent * 0x1.62e42fefa3800p-1 + (s + exponent * 0x1.ef35793c76730p-45)
      #expect(Engine.logarithm(m * Double(sign: .plus, exponent: Int(exponent), significand: 1)) == result)
      let near = uniform(0...0.4142)
      let g = near / (2 + near)
      #expect(Engine.logarithmOfOnePlus(near) == 2 * g + g * KernelText.inverseTangentTail(g * g))
    }
  }
}

extension Ball {
  /// The greatest magnitude of its numbers.
  fileprivate var reach: Rational { Swift.max(lower.magnitude, upper.magnitude) }
}
