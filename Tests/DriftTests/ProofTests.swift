import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbTolerance
import Testing

@testable import PlumbCertification
@testable import PlumbDrift
@testable import PlumbGolden
@testable import PlumbVerdicts

/// Claims that are proved of balls, held against points that are drawn from the balls: none may be false for any of them.
@Suite struct ProofTests {
  /// Numbers with ties, near ties and radii of very different sizes.
  private struct Draw {
    var source: SplitMix64

    mutating func below(_ count: Int) -> Int { Int(source.next() % UInt64(count)) }

    /// A number from a coarse grid, sometimes moved by very little.
    mutating func number(_ span: Int) -> Rational {
      let near = [0, 0, 0, 1, -1][below(5)]
      return Rational(significand: Integer(below(2 * span + 1) - span), exponent: -4)
        + Rational(significand: Integer(near), exponent: -90)
    }

    mutating func ball(_ span: Int) -> Ball {
      let exponent = [-4, -5, -6, -40, -90, -91][below(6)]
      return Ball(
        midpoint: number(span), radius: below(3) == 0 ? 0 : Rational(significand: Integer(below(3)), exponent: exponent)
      )
    }

    /// A point of `ball`: an end, the midpoint, or one between.
    mutating func point(of ball: Ball) -> Rational {
      ball.midpoint + ball.radius * Rational(significand: Integer(below(9) - 4), exponent: -2)
    }

    /// Some of `count` places, in no order.
    mutating func places(of count: Int) -> [Int] { (0..<count).filter { _ in below(2) == 0 } }
  }

  /// Whether `chosen` are as many greatest of `points`: certainly, or where ties are broken in their favour.
  private static func areGreatest(_ chosen: [Int], of points: [Rational], certainly: Bool) -> Bool {
    chosen.allSatisfy { inside in
      points.indices.allSatisfy { other in
        chosen.contains(other) || points[inside] > points[other] || !certainly && points[inside] == points[other]
      }
    }
  }

  /// The least number of `points` whose sum reaches `mass`; one more than there are where none does.
  private static func fewest(_ points: [Rational], reaching mass: Rational) -> Int {
    var sum: Rational = 0
    for (index, point) in points.sorted(by: >).enumerated() {
      sum = sum + point
      if sum >= mass { return index + 1 }
    }
    return points.count + 1
  }

