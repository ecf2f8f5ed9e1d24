import PlumbCases
import PlumbModel
import PlumbTolerance
import Testing

@testable import PlumbFuzzing
@testable import PlumbVerdicts

/// Errors beside those that are typical: held to loops of this file, and to kernels that lose bits within their bounds.
@Suite struct TypicalErrorTests {
  private static let arithmetic = (try? Arithmetic(parsing: "f32")) ?? .engine
  private static let (rows, inputs, outputs) = (4, 512, 8)

  private static func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in Float(random.next() >> 40) * 0x1p-23 - 1 }
  }

  private static func input() throws -> CheckedCase {
    try CheckedCase(
      LayerCase(
        layer: .linear, attributes: [:],
        tensors: [
          "x": .real(Activation(shape: [rows, inputs], elements: numbers(rows * inputs, seed: 1))),
          "weight": .real(Activation(shape: [outputs, inputs], elements: numbers(outputs * inputs, seed: 2))),
        ]))
  }

  /// The products of `input`, term after term, each product first `stored`.
  private static func products(_ input: CheckedCase, stored: (Float) -> Float = { $0 }) -> Activation<Float> {
    let (x, weight) = (input.real("x"), input.real("weight"))
    let elements = (0..<rows * outputs).map { place in
      zip(x.row(place / outputs), weight.row(place % outputs)).reduce(Float(0)) { $0 + stored($1.0 * $1.1) }
    }
    return Activation(shape: [rows, outputs], elements: elements)
  }

  @Test func whatTheMachineDoesIsTypical() throws {
    let input = try Self.input()
    let error = try #require(TypicalError.of(Self.products(input), input, in: Self.arithmetic))
    #expect(error.times == 1)
    #expect(error.margin == error.typical && error.typical > 0)
  }

  /// The mean by Float64 sums, which are exact to far more digits than the errors, and by the bounds of the exact path.
  @Test func timesAreTheQuotientOfTheErrors() throws {
    let input = try Self.input()
    let coarse = Self.products(input) { Float(bitPattern: ($0.bitPattern + 1 << 12) & ~0x1fff) }
    let error = try #require(TypicalError.of(coarse, input, in: Self.arithmetic))
    let bounds = try Catalogue.tracked(input, in: try ArithmeticModel(parsing: "f32")).elements.map {
      try #require($0.bound).doubleRoundedUp
    }
    let exact = (0..<Self.rows * Self.outputs).map { place in
      zip(input.real("x").row(place / Self.outputs), input.real("weight").row(place % Self.outputs)).reduce(0.0) {
        $0 + Double($1.0) * Double($1.1)
      }
    }
    func mean(_ output: Activation<Float>) -> Double {
      let squares = output.elements.indices.map { pow2((Double(output.elements[$0]) - exact[$0]) / bounds[$0]) }
      return (squares.reduce(0, +) / Double(squares.count)).squareRoot()
    }
    func pow2(_ x: Double) -> Double { x * x }
    // Float64 sums of 512 terms are off by 2⁻⁴⁴ of their magnitudes, which is 2⁻¹⁸ of an error here.
    #expect(abs(error.margin / mean(coarse) - 1) < 0x1p-16)
    #expect(abs(error.typical / mean(Self.products(input)) - 1) < 0x1p-16)
    var judge = try CaseJudge(input, in: Self.arithmetic)
    #expect(try judge.judge(coarse).verdict == .within)
  }

  @Test func fewElementsTellNothing() throws {
    let input = try CheckedCase(
      LayerCase(
        layer: .silu, attributes: [:],
        tensors: ["x": .real(Activation(shape: [1, 15], elements: Self.numbers(15, seed: 3)))]))
    #expect(TypicalError.of(Catalogue.engine(input), input, in: Self.arithmetic) == nil)
  }

  /// Engines and arithmetics of which no machine is known have no note, nor has a run that fails.
  @Test(arguments: ["engine", "bf16,unit=h100", "f32,order=4-lanes"]) func noMachineNoNote(text: String) throws {
    let input = try Self.input()
    #expect(TypicalError.of(Self.products(input), input, in: try Arithmetic(parsing: text)) == nil)
  }

  /// The same of a run: a kernel of 12 bits is named with the case, and the same again for more jobs and other shards.
  @Test func aRunSaysIt() throws {
    func run(_ compute: @escaping @Sendable (CheckedCase) -> Activation<Float>, shard: Shard = .whole, jobs: Int = 1)
      throws -> FuzzReport
    {
      let kernel = CalledKernel(arithmetic: Self.arithmetic) { input, _ in compute(input) }
      return try FuzzRun(
        layer: .silu, strategies: [.random], seed: 5, shape: ["rows": 2, "columns": 32], subject: .kernel(kernel)
      ).report(40, jobs: jobs, shard: shard)
    }
    let honest = try run { Catalogue.engine($0) }
    #expect(honest.failed == 0)
    #expect(honest.typical != nil)
    let failing = try run { $0.real("x") }
    #expect(failing.failed > 0 && failing.typical == nil)
    #expect(try run({ Catalogue.engine($0) }, jobs: 3).typical?.number == honest.typical?.number)
    let parts = try (0..<2).map { try run({ Catalogue.engine($0) }, shard: try #require(Shard("\($0)/2"))) }
    #expect(parts[0].typical != nil && parts[1].typical == nil)
    #expect(try FuzzReport.joined(parts)[0].typical?.error == honest.typical?.error)
  }
}
