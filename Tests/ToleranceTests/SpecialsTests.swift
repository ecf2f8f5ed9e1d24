import Foundation
import PlumbExact
import PlumbModel
import PlumbTolerance
import Testing

/// The error-tracking arithmetic where numbers overflow, against the processor's own Float32: random programs over numbers near
/// both ends of the format, beside their exact results.
@Suite struct SpecialsTests {
  /// A number three times over.
  private struct Value {
    let tracked: Tracked
    let exact: Ball
    let computed: Float
  }

  private static let starts: [Float] = [
    0, 1, -1, 2, -3, 0x1p-149, -0x1p-130, 0x1p-126, 0x1.8p-64, -0x1p64, 0x1.2p63, 0x1p100, -0x1.fp120, 0x1p127,
    -0x1p127,
    .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 88, -88, 89, 100, -104, 0x1.000002p0, 1e38, -3e38,
  ]

  private static func step(
    _ operation: Int, _ values: [Value], _ generator: inout SplitMix64
  ) throws -> (name: String, value: Value)? {
    let model = ArithmeticModel.f32
    func pick() -> Value { values.randomElement(using: &generator) ?? values[0] }
    let (a, b) = (pick(), pick())
    func result(_ name: String, _ tracked: Tracked, _ computed: Float, _ exact: Ball) -> (String, Value) {
      (name, Value(tracked: tracked, exact: exact.rounded(to: 160), computed: computed))
    }
    let (x, y) = (a.computed, b.computed)
    switch operation {
    case 0: return result("sum", model.sum(a.tracked, b.tracked), x + y, a.exact + b.exact)
    case 1: return result("product", model.product(a.tracked, b.tracked), x * y, a.exact * b.exact)
    case 2, 3:
      guard b.exact.signum() ?? 0 != 0 else { return nil }
      let exact = try a.exact.divided(by: b.exact, precision: 160)
      return operation == 2
        ? result("quotient", model.quotient(a.tracked, b.tracked), x / y, exact)
        : result("reciprocal", model.quotientOrReciprocal(a.tracked, b.tracked), x * (1 / y), exact)
    case 4, 5:
      guard a.exact.signum() == 1 else { return nil }
      return operation == 4
        ? result(
          "root", model.squareRoot(a.tracked), x.squareRoot(), try Ball.squareRoot(a.exact, precision: 160))
        : result(
          "reciprocal root", model.reciprocalSquareRoot(a.tracked), 1 / x.squareRoot(),
          try Ball.reciprocalSquareRoot(a.exact, precision: 160))
    case 6:
      guard a.exact.upper.magnitude < 1500, a.exact.lower.magnitude < 1500 else { return nil }
      return result("exp", model.exponential(a.tracked), Foundation.exp(x), try Ball.exp(a.exact, precision: 160))
    case 7:
      guard a.exact.upper.magnitude < 1500, a.exact.lower.magnitude < 1500 else { return nil }
      return result(
        "tanh", model.hyperbolicTangent(a.tracked), Foundation.tanh(x), Ball.tanh(a.exact, precision: 160))
    case 8:
      let exact = Ball(lower: max(0, a.exact.lower), upper: max(0, a.exact.upper))
      return result("rectified", a.tracked.rectified, x > 0 ? x : x.isNaN ? x : 0, exact)
    case 9: return result("negated", -a.tracked, -x, -a.exact)
    default:
      let terms = (0..<4).map { _ in (pick(), pick()) }
      return result(
        "dot", model.dot(terms.map(\.0.tracked), terms.map(\.1.tracked)),
        terms.reduce(0) { $0 + $1.0.computed * $1.1.computed },
        terms.reduce(Ball(0)) { $0 + $1.0.exact * $1.1.exact })
    }
  }

  @Test func whatTheProcessorComputesIsOneOfTheSet() throws {
    var generator = SplitMix64(seed: 25)
    var (steps, outside) = (0, 0)
    var reached: [Tracked.Specials: Int] = [:]
    for _ in 0..<6000 {
      var values = (0..<4).map { _ in
        let start = Self.starts.randomElement(using: &generator) ?? 0
        return Value(
          tracked: ArithmeticModel.f32.read(start), exact: Ball(Rational(exactly: start) ?? 0), computed: start)
      }
      for _ in 0..<5 {
        let operation = Int.random(in: 0...10, using: &generator)
        guard let (name, value) = try Self.step(operation, values, &generator) else { continue }
        steps += 1
        if value.tracked.isOutside {
          outside += 1
          continue
        }
        values.append(value)
        if let ball = value.tracked.isReal ? value.tracked.ball : nil {
          #expect(value.exact.overlaps(ball), "\(name): \(value)")
        }
        guard let computed = Rational(exactly: value.computed) else {
          #expect(value.tracked.specials.includes(value.computed), "\(name): \(value)")
          reached[value.computed.isNaN ? .nan : value.computed > 0 ? .plusInfinity : .minusInfinity, default: 0] += 1
          continue
        }
        let bound = try #require(value.tracked.bound)
        #expect((value.exact.midpoint - computed).magnitude <= bound + value.exact.radius, "\(name): \(value)")
      }
    }
    // Every kind is met, and little is lost: quotients by what may be computed as 0, and roots of what may be negative.
    #expect(reached.count == 3 && reached.values.allSatisfy { $0 > 100 }, "\(reached)")
    #expect(outside < steps / 12, "\(outside) of \(steps)")
  }

  @Test func answersThatAreKnownAreKnown() throws {
    let model = ArithmeticModel.f32
    let infinite = model.exponential(Tracked(100))
    #expect(infinite.specials == .plusInfinity && !infinite.isOutside)
    // x / (1 + e^−x) at −100 is −3.7e-42, and 0 by a kernel whose exponential overflows: neither NaN nor great.
    let quotient = model.quotient(Tracked(-100), model.sum(Tracked(1), infinite))
    #expect(quotient.isFinite && quotient.error < 0x1p-126)
    let far = model.exponential(Tracked(5000))
    #expect(!far.isReal && far.specials == .plusInfinity)
    #expect(model.quotient(Tracked(-5000), far).magnitude < 0x1p-900)
    // A score that a mask excludes.
    let masked = ArithmeticModel.f32.read(-.infinity)
    #expect(model.exponential(masked) == Tracked(0))
    #expect(model.exponential(model.difference(masked, Tracked(3))) == Tracked(0))
    #expect(model.sum(masked, -masked).isOutside && model.product(masked, Tracked(0)).isOutside)
    // The greatest number less 5 rounds back; less half its spacing it does not.
    let least = Tracked(-Double(Float.greatestFiniteMagnitude))
    #expect(model.difference(least, Tracked(5)).isFinite)
    #expect(model.difference(least, Tracked(0x1p103)).specials == .minusInfinity)
    // Infinities of both signs meet in NaN, and only they.
    let great = Tracked(0x1p127)
    #expect(model.total([great, great, -great, -great]).specials == .all)
    #expect(model.total([great, great, -great]).specials == .plusInfinity)
    #expect(model.hyperbolicTangent(infinite).isFinite && model.sineAndCosine(infinite).sine.specials == .nan)
    #expect(model.reciprocalSquareRoot(infinite).isFinite && (-infinite).rectified.isFinite)
    #expect(model.quotient(infinite, infinite).specials.contains(.nan))
  }
}
