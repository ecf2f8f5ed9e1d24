import PlumbModel
import Testing

@testable import PlumbExact

/// Exact products of matrices against the naive ones, an integer at a time.
@Suite struct ExactMatrixTests {
  private static let kinds = DotProductTests.Kind.allCases

  /// Each element is the rational sum of the products.
  @Test(arguments: kinds, kinds)
  func `A product of floats is the rational sum, by every kernel`(
    _ left: DotProductTests.Kind, _ right: DotProductTests.Kind
  ) throws {
    var randomness = SplitMix64(seed: 81)
    for (rows, columns, outputs) in [(1, 1, 1), (2, 3, 17), (7, 33, 16), (530, 2, 3), (2, 3, 130)] {
      let x = (0..<rows).map { _ in left.values(columns, using: &randomness) }
      let weights = (0..<outputs).map { _ in right.values(columns, using: &randomness) }
      let first = try #require(ExactMatrix(exactly: Array(x.joined()), columns: columns))
      let second = try #require(ExactMatrix(exactly: Array(weights.joined()), columns: columns))
      for set in ExactInstructionSet.available {
        let product = ExactMatrixProduct(first, second, set)
        #expect(product.rows == rows && product.columns == outputs)
        for row in 0..<rows {
          for output in 0..<outputs {
            let sum = try zip(x[row], weights[output]).reduce(Rational(0)) {
              $0 + (try #require(Rational(exactly: $1.0))) * (try #require(Rational(exactly: $1.1)))
            }
            try #require(product[row, output] == sum, "element \(row), \(output), \(set)")
          }
        }
      }
    }
  }

  /// Sums of the greatest and the least numbers, as many as are taken together, and one more.
  @Test(arguments: [511, 1100, 4096, 4097])
  func `Sums of the greatest numbers are exact`(_ columns: Int) throws {
    let greatest = Float.greatestFiniteMagnitude
    for (a, b) in [(greatest, greatest), (-greatest, greatest), (-greatest, -greatest), (greatest, 0x1p-149)] {
      // One small number makes the row long, so that all words are used.
      for small in [nil, Float.leastNonzeroMagnitude, 0x1p60] {
        var x = [Float](repeating: a, count: columns)
        var weights = [Float](repeating: b, count: columns)
        if let small { (x[columns / 2], weights[columns / 3]) = (small, -small) }
        let first = try #require(ExactMatrix(exactly: x, columns: columns))
        let second = try #require(ExactMatrix(exactly: weights, columns: columns))
        let row = try #require(IntegerRow(exactly: weights))
        let expected = try #require(FixedPointVector(exactly: x)).dot(row).midpoint
        for set in ExactInstructionSet.available {
          #expect(ExactMatrixProduct(first, second, set)[0, 0] == expected)
        }
      }
    }
  }

  @Test(arguments: [1, 50, 51, 52, 64, 103, 104, 256, 1000])
  func `A product of long integers and floats is the rational sum`(_ bits: Int) throws {
    var randomness = SplitMix64(seed: 82)
    let (rows, columns, outputs) = (5, 20, 18)
    let x = (0..<rows).map { _ in
      (0..<columns).map { index in
        // The ends of the range are where a limb would overflow.
        let end = (Integer(1) << bits) - 1
        let integer = index == 0 ? end : index == 1 ? -end : randomness.integer(maximumBits: bits)
        return Ball(Rational(significand: integer, exponent: -bits))
      }
    }
    let weights = (0..<outputs).map { _ in DotProductTests.Kind.ordinary.values(columns, using: &randomness) }
    let vectors = x.map { FixedPointVector($0, precision: 2000) }
    let first = ExactMatrix(vectors)
    let second = try #require(ExactMatrix(exactly: Array(weights.joined()), columns: columns))
    for set in ExactInstructionSet.available {
      let product = ExactMatrixProduct(first, second, set)
      for row in 0..<rows {
        for output in 0..<outputs {
          let sum = try zip(x[row], weights[output]).reduce(Rational(0)) {
            $0 + $1.0.midpoint * (try #require(Rational(exactly: $1.1)))
          }
          try #require(product[row, output] == sum)
        }
      }
    }
  }

  @Test func `No matrix holds NaN or infinity`() {
    for value in [Float.nan, .infinity, -.infinity] {
      #expect(ExactMatrix(exactly: [1, value], columns: 1) == nil)
    }
  }

  @Test func `A matrix of zeros has products of 0`() throws {
    let zeros = try #require(ExactMatrix(exactly: [0, -0.0, 0, 0], columns: 2))
    let ones = try #require(ExactMatrix(exactly: [1, 1], columns: 2))
    #expect(ExactMatrixProduct(zeros, transposed: ones)[1, 0] == 0)
    #expect(ExactMatrixProduct(ones, transposed: ones)[0, 0] == 2)
  }
}
