import PlumbExact
import PlumbModel
import Testing

@Suite struct TextTests {
  @Test func `rationals round-trip`() {
    var randomness = SplitMix64(seed: 51)
    for _ in 0..<300 {
      let a = randomness.rational(maximumBits: 200)
      #expect(Rational(a.description) == a)
      #expect(Rational(a.exactText) == a)
      #expect((a.hexadecimal != nil) == a.isDyadic)
    }
  }

  @Test(arguments: [
    "", "-", "+", "--1", "+-1", "1/", "/1", "1/0", "1/-2", "1/+2", "-1/-2", "1//2", "1/2/3", "0x1/2", "1.5/2", " 1",
    "1 ",
    "1,5", "1_0", ".5", "5.", "1..5", "1.2.3", "e5", "1e", "1e+", "1e5.0", "1e1e1", "1p5", "0x", "0x.8", "0x1.",
    "0xp1", "0x1p", "0x1p1.0", "0x-1", "nan", "inf", "infinity", "0b1", "1e999999999", "1e-999999999", "1e1000001",
    "0x1p99999999999999999999", "0x1p-1000001", "1e-9223372036854775808", "1\u{0}", "1\n", "½", "١",
  ]) func `other texts are refused`(text: String) {
    #expect(Rational(text) == nil)
  }

  /// No text stops the process, and what is read is written back the same.
  @Test func `texts made of the right characters in any order`() {
    var randomness = SplitMix64(seed: 54)
    let alphabet = Array("0123457/.+-eExXpPaf")
    var read = 0
    for _ in 0..<4000 {
      let count = Int.random(in: 1...7, using: &randomness)
      let text = String((0..<count).map { _ in alphabet[Int.random(in: alphabet.indices, using: &randomness)] })
      guard let value = Rational(text) else { continue }
      read += 1
      #expect(Rational(value.exactText) == value, "\(text)")
    }
    #expect(read > 200)
  }

  @Test func `digits of the radix are no exponent mark, and the greatest exponents are read`() {
    #expect(Rational("0x1e") == 30)
    #expect(Rational("0x1p1000000") == .powerOfTwo(1_000_000))
    #expect(Rational("-0x1p-1000000") == -.powerOfTwo(-1_000_000))
    #expect(Rational("1e-1000000") == Rational(10).power(-1_000_000))
  }

  @Test(arguments: [
    ("1/3", 5, "0.33333"), ("2/3", 5, "0.66667"), ("-2/3", 1, "-0.7"), ("1000", 4, "1000"), ("1000", 3, "1.00e3"),
    ("123456", 2, "1.2e5"), ("1/100000", 2, "0.000010"), ("1/1000000", 2, "1.0e-6"), ("9999/10", 3, "1.00e3"),
    ("9999/10", 4, "999.9"), ("99996/10", 4, "1.000e4"), ("99999/100000", 3, "1.00"), ("0", 4, "0"), ("7", 1, "7"),
    ("-3/2", 3, "-1.50"), ("1e30", 1, "1e30"),
  ]) func `decimals look as people write them`(text: String, digits: Int, expected: String) throws {
    #expect(try #require(Rational(text)).decimal(significantDigits: digits) == expected)
  }

  @Test(arguments: [
    ("1/3", 3, "0.333"), ("-1/3", 0, "-0"), ("5/2", 0, "2"), ("1/8", 2, "0.12"), ("3/8", 2, "0.38"),
    ("200", 2, "200.00"),
    ("-1/1000", 2, "-0.00"), ("1/100", 2, "0.01"), ("0", 2, "0.00"),
  ]) func `decimals with a fixed number of places`(text: String, digits: Int, expected: String) throws {
    #expect(try #require(Rational(text)).decimal(fractionDigits: digits) == expected)
  }

  @Test func `fixed places round as the rule says`() {
    let third: Rational = "1/3"
    #expect(third.decimal(fractionDigits: 2, .up) == "0.34" && (-third).decimal(fractionDigits: 2, .up) == "-0.33")
    #expect(third.decimal(fractionDigits: 2, .down) == "0.33" && (-third).decimal(fractionDigits: 2, .down) == "-0.34")
  }

  @Test func `balls round-trip`() {
    var randomness = SplitMix64(seed: 52)
    for _ in 0..<300 {
      let a = randomness.ball(maximumBits: 150)
      #expect(Ball(a.description) == a)
    }
    #expect(Ball("1/3 +/- 0x1p-10") == Ball(midpoint: "1/3", radius: .powerOfTwo(-10)))
    #expect(Ball(midpoint: "1/2", radius: .powerOfTwo(-10)).description == "0x1p-1 ± 0x1p-10")
    for text in ["", "1 ±", "± 1", "1±1", "1 ± -1", "1 ± 1 ± 1", "1 ± x", "1  ± 1", "1 +/- 1 ± 1"] {
      #expect(Ball(text) == nil, "\(text)")
    }
  }

  @Test func `what is shown of a ball contains it, and is hardly wider`() throws {
    var randomness = SplitMix64(seed: 53)
    for _ in 0..<500 {
      let a = randomness.ball(maximumBits: 150)
      let digits = Int.random(in: 1...30, using: &randomness)
      let text = a.decimal(significantDigits: digits)
      let shown = try #require(Ball(text))
      #expect(shown.contains(a), "\(a): \(text)")
      // Half of a place that is no more than ten radii, or than the digits allow; then two digits of the radius.
      let place = (a.midpoint.magnitude + a.radius) * Rational(10).power(1 - digits)
      #expect(shown.radius <= (a.radius + max(a.radius * 5, place / 2)) * "11/10", "\(a): \(text)")
    }
  }

  @Test(arguments: [
    ("1/2", "0.5"), ("3", "3"), ("1200", "1200"), ("-7/4", "-1.75"), ("1e30", "1e30"), ("0", "0"),
    ("1/3 ± 1/1000000000", "0.33333333 ± 4.4e-9"), ("1/3", "0.33333333333333333 ± 3.4e-18"), ("0 ± 1/2", "0 ± 0.50"),
    ("1 ± 3", "0 ± 4.0"), ("123456 ± 70", "1.235e5 ± 1.2e2"),
  ]) func `balls look as people write them`(text: String, expected: String) throws {
    #expect(try #require(Ball(text)).decimal() == expected)
  }
}
