import PlumbExact
import PlumbModel
import PlumbTolerance
import Testing

@Suite struct RoundingTests {
  /// Multiples of 2⁻⁹ up to 20: every number of the toy format, every midpoint between two, and what lies between.
  private static let points = (-10_240...10_240).map { Rational(significand: Integer($0), exponent: -9) }

  @Test func boundHoldsForEveryPointOfAToyFormatAndIsReached() throws {
    var greatest: Rational = 0
    for point in Self.points {
      let bound = try #require(Tolerance.oneRounding(of: Ball(point), in: ToyFormat.format))
      let error = (ToyFormat.round(point) - point).magnitude
      #expect(error <= bound, "at \(point)")
      if !bound.isZero { greatest = max(greatest, error / bound) }
    }
    // A midpoint between two numbers is as far from both as the bound allows.
    #expect(greatest == 1)
  }

  @Test func boundIsZeroExactlyWhereTheFormatHoldsTheValue() throws {
    let held = Set(ToyFormat.numbers)
    for point in Self.points {
      let bound = try #require(Tolerance.oneRounding(of: Ball(point), in: ToyFormat.format))
      #expect(bound.isZero == held.contains(point.magnitude), "at \(point)")
    }
  }

  @Test func boundHoldsForAWideResultWithAKnownError() throws {
    let relative: Rational = "1/64"
    let absolute: Rational = "1/512"
    for point in Self.points where point.numerator.testBit(3) {
      let bound = try #require(
        Tolerance.oneRounding(
          of: Ball(point), relativeError: relative, absoluteError: absolute, in: ToyFormat.format))
      for (sign, shift) in [(1, absolute), (1, -absolute), (-1, absolute), (-1, -absolute)] {
        let wide = point * (1 + Rational(Integer(sign)) * relative) + shift
        #expect((ToyFormat.round(wide) - point).magnitude <= bound, "at \(point)")
      }
    }
  }

  @Test func float32AgreesWithTheHardwaresConversion() throws {
    var generator = SplitMix64(seed: 3)
    for _ in 0..<2_000 {
      let value = Double(
        sign: .plus, exponent: Int.random(in: -160...127, using: &generator),
        significand: Double.random(in: 1..<2, using: &generator))
      let exact = try #require(Rational(exactly: value))
      guard let bound = Tolerance.oneRounding(of: Ball(exact)) else { continue }
      let rounded = try #require(Rational(exactly: Float(value)))
      #expect((rounded - exact).magnitude <= bound, "at \(value)")
    }
  }

  @Test func whatOverflowsIsOutsideTheDomain() throws {
    let greatest = try #require(Rational(exactly: Float.greatestFiniteMagnitude))
    #expect(FloatFormat.float32.greatestFinite == greatest)
    #expect(Tolerance.oneRounding(of: Ball(greatest)) == 0)
    #expect(Tolerance.oneRounding(of: Ball(greatest + 1)) == nil)
    #expect(Summation(terms: 2, depth: 2)?.bound(absoluteSum: greatest) == nil)
  }
}
