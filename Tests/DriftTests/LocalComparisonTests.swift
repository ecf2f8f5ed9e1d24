import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbTolerance
import Testing

@testable import PlumbBounds
@testable import PlumbVerdicts

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

  /// Two thousand elements, exact ones and enclosures, of all sizes, right and wrong.
  private static func comparison(seed: UInt64, fault: Int) -> (
    engine: Activation<Float>, expectation: PlumbBounds.Expectation
  ) {
    var generator = SplitMix64(seed: seed)
    var (engine, balls, bounds): ([Float], [Ball], [Rational?]) = ([], [], [])
    for index in 0..<2000 {
      let significand = Integer(Int64(bitPattern: generator.next()) >> 1)
      let scale = index % 41 == 0 ? -950 : -64 - Int(generator.next() % 60)
      let midpoint = Rational(significand: significand, exponent: index % 3 == 0 ? -61 : scale)
      let value = midpoint.rounded(to: Float.self, .toNearestOrEven)
      switch index % 5 {
      case 0: balls.append(Ball(value.isFinite ? Rational(exactly: value) ?? 0 : 0))
      case 1: balls.append(Ball(midpoint))
      default:
        balls.append(
          Ball(midpoint: midpoint, radius: midpoint.magnitude * .powerOfTwo(-70 - Int(generator.next() % 9))))
      }
      let isOff = fault > 0 && Int(generator.next() % 1000) < fault
      engine.append(isOff ? value.nextUp.nextUp : index % 7 == 0 ? value.nextUp : value)
      let half = Rational.powerOfTwo(FloatFormat.float32.spacingExponent(at: balls[index].midpoint.magnitude) - 1)
      bounds.append(index % 5 == 0 && index % 7 != 0 ? 0 : half * (index % 2 == 0 ? 2 : "21/10"))
    }
    let holdsSome: @Sendable (Int) -> Bool = { $0 % 11 != 4 }
    let holdsValue = fault == 7 ? holdsSome : nil
    let exact = Activation<Ball>(shape: [2000], elements: balls)
    let expectation = PlumbBounds.Expectation(exact: exact, bounds: bounds, holdsValue: holdsValue)
    return (Activation<Float>(shape: [2000], elements: engine), expectation)
  }

  @Test(arguments: [0, 1, 7, 500]) func aSurveyGivesTheDriftOfRationalNumbers(fault: Int) throws {
    for seed in 1...4 {
      let (engine, expectation) = Self.comparison(seed: UInt64(seed), fault: fault)
      let plain = try #require(LocalComparison.comparePlainly(engine, with: expectation))
      guard case .drift(let surveyed) = LocalComparison.survey(engine, with: expectation) else {
        Issue.record("no survey of seed \(seed)")
        continue
      }
      #expect("\(surveyed)" == "\(plain)", "seed \(seed)")
    }
  }

  /// Exact values below all that Float64s are asked about, and outputs that are right, or off by more ulps than Float32 holds.
  @Test(arguments: [-149, -150, -300, -899, -901, -5000], [0, 600, 1200, 1199])
  func valuesBelowEveryFloatHaveTheDriftOfRationalNumbers(exponent: Int, off: Int) throws {
    let count = 1200
    let balls = (0..<count).map { index -> Ball in
      let value = Rational.powerOfTwo(exponent)
      return index % 3 == 0 ? Ball(midpoint: value, radius: .powerOfTwo(exponent - 90)) : Ball(value)
    }
    let bounds = [Rational?](repeating: .powerOfTwo(-148), count: count)
    let engine = (0..<count).map { Float($0 < off ? 1 : 0) }
    let expectation = PlumbBounds.Expectation(exact: Activation<Ball>(shape: [count], elements: balls), bounds: bounds)
    let output = Activation<Float>(shape: [count], elements: engine)
    let plain = try #require(LocalComparison.comparePlainly(output, with: expectation))
    #expect(plain.verdict == (off == 0 ? .within : .outside))
    #expect("\(try #require(LocalComparison.compare(output, with: expectation)))" == "\(plain)")
  }

  @Test func aSurveyLeavesWhatIsUndecidedToMorePrecision() throws {
    let (engine, expectation) = Self.comparison(seed: 5, fault: 0)
    var balls = expectation.exact.elements
    balls[1999] = Ball(midpoint: 1, radius: 1)
    let wide = PlumbBounds.Expectation(
      exact: Activation<Ball>(shape: [2000], elements: balls), bounds: expectation.bounds)
    guard case .undecided = LocalComparison.survey(engine, with: wide) else {
      Issue.record("decided")
      return
    }
    #expect(LocalComparison.comparePlainly(engine, with: wide) == nil)
  }

  @Test func accumulatedDriftIsThatOfRationalNumbers() throws {
    for seed in 6...9 {
      let (engine, expectation) = Self.comparison(seed: UInt64(seed), fault: 3)
      // Numbers far below any Float32 have no ulps to be read in.
      let places = engine.elements.indices.filter { $0 % 41 != 0 }
      let some = Activation<Float>(shape: [places.count], elements: places.map { engine.elements[$0] })
      let exact = Activation<Ball>(shape: [places.count], elements: places.map { expectation.exact.elements[$0] })
      for holdsValue: (@Sendable (Int) -> Bool)? in [nil, { $0 % 3 != 1 }] {
        let plain = try #require(AccumulatedComparison.comparePlainly(some, with: exact, holdsValue: holdsValue))
        let surveyed = try #require(AccumulatedComparison.survey(some, with: exact, holdsValue: holdsValue))
        #expect("\(surveyed)" == "\(plain)")
      }
    }
  }
}
