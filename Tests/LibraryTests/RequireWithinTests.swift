import Foundation
import Plumbline
import Testing

/// The short way to hold a kernel to its bounds.
@Suite struct RequireWithinTests {
  private static func softmax(_ input: Case, forgetting: Bool = false) throws -> Tensor {
    let x = try input.tensor("x")
    let rows = (0..<x.rows).flatMap { row -> [Float] in
      let row = Array(x.row(row))
      let greatest = row.max() ?? 0
      let exponentials = row.map { exp($0 - greatest) }
      let sum = exponentials.dropLast(forgetting ? 1 : 0).reduce(0, +)
      return exponentials.map { $0 / sum }
    }
    return Tensor(shape: x.shape, elements: rows)
  }

  @Test func aRightKernelPasses() throws {
    try requireWithin(.softmax, cases: 60) { try Self.softmax($0) }
  }

  /// The kernel forgets the last element of a row, so that two elements are the least that show it.
  @Test func aWrongOneIsNamedWithItsSmallestReplay() throws {
    let failure = try #require(throws: PlumblineError.self) {
      try requireWithin(.softmax, cases: 60) { try Self.softmax($0, forgetting: true) }
    }
    #expect(failure.code == .kernelFails)
    let first = try #require(failure.problem.split(separator: "\n").first { $0.contains("--replay '") })
    #expect(first.contains("plumb fuzz softmax --arithmetic f32 --replay 'softmax x=["), "\(failure)")
    let line = try #require(first.split(separator: "'").dropFirst().first)
    let input = try Case(String(line))
    #expect(try input.tensor("x").elements.count <= 2, "\(line)")
    #expect(try input.judge(Self.softmax(input, forgetting: true)).verdict == .outside)
    #expect(try input.judge(Self.softmax(input)).verdict == .within)
  }

  /// Metal publishes nothing of the error function.
  @Test func whereNothingCanBeClaimedItFails() throws {
    // Its value at 0 is exact by C's Annex F, so that a case of zeros alone is claimed.
    let metal = try Arithmetic("f32,functions=metal")
    let codes = (UInt64(0)..<20).map { seed -> PlumblineError.Code? in
      do {
        try requireWithin(.gelu, cases: 1, seed: seed, arithmetic: metal) { try $0.tensor("x") }
        return nil
      } catch {
        return (error as? PlumblineError)?.code
      }
    }
    #expect(codes.contains(.nothingClaimed), "\(codes)")
  }

  /// A kernel whose object is no value that threads may share, and that throws an error of its own.
  @Test func aKernelsOwnErrorsAreItsOwn() throws {
    struct Mine: Error {}
    final class Counter { var calls = 0 }
    let counter = Counter()
    #expect(throws: Mine.self) {
      try requireWithin(.silu, cases: 3) { _ in
        counter.calls += 1
        throw Mine()
      }
    }
    #expect(counter.calls == 1)
  }

  /// A fused layer in Float32, step by step, and the same without the residual.
  private static func fused(_ input: Case, forgetsResidual: Bool = false) throws -> Tensor {
    let (x, r, w) = (try input.tensor("x"), try input.tensor("r"), try input.tensor("w"))
    var result: [Float] = []
    for row in 0..<x.rows {
      let sums = zip(x.row(row), r.row(row)).map { forgetsResidual ? $0 : $0 + $1 }
      let squares = sums.reduce(0) { $0 + $1 * $1 }
      let factor = 1 / (squares / Float(sums.count) + 1e-6).squareRoot()
      result += zip(sums, w.elements).map { $0 * factor * $1 }
    }
    return Tensor(shape: x.shape, elements: result)
  }

  @Test func aFormulaOfOnesOwnIsHeldToItsBounds() throws {
    let layer = try Layer("x[rows,hidden], r[rows,hidden], w[hidden]: rms_norm(x + r, w, epsilon=1e-6)")
    try requireWithin(layer, cases: 60) { try Self.fused($0) }
    let failure = try #require(throws: PlumblineError.self) {
      try requireWithin(layer, cases: 20) { try Self.fused($0, forgetsResidual: true) }
    }
    #expect(failure.problem.contains("plumb fuzz '\(layer)' --arithmetic f32 --replay "), "\(failure)")
  }
}
