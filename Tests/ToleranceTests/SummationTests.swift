import PlumbExact
import PlumbModel
import PlumbTolerance
import Testing

@Suite struct SummationTests {
  /// Sums products in the toy format along a random tree, with or without fused multiply-adds, and says how many
  /// roundings the unluckiest product met.
  private static func sum(
    _ products: [(Rational, Rational)], fused: Bool, using generator: inout some RandomNumberGenerator
  ) -> (value: Rational, depth: Int) {
    if fused {
      var value: Rational = 0
      for (weight, x) in products { value = ToyFormat.round(value + weight * x) }
      return (value, products.count)
    }
    var nodes = products.map { (value: ToyFormat.round($0 * $1), depth: 1) }
    while nodes.count > 1 {
      let first = nodes.remove(at: Int.random(in: nodes.indices, using: &generator))
      let second = nodes.remove(at: Int.random(in: nodes.indices, using: &generator))
      nodes.append((ToyFormat.round(first.value + second.value), max(first.depth, second.depth) + 1))
    }
    return nodes[0]
  }

  @Test(arguments: [true, false]) func boundHoldsForEveryTreeAndIsNotVacuous(fused: Bool) throws {
    var generator = SplitMix64(seed: fused ? 1 : 2)
    var greatest: Rational = 0
    for _ in 0..<4_000 {
      let terms = Int.random(in: 1...5, using: &generator)
      let products = (0..<terms).map { _ in (draw(&generator), draw(&generator)) }
      let (computed, depth) = Self.sum(products, fused: fused, using: &generator)
      let exact = products.reduce(Rational(0)) { $0 + $1.0 * $1.1 }
      let absolute = products.reduce(Rational(0)) { $0 + ($1.0 * $1.1).magnitude }
      guard
        let bound = Summation(terms: terms, depth: depth, in: ToyFormat.format)?.bound(absoluteSum: absolute)
      else { continue }
      let error = (computed - exact).magnitude
      #expect(error <= bound, "\(products) summed to \(computed)")
      if !bound.isZero { greatest = max(greatest, error / bound) }
    }
    // One product rounded once reaches the bound but for the terms of second order, which are large in four bits.
    #expect(greatest > "1/2")
  }

  /// Products that underflow are the only ones that meet the bound's underflow term.
  @Test func boundCoversUnderflow() throws {
    let least = Rational(significand: 1, exponent: -6)
    let half: Rational = "1/2"
    let bound = try #require(
      Summation(terms: 1, depth: 1, in: ToyFormat.format)?.bound(absoluteSum: least * half))
    #expect((ToyFormat.round(least * half) - least * half).magnitude <= bound)
    #expect(bound < least)
  }

  @Test func gammaBoundsThePowerAndFollowsItsFormula() throws {
    for roundings in [1, 2, 15, 576, 4096] {
      let gamma = try #require(Summation(terms: roundings, depth: roundings)).gamma
      let u = FloatFormat.float32.unitRoundoff
      let power = (1 + u).power(roundings) - 1
      #expect(power <= gamma)
      #expect(gamma <= power * "1001/1000" || roundings > 576)
    }
  }

  /// A number of the toy format: any significand, exponents low enough that products underflow at times.
  private func draw(_ generator: inout SplitMix64) -> Rational {
    let significand = Integer(Int.random(in: -15...15, using: &generator))
    return Rational(significand: significand, exponent: Int.random(in: -6 ... -2, using: &generator))
  }
}
