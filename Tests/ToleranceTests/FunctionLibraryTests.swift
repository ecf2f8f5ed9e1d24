import Foundation
import PlumbExact
import PlumbModel
import PlumbTolerance
import Testing

/// The accuracies of functions that libraries publish.
@Suite struct FunctionLibraryTests {
  private static func model(_ name: String) throws -> ArithmeticModel {
    try ArithmeticModel(parsing: "f32,functions=\(name)")
  }

  @Test func boundsAreThoseOfTheTables() throws {
    let spacing = { (x: Double) in Double(Float(x).ulp) }
    // JAX, Numerical accuracy, Float32: tanh 5.5 on NVIDIA's processors, erf 7 on x86.
    #expect(try Self.model("jax").hyperbolicTangent(Tracked(0.75)).error == 5.5 * spacing(tanh(0.75)))
    #expect(try Self.model("jax").errorFunction(Tracked(0.75)).error == 7 * spacing(erf(0.75)))
    #expect(ArithmeticModel.f32.errorFunction(Tracked(0.75)).error == 4 * spacing(erf(0.75)))
    // CUDA C++ Programming Guide: __expf is within 2 + ⌊1.173·|x|⌋ of the correctly rounded value.
    let fast = try Self.model("cuda-fast")
    #expect(fast.flushesToZero)
    let units = fast.exponential(Tracked(-50)).error / spacing(exp(-50))
    #expect(units >= 2.5 + (1.173 * 50).rounded(.down) && units <= (2.5 + 1.173 * 50) * (1 + 0x1p-50))
    // __sinf is promised nothing beyond π, sin.approx nothing beyond 100π.
    #expect(fast.sineAndCosine(Tracked(3.1)).sine.error < 0x1p-21)
    #expect(fast.sineAndCosine(Tracked(3.2)).sine.isOutside)
    let approximate = try Self.model("ptx")
    let errors = [6.2, 6.3, 314, 315].map { approximate.sineAndCosine(Tracked($0)).cosine.error }
    #expect(errors[0] < 0x1p-20 && errors[1] > 0x1p-15 && errors[2] < 0x1p-14 && errors[3] == .infinity)
    // tanh.approx is within 2⁻¹¹ of the value, lg2.approx within 2⁻²² near 1.
    let parts = approximate.hyperbolicTangent(Tracked(2)).error / (tanh(2) * 0x1p-11)
    // The enclosure that the part is of is less than 2⁻⁴⁰ wide.
    #expect(parts >= 1 - 0x1p-50 && parts < 1 + 0x1p-40)
    #expect(approximate.logarithm(Tracked(1.5)).error >= 0x1p-22 * log(2))
    // A divisor above 2¹²⁶ may give 0.
    let quotient = fast.quotient(Tracked(0x1p127), Tracked(0x1.8p126))
    #expect(quotient.error >= 4.0 / 3 && quotient.error < 1.5)
    // Metal says nothing of erf.
    #expect(try Self.model("metal").errorFunction(Tracked(1)).isOutside)
  }

  /// Just below a power of two the ulps of a correctly rounded value are those above it.
  @Test func ulpsOfRoundedValuesAreThoseOfTheNextBinade() throws {
    let x = -Double(Float(0.6931471825))
    #expect(exp(x) < 0.5 && Float(exp(x)) == 0.5)
    #expect(try Self.model("cuda").exponential(Tracked(x)).error >= 0.5 + 0x1p-23 - exp(x))
  }

  /// A root that is off by its ulps, and the division of 1 by it, next to a square: an ulp of the root is two of the result.
  @Test func aRootAndADivisionAreBounded() throws {
    let a = 1 + 2901 * 0x1p-23
    for (name, root, division) in [("cuda-fast", 1.5, 2.5), ("ptx", 2, 2.5), ("metal-fast", 4.5, 2.5)] {
      let worst = 1 / (a.squareRoot() - root * 0x1p-23)
      let error = worst + division * 0x1p-24 - 1 / a.squareRoot()
      #expect(try Self.model(name).reciprocalSquareRoot(Tracked(a)).error >= error * (1 - 0x1p-20), "\(name)")
    }
  }

  @Test(arguments: FunctionLibrary.allCases) func aNameReadsBackAsItself(library: FunctionLibrary) throws {
    let model = try Self.model(library.rawValue)
    #expect(try ArithmeticModel(parsing: model.description) == model)
    #expect(throws: ArithmeticError.self) { try Self.model("\(library.rawValue),elementary=2") }
  }

  #if canImport(Glibc)
    @Test func thisLibraryIsWithinItsOwn() throws {
      let model = try Self.model("glibc")
      var generator = SplitMix64(seed: 4)
      var greatest = 0.0
      for _ in 0..<4000 {
        let x = Float.random(in: -20...20, using: &generator)
        let tries: [(Float, Tracked, Ball)] = [
          (Foundation.exp(x), model.exponential(Tracked(Double(x))), try Ball.exp(ball(x), precision: 80)),
          (Foundation.tanh(x), model.hyperbolicTangent(Tracked(Double(x))), Ball.tanh(ball(x), precision: 80)),
          (Foundation.erf(x / 5), model.errorFunction(Tracked(Double(x / 5))), Ball.erf(ball(x / 5), precision: 80)),
          (Foundation.sin(x), model.sineAndCosine(Tracked(Double(x))).sine, Ball.sin(ball(x), precision: 80)),
          (Foundation.cos(x), model.sineAndCosine(Tracked(Double(x))).cosine, Ball.cos(ball(x), precision: 80)),
          (
            Foundation.log(x.magnitude), model.logarithm(Tracked(Double(x.magnitude))),
            try Ball.log(ball(x.magnitude), precision: 80)
          ),
        ]
        for (computed, tracked, exact) in tries {
          let bound = try #require(tracked.bound)
          let distance = (exact.midpoint - (Rational(exactly: computed) ?? 0)).magnitude
          #expect(distance <= bound + exact.radius, "\(x): \(computed), \(tracked)")
          if !bound.isZero { greatest = max(greatest, (distance / bound).doubleRoundedUp) }
        }
      }
      #expect(greatest > 0.5)
    }

    private func ball(_ x: Float) -> Ball { Ball(Rational(exactly: x) ?? 0) }
  #endif
}
