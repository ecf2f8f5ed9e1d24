/// A fixed-point vector laid out for exact products with many rows of weights at once.
///
/// A panel of 32 rows is multiplied byte by byte: weights are cut into unsigned bytes, elements into signed ones, and the
/// sums of their products are exact in 32-bit integers. It gives the same integers as `FixedPointVector.dot`, which takes
/// a row at a time, some thirty times as fast.
///
/// Source: the splitting is that of Ozaki, Ogita, Oishi & Rump, "Error-free transformations of matrix multiplication"
/// (2012), on integers in place of floating-point slices.
package struct PackedVector: Sendable {
  /// The vector itself.
  package let vector: FixedPointVector
  /// The midpoints, run by run.
  private let midpoints: [DigitRun]
  /// The radii over 2^`radiusShift`, rounded up; empty where all are 0.
  private let radii: [DigitRun]
  private let radiusShift: Int

  /// The bits that radii and the magnitudes they are multiplied by keep.
  ///
  /// A plane's digits are so rounded up by less than 2^−13 of its greatest. In a row of several planes, 32 bits apart, the
  /// greatest of the highest plane is at most the greatest weight W; of the one below, too, for it is below the unit of
  /// the highest; of each further one 2^−32 of that. The sum over the planes stays below 3·2^−13·W.
  private static let radiusBits = 16
  private static let magnitudeBits = 14

  /// Whether this processor has instructions by which a panel is faster than its rows one after another.
  ///
  /// Without them it is slower: seven times for elements of 14 limbs and weights of 3 bytes.
  package static var isFaster: Bool { ExactInstructionSet.available.last != .portable }

  /// Lays out `vector`.
  package init(_ vector: FixedPointVector) {
    self.vector = vector
    let wordCount = vector.limbCount
    midpoints = PackedVector.runs(vector.count).map { range in
      DigitRun(count: range.count, bits: vector.midpointBits) { index, words in
        for word in words.indices {
          let limb = min(word, wordCount - 1)
          var value = vector.limb(limb, of: range.lowerBound + index)
          // Offset binary becomes two's complement, whose sign continues.
          if limb == wordCount - 1 { value ^= 1 << 63 }
          words[word] = word < wordCount ? value : UInt64(bitPattern: Int64(bitPattern: value) >> 63)
        }
      }
    }
    let greatest = vector.radii.max() ?? 0
    let shift = max(0, UInt64.bitWidth - greatest.leadingZeroBitCount - PackedVector.radiusBits)
    radiusShift = shift
    radii =
      vector.radii.isEmpty
      ? []
      : PackedVector.runs(vector.count).map { range in
        // Rounded up, a radius is at most 2^16.
        DigitRun(count: range.count, bits: PackedVector.radiusBits) { index, words in
          words[0] = vector.radii[range.lowerBound + index].shiftedRightCeiling(by: shift)
        }
      }
  }

  /// Σⱼ weightⱼ · elementⱼ for each of `rows` and, within it, each of `vectors`.
  ///
  /// *Error bound*: the midpoint is the sum of the products of the midpoints, bit for bit; the radius is at least the sum of
  /// the products of the vector's radii, computed from magnitudes that were rounded up by less than 2^−11 of the greatest
  /// in the row and radii that were rounded up by less than 2^−15 of the greatest in the vector.
  /// - Precondition: all rows and all vectors have the same count.
  package static func dots(_ rows: [IntegerRow], _ vectors: [PackedVector]) -> [[Ball]] {
    dots(rows, vectors, ExactInstructionSet.available.last ?? .portable)
  }

  /// The same, by the instructions of `set`.
  package static func dots(
    _ rows: [IntegerRow], _ vectors: [PackedVector], _ set: ExactInstructionSet
  ) -> [[Ball]] {
    guard let count = rows.first?.count, !vectors.isEmpty else { return rows.map { _ in [] } }
    precondition(
      rows.allSatisfy { $0.count == count } && vectors.allSatisfy { $0.vector.count == count },
      "rows and vectors of different counts")
    var midpoints = [Integer](repeating: 0, count: rows.count * vectors.count)
    var radii = midpoints
    let isExact = vectors.allSatisfy { $0.radii.isEmpty }
    let numbers = rows.indices.flatMap { row in rows[row].planes.map { Numbers(row: row, $0.shift, $0.digits) } }
    add(numbers, \.midpoints, to: &midpoints, vectors, set)
    if !isExact {
      add(numbers.map { $0.magnitudes(bits: magnitudeBits) }, \.radii, to: &radii, vectors, set)
    }
    return rows.indices.map { row in
      vectors.indices.map { index in
        let packed = vectors[index]
        let vector = packed.vector
        let place = row * vectors.count + index
        let midpoint = Rational(significand: midpoints[place], exponent: rows[row].exponent + vector.exponent)
        guard !packed.radii.isEmpty else { return Ball(midpoint) }
        let radiusExponent = rows[row].exponent + vector.radiusExponent + packed.radiusShift
        return Ball(
          midpoint: midpoint, radius: Rational(significand: radii[place], exponent: radiusExponent))
      }
    }
  }

  /// Adds to `sums`, row after row, the products of `numbers` with what `runs` says of each vector.
  private static func add(
    _ numbers: [Numbers], _ runs: KeyPath<PackedVector, [DigitRun]>, to sums: inout [Integer],
    _ vectors: [PackedVector], _ set: ExactInstructionSet
  ) {
    guard let count = numbers.first?.digits.count else { return }
    for start in stride(from: 0, to: numbers.count, by: WeightPanel.rowCount) {
      let part = numbers[start..<min(start + WeightPanel.rowCount, numbers.count)]
      let bits = part.map(\.bits).max() ?? 0
      for (run, range) in PackedVector.runs(count).enumerated() {
        let panel = WeightPanel(part.map(\.digits), range, bits: bits, set)
        for (index, vector) in vectors.enumerated() where !vector[keyPath: runs].isEmpty {
          for (row, product) in zip(part, vector[keyPath: runs][run].products(panel)) {
            sums[row.row * vectors.count + index] += product << row.shift
          }
        }
      }
    }
  }

  /// The elements of a vector in runs that a panel's product can take.
  private static func runs(_ count: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: DigitRun.greatestCount).map { $0..<min($0 + DigitRun.greatestCount, count) }
  }

  /// One plane of a row: its numbers stand for multiples of 2^`shift`.
  private struct Numbers {
    let row: Int
    let shift: Int
    let digits: [Int64]
    /// The bits of the greatest magnitude; at most 62.
    let bits: Int

    init(row: Int, _ shift: Int, _ digits: [Int64]) {
      self.row = row
      self.shift = shift
      self.digits = digits
      bits = UInt64.bitWidth - digits.reduce(0) { max($0, $1.magnitude) }.leadingZeroBitCount
    }

    /// The magnitudes, rounded up to at most 2^`bits` units of a coarser power of two where they are longer.
    func magnitudes(bits: Int) -> Numbers {
      let drop = max(0, self.bits - bits)
      return Numbers(row: row, shift + drop, digits.map { Int64($0.magnitude.shiftedRightCeiling(by: drop)) })
    }
  }
}

extension UInt64 {
  /// ⌈self / 2^`count`⌉.
  ///
  /// - Precondition: 0 ≤ `count` < 64.
  fileprivate func shiftedRightCeiling(by count: Int) -> UInt64 {
    let floor = self >> UInt64(count)
    return floor << UInt64(count) == self ? floor : floor + 1
  }
}
