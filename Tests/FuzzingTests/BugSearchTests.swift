import Foundation
import PlumbModel
import PlumbMutants
import PlumbTolerance
import PlumbVerdicts
import Testing

@testable import PlumbFuzzing

/// The bugs that a fuzz run names: of kernels in Float32 that share nothing with the mutants.
@Suite struct BugSearchTests {
  /// The report on `kernel`, in Float32.
  private static func report(
    _ layer: LayerKind, in model: ArithmeticModel = .f32, _ kernel: @escaping @Sendable (CheckedCase) throws -> [Float]
  ) throws -> FuzzReport {
    let subject = FuzzSubject.kernel(
      CalledKernel(arithmetic: .model(model)) { input, _ in
        Activation(shape: input.outputShape, elements: try kernel(input))
      })
    let run = FuzzRun(
      layer: layer, strategies: [.random, .edge, .recorded], seed: 4, shrinking: .init(cases: 300, time: .seconds(20)),
      subject: subject)
    return try run.report(120)
  }

  private static func rows(_ x: Activation<Float>, _ row: ([Float]) -> [Float]) -> [Float] {
    (0..<x.rows).flatMap { row(Array(x.row($0))) }
  }

  @Test func softmaxWithoutItsMaximum() throws {
    let report = try Self.report(.softmax) { input in
      Self.rows(try input.tensor("x")) { x in
        let sum = x.reduce(0) { $0 + exp($1) }
        return x.map { exp($0) / sum }
      }
    }
    #expect(report.failed > 0)
    #expect(report.explanations?.map(\.mutant).contains("softmax no-maximum") == true, "\(report.explanations ?? [])")
  }

  @Test(arguments: [(true, "epsilon-outside-root"), (false, "weight-forgotten")])
  func rootMeanSquares(isOutside: Bool, name: String) throws {
    let report = try Self.report(.rmsNorm) { input in
      let (weight, epsilon) = (try input.tensor("weight").elements, input.number("epsilon"))
      let (added, shift) = (
        isOutside ? weight : weight.map { _ in 1 }, input.flag("addsOne") && isOutside ? Float(1) : 0
      )
      return Self.rows(try input.tensor("x")) { x in
        let mean = x.reduce(0) { $0 + $1 * $1 } / Float(x.count)
        let root = isOutside ? mean.squareRoot() + epsilon : (mean + epsilon).squareRoot()
        return zip(x, added).map { $0 / root * ($1 + shift) }
      }
    }
    let first = try #require(report.explanations?.first, "\(report.failed)")
    #expect(first.mutant == "rms-norm \(name)" && first.margin <= 1 && first.cases > 0, "\(report.explanations ?? [])")
  }

  /// A softmax of which each operation's result is a tensor in bfloat16 is outside of the formula in one kernel, and within the one that is
  /// named for it; a bug is within neither.
  @Test(arguments: [false, true]) func anotherFormulaIsNamed(isWrong: Bool) throws {
    let store = NaiveMachine.bfloat16
    let report = try Self.report(.softmax, in: .bf16) { input in
      Self.rows(try input.tensor("x")) { x in
        let powers = x.map { store(exp(store($0 - (x.max() ?? 0)))) }
        let sum = store(powers.reduce(0, +))
        return powers.map { store($0 / (isWrong ? store(sum * 1.0625) : sum)) }
      }
    }
    #expect(report.failed > 0)
    #expect(report.otherArithmetics == (isWrong ? [] : ["bf16,formula=stepwise"]))
  }

  /// A kernel that takes subnormal numbers for 0 is within the arithmetic that says so.
  @Test func flushingIsNamed() throws {
    let report = try Self.report(.relu) { try $0.tensor("x").elements.map { $0 < 0x1p-126 ? 0 : $0 } }
    #expect(report.failed > 0)
    #expect(report.otherArithmetics == ["f32,flush-to-zero"])
  }

  /// A change of a right output is named where no bug of the catalogue is, with what it leaves open solved for.
  @Test(arguments: [
    "row-tail-of-16-skipped", "tail-of-4-skipped", "rows-of-2-skipped", "nothing-written", "axes-0-and-1-exchanged",
    "result-doubled", "rows-one-late", "row-tail-of-16-wrong", "rows-of-2-wrong",
  ])
  func aChangeOfARightOutputIsNamed(name: String) throws {
    let report = try Self.report(.rmsNorm) { input in
      let (weight, epsilon) = (try input.tensor("weight").elements, input.number("epsilon"))
      let shift: Float = input.flag("addsOne") ? 1 : 0
      let x = try input.tensor("x")
      var y = Self.rows(x) { x in
        let root = (x.reduce(0) { $0 + $1 * $1 } / Float(x.count) + epsilon).squareRoot()
        return zip(x, weight).map { $0 / root * ($1 + shift) }
      }
      let (rows, columns) = (x.rows, x.columns)
      for place in y.indices {
        let isLeft =
          switch name {
          case "row-tail-of-16-skipped", "row-tail-of-16-wrong": place % columns >= columns / 16 * 16
          case "tail-of-4-skipped": place >= y.count / 4 * 4
          case "rows-of-2-skipped", "rows-of-2-wrong": place / columns >= rows / 2 * 2
          case "nothing-written": true
          default: false
          }
        if isLeft { y[place] = name.hasSuffix("wrong") ? 1e30 * Float(place % 7 - 3) + 1.5 : 0 }
      }
      switch name {
      case "axes-0-and-1-exchanged": return (0..<y.count).map { y[$0 % rows * columns + $0 / rows] }
      case "result-doubled": return y.map { 2 * $0 }
      case "rows-one-late": return Array(y.suffix(columns) + y.dropLast(columns))
      default: return y
      }
    }
    #expect(report.failed > 0)
    #expect(report.explanations?.first?.mutant == "rms-norm \(name)", "\(report.explanations ?? [])")
  }

  /// A bug that is in no catalogue is not named, and of a right kernel nothing is asked.
  @Test func whatIsUnknownIsNotNamed() throws {
    let wrong = try Self.report(.silu) { try $0.tensor("x").elements.map { $0 / (1 + exp(-$0)) * 1.01 } }
    #expect(wrong.failed > 0 && wrong.explanations?.isEmpty == true, "\(wrong.explanations ?? [])")
    let right = try Self.report(.relu) { try $0.tensor("x").elements.map { max($0, 0) } }
    #expect(right.failed == 0 && right.explanations == nil && right.otherArithmetics == nil)
  }

  /// A bug that explains one part of a run and not the other does not explain the whole.
  @Test func partsAreJoined() {
    func found(_ name: String, _ margin: Double) -> FuzzReport.Explanation {
      .init(mutant: name, cause: "A bug.", margin: margin, cases: 2)
    }
    let (a, b) = (found("a", 0.5), found("b", 0.1))
    #expect(FuzzReport.joined(nil, nil) == nil)
    #expect(FuzzReport.joined([a, b], nil) == [a, b] && FuzzReport.joined(nil, [b]) == [b])
    #expect(
      FuzzReport.joined([a, b], [found("a", 0.75)]) == [.init(mutant: "a", cause: "A bug.", margin: 0.75, cases: 4)])
    #expect(FuzzReport.joined([a], []) == [])
  }
}
