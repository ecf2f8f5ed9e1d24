import PlumbExact
import PlumbModel
import PlumbTolerance
import Testing

@Suite struct FloatFormatTests {
  private static let rules: [FloatingPointRoundingRule] = [
    .toNearestOrEven, .toNearestOrAwayFromZero, .up, .down, .towardZero, .awayFromZero,
  ]

  /// Swift's own conversion is the truth for Float32, and where it only rounds to the nearest, exact arithmetic's.
  @Test func float32IsFloat32() throws {
    var generator = SplitMix64(seed: 1)
    for _ in 0..<20_000 {
      let value = Double(
        sign: Bool.random(using: &generator) ? .plus : .minus, exponent: Int.random(in: -160...128, using: &generator),
        significand: Double.random(in: 1..<2, using: &generator))
      #expect(FloatFormat.float32.rounded(value) == Double(Float(value)))
      let exact = try #require(Rational(exactly: value))
      for rule in Self.rules {
        #expect(
          FloatFormat.float32.rounded(value, rule) == Double(exact.rounded(to: Float.self, rule)), "\(value) \(rule)")
      }
    }
  }

  /// Rows of the standard: the greatest numbers, the smallest, ties to even, and what overflows.
  @Test func halfAndBrainFloatsAtTheirEdges() {
    let half = FloatFormat.float16
    #expect(half.rounded(65519) == 65504)
    #expect(half.rounded(65520) == .infinity)
    #expect(half.rounded(-65520, .towardZero) == -65504)
    #expect(half.rounded(0x1p-25) == 0)
    #expect(half.rounded(0x1.8p-25) == 0x1p-24)
    #expect(half.rounded(2049) == 2048)
    #expect(half.rounded(2051) == 2052)
    let brain = FloatFormat.bfloat16
    #expect(brain.rounded(257) == 256)
    #expect(brain.rounded(259) == 260)
    #expect(brain.rounded(3e38) == 0x1.C4p127)
    #expect(brain.rounded(0x1.FFp127) == .infinity)
    #expect(brain.rounded(.nan).isNaN)
    #expect(brain.rounded(-.infinity) == -.infinity)
    #expect(brain.nearest(to: 0x1.FFp127) == 0x1.FEp127 && brain.nearest(to: -.infinity) == -.infinity)
  }

  /// The tables of exponent parameters and of values in OCP's specification.
  @Test func eightBitFormatsHaveTheNumbersOfTheirTables() {
    for (format, greatest, leastNormal, least) in [
      (FloatFormat.e4m3, 0x1.Cp8, 0x1p-6, 0x1p-9), (.e5m2, 0x1.Cp15, 0x1p-14, 0x1p-16),
    ] {
      #expect(format.greatest == greatest)
      #expect(format.greatestFinite == Rational(exactly: greatest))
      #expect(Rational(significand: 1, exponent: format.leastExponent) == Rational(exactly: least))
      // The spacing is the least number's up to twice the least normal number, and then doubles.
      let spacings = [least, leastNormal, 2 * leastNormal].map { format.spacing(at: Rational(exactly: $0) ?? 0) }
      #expect(spacings.map(\.doubleRoundedUp) == [least, least, 2 * least])
    }
    #expect(!FloatFormat.e4m3.hasInfinities && FloatFormat.e5m2.hasInfinities)
    #expect(FloatFormat.e4m3.unitRoundoff == Rational(significand: 1, exponent: -4))
    #expect(FloatFormat.e5m2.unitRoundoff == Rational(significand: 1, exponent: -3))
  }

  /// The value of each code by the specification's formula, the codes in order from 0 to the greatest number.
  private static func values(exponentBits: Int, significandBits: Int, finite: Int) -> [Double] {
    let bias = 1 << (exponentBits - 1) - 1
    return (0..<finite).map { code in
      let (exponent, significand) = (code >> significandBits, code & (1 << significandBits - 1))
      let fraction = Double(significand) / Double(1 << significandBits)
      return exponent == 0
        ? Double(sign: .plus, exponent: 1 - bias, significand: 1) * fraction
        : Double(sign: .plus, exponent: exponent - bias, significand: 1) * (1 + fraction)
    }
  }

  /// In E4M3 the code 0x7F is NaN, in E5M2 0x7C is the infinity and 0x7D to 0x7F are NaN.
  private static let eightBits: [(format: FloatFormat, values: [Double])] = [
    (.e4m3, values(exponentBits: 4, significandBits: 3, finite: 0x7F)),
    (.e5m2, values(exponentBits: 5, significandBits: 2, finite: 0x7C)),
  ]

  @Test func eightBitFormatsHoldTheValuesOfTheirCodesAndNoOther() {
    for (format, values) in Self.eightBits {
      #expect(values.last == format.greatest)
      for (low, high) in zip(values, values.dropFirst()) {
        for value in [low, high, -low, -high] {
          #expect(format.rounded(value) == value)
          #expect(Rational(exactly: value).map(format.represents) == true)
        }
        let middle = (low + high) / 2
        #expect(Rational(exactly: middle).map(format.represents) == false)
        // Codes count up from an even one, 0.
        let even = values.firstIndex(of: low).map { $0.isMultiple(of: 2) } == true ? low : high
        #expect(format.rounded(middle) == even && format.rounded(-middle) == -even)
        #expect(format.rounded(middle.nextDown) == low && format.rounded(middle.nextUp) == high)
        #expect(format.rounded(high.nextDown, .towardZero) == low && format.rounded(-low.nextUp, .up) == -low)
        #expect(format.rounded(low.nextUp, .up) == high && format.rounded(-low.nextUp, .down) == -high)
      }
    }
  }

  /// The specification's table of conversions: beyond the greatest number, and of what is not finite.
  @Test func eightBitConversionsOverflowAsTheirTableSays() {
    let (e4m3, e5m2) = (FloatFormat.e4m3, FloatFormat.e5m2)
    // Half a spacing beyond is a tie to the even significand: 1.75 · 2⁸ is even among four bits, 1.75 · 2¹⁵ odd among three.
    #expect(e4m3.rounded(464) == 448 && e4m3.rounded(464.0.nextUp).isNaN)
    #expect(e5m2.rounded(61440.0.nextDown) == 57344 && e5m2.rounded(61440) == .infinity)
    #expect(e4m3.rounded(.infinity).isNaN && e5m2.rounded(-.infinity) == -.infinity)
    #expect(e4m3.rounded(.nan).isNaN && e5m2.rounded(.nan).isNaN)
    for format in [e4m3.saturating, e5m2.saturating] {
      #expect(format.rounded(1e6) == format.greatest && format.rounded(-1e6) == -format.greatest)
      #expect(format.rounded(.infinity) == format.greatest && format.rounded(-.infinity) == -format.greatest)
      #expect(format.rounded(.nan).isNaN && format.rounded(1) == 1)
    }
    #expect(e4m3.nearest(to: 1000) == 448 && e4m3.nearest(to: -1000) == -448 && e4m3.nearest(to: -0.0).sign == .minus)
  }
}
