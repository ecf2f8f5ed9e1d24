import PlumbExact
import PlumbModel
import Testing

@testable import PlumbDrift

@Suite struct LocalComparisonTests {
  private func compare(_ engine: Float, _ exact: Ball, _ bound: Rational?) -> LocalDrift? {
    LocalComparison.compare(
      Activation(shape: [1], elements: [engine]),
      with: Expectation(exact: Activation(shape: [1], elements: [exact]), bounds: [bound]))
  }

  @Test func verdictsFollowTheEnclosureAndTheBound() {
    let exact = Ball(midpoint: 1, radius: "1/100")
    // The distance of 2 from the ball lies in [0.99, 1.01].
    #expect(compare(2, exact, "101/100")?.verdict == .within)
    #expect(compare(2, exact, 1)?.verdict == nil)
    #expect(compare(2, exact, "98/100")?.verdict == .outside)
    #expect(compare(2, exact, nil)?.verdict == .outsideDomain)
    #expect(compare(0, exact, "98/100")?.verdict == .outside)
  }

  @Test func anElementThatIsNotFiniteIsOutsideUnlessItMayOverflow() {
    for element in [Float.nan, .infinity, -.infinity] {
      #expect(compare(element, Ball(1), 1000)?.verdict == .outside)
      #expect(compare(element, Ball(1), 1000)?.margin == .infinity)
      #expect(compare(element, Ball(1), nil)?.verdict == .outsideDomain)
    }
  }

  @Test func anElementOutsideTheDomainHasItsDistanceButIsNeverTheWorst() throws {
    let drift = try #require(
      LocalComparison.compare(
        Activation(shape: [2], elements: [.infinity, 1]),
        with: Expectation(
          exact: Activation<Ball>(shape: [2], elements: [Ball(1), Ball(1)]), bounds: [nil, 0])))
    #expect(drift.verdict == .outsideDomain)
    #expect(drift.outsideDomain == 1)
    #expect(drift.worstUlps == .infinity)
    #expect(drift.worst?.index == [1])
    #expect(drift.bound == 0)
  }

  @Test func aBoundOfZeroAsksForEquality() {
    #expect(compare(1, Ball(1), 0)?.verdict == .within)
    #expect(compare(1, Ball(1), 0)?.margin == 0)
    #expect(compare(Float(1).nextUp, Ball(1), 0)?.verdict == .outside)
    #expect(compare(Float(1).nextUp, Ball(1), 0)?.margin == .infinity)
  }

  @Test func readingsAreTheDistancesInUlpsOfTheExactValue() throws {
    // 3 ulps above 1, where an ulp is 2⁻²³, against a bound of 6 of them.
    let engine = Float(1) + 3 * Float.ulpOfOne
    let drift = try #require(compare(engine, Ball(1), Rational(significand: 6, exponent: -23)))
    #expect(drift.worstUlps == 3)
    #expect(drift.medianUlps == 3)
    #expect(drift.worstAbsolute == 3 * 0x1p-23)
    #expect(drift.margin == 0.5)
    #expect(drift.worst?.engine == "0x1.000006p+0")
    #expect(drift.worst?.lower == "0x1p+0")
    // At the bottom an ulp is the least positive number.
    let least = try #require(compare(Float.leastNonzeroMagnitude, Ball(0), 1))
    #expect(least.worstUlps == 1)
  }

  @Test func theWorstElementIsTheOneWithTheGreatestMargin() throws {
    let exact = Activation<Ball>(shape: [2, 2], elements: [Ball](repeating: Ball(1), count: 4))
    let drift = try #require(
      LocalComparison.compare(
        Activation(shape: [2, 2], elements: [1, 3, 1.5, 1]),
        with: Expectation(exact: exact, bounds: [1, 16, 1, 1])))
    #expect(drift.worst?.index == [1, 0])
    #expect(drift.margin == 0.5)
    #expect(drift.worstAbsolute == 2)
    #expect(drift.verdict == .within)
  }

  @Test func elementsWithoutAValueAreNotCompared() throws {
    let exact = Activation<Ball>(shape: [2], elements: [Ball(0), Ball(1)])
    let drift = try #require(
      LocalComparison.compare(
        Activation(shape: [2], elements: [-.infinity, 1]),
        with: Expectation(exact: exact, bounds: [0, 0], holdsValue: { $0 == 1 })))
    #expect(drift.verdict == .within)
    #expect(drift.worstUlps == 0)
  }
}
