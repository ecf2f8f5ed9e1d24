import PlumbBounds
import PlumbCases
import PlumbExact
import PlumbModel
import PlumbVerdicts
import Testing

/// Formulas in balls against the reference, which is written by itself for each layer.
@Suite struct BallContextTests {
  private static let layers = LayerKind.allCases.filter { layer in
    Catalogue.hasFormula(layer)
      && (layer.forwards == nil && layer != .biasBackward || layer == .rotaryEmbeddingBackward)
  }

  @Test(arguments: layers) func theFormulaInBallsIsTheReference(layer: LayerKind) throws {
    let (precision, generators) = (1024, Strategy.allCases.map { CaseGenerator(layer: layer, strategy: $0, seed: 73) })
    var known = 0
    for generator in generators {
      for number in 0..<2 * CaseTests.effort {
        let input = try CheckedCase(generator.makeCase(number))
        guard let expectation = try? Catalogue.expectation(of: input, precision: precision) else { continue }
        let numbers = try #require(Catalogue.forward(CaseInput(input, in: BallContext(precision: precision))))
        let line: Comment = "\(CaseLine(input.source).text)"
        #expect(numbers.shape == expectation.exact.shape, line)
        for (index, number) in numbers.elements.enumerated() where expectation.holdsValue?(index) ?? true {
          guard let ball = try? number.enclosure() else { continue }
          known += 1
          #expect(ball.overlaps(expectation.exact.elements[index]), line)
          #expect(
            ball.radius <= (ball.midpoint.magnitude + Rational(significand: 1, exponent: -149))
              * Rational(significand: 1, exponent: -100),
            line)
        }
      }
    }
    #expect(known >= 16)
  }

  /// e^x beyond all that balls enclose keeps what a quotient by it needs, and refuses the rest.
  @Test func hugeNumbersAreBounded() throws {
    let context = BallContext(precision: 128)
    let huge = context.exponential(context.parameter(1e30))
    let sum = context.sum(context.parameter(1), huge)
    let quotient = try context.quotient(context.parameter(-3), sum).enclosure()
    #expect(quotient.contains(Rational.zero) && quotient.radius <= Rational(significand: 1, exponent: -94_000))
    #expect(throws: EnclosureError.self) { try sum.enclosure() }
    #expect(throws: EnclosureError.self) { try context.logarithm(huge).enclosure() }
    #expect(throws: EnclosureError.self) { try context.sum(huge, context.negated(huge)).enclosure() }
    #expect(try context.product(huge, context.parameter(0)).enclosure() == .zero)
    #expect(throws: EnclosureError.self) { try context.product(huge, context.parameter(-1)).enclosure() }
    let smaller = try context.quotient(context.parameter(1), context.product(huge, context.parameter(0.5))).enclosure()
    #expect(smaller.radius <= Rational(significand: 1, exponent: -94_000))
    #expect(throws: EnclosureError.self) { try context.quotient(huge, huge).enclosure() }
  }

  @Test func whatIsNotDefinedIsUnknown() throws {
    let context = BallContext(precision: 64)
    let zero = context.parameter(0)
    for number in [
      context.quotient(context.parameter(1), zero), context.logarithm(zero), context.reciprocalSquareRoot(zero),
      context.squareRoot(context.parameter(-1)), context.read(.nan), context.read(.infinity), context.hidden,
      context.sum(zero, context.hidden), context.total([zero, context.hidden]),
      context.gated(zero, by: context.sum(context.constant(1), context.parameter(-1))),
    ] {
      #expect(throws: EnclosureError.self) { try number.enclosure() }
    }
  }

  /// Exact sums of exact numbers stay exact whatever is lost in between, where the precision holds them.
  @Test func exactNumbersStayExact() throws {
    let context = BallContext(precision: 64)
    let row = [0x1p100, 1, -0x1p100].map { context.parameter($0) }
    #expect(try context.total(row[...]).enclosure() == .one)
    #expect(
      try context.mean([context.parameter(3), context.parameter(3), context.parameter(3)]).enclosure() == Ball(3))
  }
}
