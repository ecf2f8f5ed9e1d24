import PlumbExact
import PlumbModel
import Testing

/// Products of whole panels against the dot product of one row and one vector, which is their oracle.
@Suite struct PackedVectorTests {
  /// Rows and vectors of every kind of float, one after the other, then exact zeros.
  private func floats(_ count: Int, repeats: Int, using randomness: inout SplitMix64) -> [[Float]] {
    (0..<repeats).flatMap { _ in
      DotProductTests.Kind.allCases.map { $0.values(count, using: &randomness) }
    } + [[Float](repeating: 0, count: count)]
  }

  @Test(arguments: ExactInstructionSet.available, [0, 1, 2, 3, 4, 5, 17, 64])
  func `A panel of floats gives the same integers`(_ set: ExactInstructionSet, _ count: Int) throws {
    var randomness = SplitMix64(seed: 21)
    // 46 rows, some of several planes: two panels at least.
    let rows = try floats(count, repeats: 9, using: &randomness).map { try #require(IntegerRow(exactly: $0)) }
    let vectors = try floats(count, repeats: 1, using: &randomness).map { try #require(FixedPointVector(exactly: $0)) }
    let dots = PackedVector.dots(rows, vectors.map(PackedVector.init), set)
    #expect(dots == rows.map { row in vectors.map { $0.dot(row) } })
  }

  @Test(arguments: ExactInstructionSet.available)
  func `Significands of every size give the same integers`(_ set: ExactInstructionSet) throws {
    var randomness = SplitMix64(seed: 22)
    let count = 21
    // The ends of the range of each number of bytes are where a byte would overflow.
    let rows = (1...63).map { bits -> IntegerRow in
      let bound = Int64.max >> Int64(63 - bits)
      var significands = (0..<count).map { _ in Int64.random(in: -bound...bound, using: &randomness) }
      significands[0] = bound
      significands[1] = -bound
      significands[2] = -bound - 1
      return IntegerRow(significands: significands, exponent: bits - 30)
    }
    // As are they for the elements: ±2^(bits − 1), and one less.
    let vectors = [1, 6, 7, 8, 14, 15, 16, 62, 63, 64, 65, 126, 127, 128, 500].map { bits in
      let power = Integer(1) << (bits - 1)
      let ends = [power, -power, power - 1, 1 - power].map { Ball(Rational($0)) }
      return FixedPointVector((0..<count).map { ends[$0 % 4] }, precision: 1000)
    }
    let dots = PackedVector.dots(rows, vectors.map(PackedVector.init), set)
    #expect(dots == rows.map { row in vectors.map { $0.dot(row) } })
  }

  /// The greatest sums that a column can have: every byte of every weight is 255 with its offset, and every digit −128;
  /// one element more than a run holds, too.
  @Test(arguments: ExactInstructionSet.available, [8128, 8129])
  func `Columns hold their greatest sums`(_ set: ExactInstructionSet, _ count: Int) {
    let row = IntegerRow(significands: [Int64](repeating: 1 << 47 - 1, count: count), exponent: 0)
    let digits = (0..<9).reduce(Integer(0)) { sum, _ in sum * 256 - 128 }
    for element in [digits, -digits] {
      let vector = FixedPointVector([Ball](repeating: Ball(Rational(element)), count: count), precision: 100)
      let dots = PackedVector.dots([row], [PackedVector(vector)], set)
      #expect(dots == [[Ball(Rational(element * (1 << 47 - 1) * count))]])
    }
  }

  @Test(arguments: ExactInstructionSet.available, [40, 300, 850])
  func `Balls give the same midpoints and hardly wider radii`(_ set: ExactInstructionSet, _ bits: Int) throws {
    var randomness = SplitMix64(seed: 23)
    let count = 30
    let vectors = (0..<5).map { index in
      let balls = (0..<count).map { element -> Ball in
        let midpoint = Rational(significand: randomness.integer(maximumBits: bits), exponent: -bits)
        // One vector is exact, and every fourth element of the others.
        guard index > 0, element % 4 > 0 else { return Ball(midpoint) }
        let radius = Integer(Int.random(in: 1...1 << 40, using: &randomness))
        return Ball(midpoint: midpoint, radius: Rational(significand: radius, exponent: -bits - 20 * index))
      }
      return FixedPointVector(balls, precision: 1000)
    }
    let rows = try floats(count, repeats: 1, using: &randomness).map { try #require(IntegerRow(exactly: $0)) }
    let dots = PackedVector.dots(rows, vectors.map(PackedVector.init), set)
    for (row, sums) in zip(rows, dots) {
      let weights = (0..<count).map { row[$0].magnitude }
      let greatestWeight = weights.max() ?? 0
      for (vector, sum) in zip(vectors, sums) {
        let naive = vector.dot(row)
        #expect(sum.midpoint == naive.midpoint)
        #expect(sum.radius >= naive.radius)
        // What the documentation promises: the sum of (|w| + 2^−11·W)(r + 2^−15·R).
        let radii = (0..<count).map { vector[$0].radius }
        let greatestRadius = radii.max() ?? 0
        let promised = zip(weights, radii).reduce(Rational(0)) {
          $0 + ($1.0 + greatestWeight * "0x1p-11") * ($1.1 + greatestRadius * "0x1p-15")
        }
        #expect(sum.radius <= promised)
      }
    }
  }
}