  @Test func `no claim about a set of tokens is false for a point of the balls`() {
    var draw = Draw(source: SplitMix64(seed: 1))
    var claims: [String: Int] = [:]
    for _ in 0..<4000 {
      let balls = (0..<2 + draw.below(5)).map { _ in draw.ball(8) }
      // Probabilities are themselves numbers in the order of the logits.
      let certificate = Certificate(tokens: [], precision: 0, digits: 1, logits: balls, probabilities: balls)
      let order = balls.indices.sorted { balls[$0].midpoint > balls[$1].midpoint }
      let chosen = draw.below(2) == 0 ? draw.places(of: balls.count) : Array(order.prefix(1 + draw.below(balls.count)))
      let mass = draw.number(16) + Rational(significand: 17, exponent: -5)
      let count = draw.below(2) == 0 ? chosen.count : draw.below(balls.count + 1)
      let set = certificate.areLikeliest(chosen, count: count)
      let nucleus = mass > 0 && mass < 1 ? certificate.areNucleus(chosen, of: mass) : .undecided
      claims["set \(set)", default: 0] += 1
      claims["nucleus \(nucleus)", default: 0] += 1
      for _ in 0..<12 {
        let points = balls.map { draw.point(of: $0) }
        let (surely, perhaps) = (
          Self.areGreatest(chosen, of: points, certainly: true), Self.areGreatest(chosen, of: points, certainly: false)
        )
        if set == .proved { #expect(surely && chosen.count == count, "\(balls) \(chosen) of \(count)") }
        if set == .refuted { #expect(!perhaps || chosen.count != count, "\(balls) \(chosen) of \(count)") }
        let isFewest = Self.fewest(points, reaching: mass) == chosen.count
        // What has a negative point is no distribution: the sum of more may then be less.
        guard points.allSatisfy({ $0 >= 0 }) else { continue }
        if nucleus == .proved { #expect(surely && isFewest, "\(balls) \(chosen) for \(mass)") }
        if nucleus == .refuted { #expect(!perhaps || !isFewest, "\(balls) \(chosen) for \(mass)") }
      }
    }
    for claim in ["set proved", "set refuted", "nucleus proved", "nucleus refuted", "set undecided"] {
      #expect(claims[claim, default: 0] > 50, "\(claims)")
    }
  }

  @Test func `the likeliest in the order of midpoints may hold less than the others`() {
    func ball(_ hundredths: Int, _ radius: Int) -> Ball {
      Ball(midpoint: Rational(Integer(hundredths), over: 100), radius: Rational(Integer(radius), over: 100))
    }
    // Token 1 alone may reach 0.42, though its midpoint is below that of token 0, which does not.
    let balls = [ball(40, 0), ball(39, 5), ball(21, 0)]
    let certificate = Certificate(tokens: [], precision: 0, digits: 1, logits: balls, probabilities: balls)
    #expect(certificate.areNucleus([0, 1], of: "0.42") == .undecided)
    #expect(certificate.areNucleus([0, 1], of: "0.45") == .proved)
    // Positive probabilities reach 1 together and only together.
    #expect(certificate.areNucleus([0, 1, 2], of: 1) == .proved)
    #expect(certificate.areNucleus([0, 1], of: 1) == .refuted)
    #expect(certificate.areNucleus([], of: "0.42") == .refuted)
  }

  @Test func `nothing is claimed of logits that are not finite`() throws {
    var draw = Draw(source: SplitMix64(seed: 2))
    for _ in 0..<500 {
      let count = 1 + draw.below(6)
      let balls = (0..<count).map { _ in draw.ball(8) }
      let certificate = Certificate(tokens: [], precision: 0, digits: 1, logits: balls, probabilities: balls)
      var logits = balls.map { $0.midpoint.rounded(to: Float.self, .toNearestOrEven) }
      for place in draw.places(of: count) { logits[place] = [.nan, .infinity, -.infinity, 1][draw.below(4)] }
      let comparison = CertificationReport.Comparison(
        certificate, source: "file", logits: logits, topK: 1 + draw.below(count), topP: 0.5)
      let bad = logits.indices.filter { !logits[$0].isFinite }
      #expect(comparison.nonFinite.reduce(0) { $0 + $1.count } == bad.count)
      #expect(Set(comparison.nonFinite.map(\.token)).isSubset(of: bad))
      #expect(comparison.nonFinite.map(\.token).min() == bad.first)
      guard !bad.isEmpty else { continue }
      #expect([comparison.firstChoice, comparison.topK, comparison.topP].allSatisfy { $0 == .undecided })
      #expect(comparison.isFailed)
    }
  }

  @Test func `a proved first choice is the greatest of all points`() {
    var draw = Draw(source: SplitMix64(seed: 3))
    var proved = 0
    for _ in 0..<2000 {
      let balls = (0..<1 + draw.below(5)).map { _ in draw.ball(4) }
      var logits = balls.map { $0.midpoint.rounded(to: Float.self, .toNearestOrEven) }
      if draw.below(4) == 0 { logits[draw.below(logits.count)] = [.nan, .infinity, -.infinity][draw.below(3)] }
      let distribution = NextTokenDistribution(
        logits: logits, engine: logits, exact: balls, tokenizer: ByteTokenizer())
      guard distribution.topTokenProved else { continue }
      proved += 1
      #expect(logits.allSatisfy { $0.isFinite })
      let choice = logits.indices.reduce(0) { logits[$1] > logits[$0] ? $1 : $0 }
      for _ in 0..<8 {
        #expect(Self.areGreatest([choice], of: balls.map { draw.point(of: $0) }, certainly: true), "\(balls)")
      }
    }
    #expect(proved > 100)
  }

  @Test func `digits and Float32s that are proved are those of every point`() throws {
    var draw = Draw(source: SplitMix64(seed: 4))
    var (digitsShown, floatsShown) = (0, 0)
    for _ in 0..<3000 {
      // From powers of ten, where a digit is carried, and from the middle of two Float32s.
      let middle = Rational(significand: Integer(1 << 25 + 1), exponent: -25)
      let centre = [draw.number(64), Rational(10).power(draw.below(9) - 4), middle, "1999/2000", 0][draw.below(5)]
      let exponent = [-10, -30, -60, -160][draw.below(4)]
      let ball = Ball(
        midpoint: centre + Rational(significand: Integer(draw.below(5) - 2), exponent: exponent),
        radius: Rational(significand: Integer(draw.below(3)), exponent: exponent))
      let points = (0..<6).map { _ in draw.point(of: ball) } + [ball.lower, ball.upper]
      let text = ball.provedDigits(1 + draw.below(20))
      if text != "?" {
        digitsShown += 1
        let mantissa = text.split(separator: "e")[0].split(separator: ".")
        let places = mantissa.count == 2 ? mantissa[1].count : 0
        let power = (text.split(separator: "e").dropFirst().first.flatMap { Int($0) } ?? 0) - places
        let shown = try #require(Rational(text))
        for point in points {
          #expect((point - shown).magnitude * 2 <= Rational(10).power(power), "\(text) for \(point)")
        }
      }
      if let nearest = ball.nearestFloat32 {
        floatsShown += 1
        for point in points { #expect(point.rounded(to: Float.self, .toNearestOrEven) == nearest, "\(ball)") }
      }
    }
    #expect(digitsShown > 1000 && floatsShown > 1000)
  }

  @Test func `a Float32 beyond the limits of an exported golden is outside for every point`() {
    var draw = Draw(source: SplitMix64(seed: 6))
    for _ in 0..<2000 {
      let ball = draw.ball(8)
      let bound = draw.number(8).magnitude.doubleRoundedUp
      guard let distance = Rational(exactly: bound) else { continue }
      let element = GoldenElement(exact: ball, nearest: 0, isProved: false, bound: bound)
      for point in (0..<6).map({ _ in draw.point(of: ball) }) + [ball.lower, ball.upper] {
        for beyond in [element.least.nextDown, element.greatest.nextUp] {
          guard let value = Rational(exactly: beyond) else { continue }
          #expect((value - point).magnitude > distance, "\(beyond) of \(ball) and \(bound)")
        }
      }
    }
  }

  @Test func `an element within or outside its bound is so for every point`() {
    var draw = Draw(source: SplitMix64(seed: 5))
    var verdicts: [Verdict: Int] = [:]
    for _ in 0..<4000 {
      let ball = draw.ball(8)
      let engine: Float =
        draw.below(8) == 0
        ? [.nan, .infinity, -.infinity][draw.below(3)] : draw.number(8).rounded(to: Float.self, .toNearestOrEven)
      let bound = draw.below(8) == 0 ? nil : draw.number(8).magnitude
      let element = LocalComparison.judge(engine, ball, bound)
      guard let verdict = element.verdict else { continue }
      verdicts[verdict, default: 0] += 1
      guard let bound else {
        #expect(verdict == .outsideDomain)
        continue
      }
      guard let value = Rational(exactly: engine) else {
        #expect(verdict == .outside && element.margin == .infinity)
        continue
      }
      for point in (0..<6).map({ _ in draw.point(of: ball) }) + [ball.lower, ball.upper] {
        #expect(((value - point).magnitude <= bound) == (verdict == .within), "\(engine) \(ball) \(bound)")
      }
      #expect((element.margin <= 1) == (verdict == .within), "\(engine) \(ball) \(bound)")
    }
    #expect(verdicts[.within, default: 0] > 300 && verdicts[.outside, default: 0] > 300)
  }
}
