import Foundation
import Plumbline
import Testing

/// The short way to hold a kernel to its bounds.
@Suite struct RequireWithinTests {
  private static func softmax(_ input: CheckedCase, forgetting: Bool = false) throws -> Activation<Float> {
    let x = try input.tensor("x")
    let rows = (0..<x.rows).flatMap { row -> [Float] in
      let row = Array(x.row(row))
      let greatest = row.max() ?? 0
      let exponentials = row.map { exp($0 - greatest) }
      let sum = exponentials.dropLast(forgetting ? 1 : 0).reduce(0, +)
      return exponentials.map { $0 / sum }
    }
    return Activation(shape: x.shape, elements: rows)
  }

  @Test func aRightKernelPasses() throws {
    try Catalogue.requireWithin(.softmax, cases: 60) { try Self.softmax($0) }
  }

  @Test func aWrongOneIsNamedWithItsReplay() throws {
    let failure = try #require(throws: KernelFailure.self) {
      try Catalogue.requireWithin(.softmax, cases: 60) { try Self.softmax($0, forgetting: true) }
    }
    #expect(failure.description.contains("plumb fuzz softmax --arithmetic f32 --replay 'softmax x="), "\(failure)")
  }

  /// Metal publishes nothing of the error function.
  @Test func whereNothingCanBeClaimedItFails() throws {
    // Its value at 0 is exact by C's Annex F, so that a case of zeros alone is claimed.
    let failures = (UInt64(0)..<20).compactMap { seed -> String? in
      do {
        let model = try ArithmeticModel(parsing: "f32,functions=metal")
        try Catalogue.requireWithin(.gelu, cases: 1, seed: seed, arithmetic: model) { Catalogue.engine($0) }
        return nil
      } catch {
        return "\(error)"
      }
    }
    #expect(failures.contains { $0.contains("nothing could be claimed") }, "\(failures)")
  }
}
