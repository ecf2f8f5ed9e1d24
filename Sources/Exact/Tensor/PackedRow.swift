/// A row laid out for exact products with many rows of weights at once, as `PackedVector` describes.
package struct PackedRow: Sendable {
  let count: Int
  let exponent: Int
  /// The midpoints, run by run.
  private let midpoints: [DigitRun]
  /// The radii; empty where all are 0.
  private let radii: [DigitRun]

  /// Lays out `row`.
  package init(_ row: BallRow) {
    count = row.count
    exponent = row.exponent
    let limbCount = row.limbCount
    // |midpoint| ≤ 2^bits.
    let bits = row.midpointBits + 1
    let runs = PackedRow.runs(row.count)
    midpoints = runs.map { range in
      DigitRun(count: range.count, bits: bits) { index, words in
        let start = (range.lowerBound + index) * limbCount
        let sign: UInt64 = row.limbs[start + limbCount - 1] >> 63 == 1 ? .max : 0
        for word in words.indices { words[word] = word < limbCount ? UInt64(row.limbs[start + word]) : sign }
      }
    }
    radii =
      row.radii.allSatisfy { $0 == 0 }
      ? []
      : runs.map { range in
        // At most 2^radiusBits + 1.
        DigitRun(count: range.count, bits: BallRow.radiusBits + 1) { index, words in
          words[0] = row.radii[range.lowerBound + index]
        }
      }
  }

  /// The elements in runs that a panel's product can take.
  private static func runs(_ count: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: DigitRun.greatestCount).map { $0..<min($0 + DigitRun.greatestCount, count) }
  }

  /// Σⱼ weightⱼ · elementⱼ for each of `weights`, for each of `rows`.
  ///
  /// *Error bound*: midpoints are exact; a radius is Σ |weightⱼ|·radiusⱼ with the magnitudes rounded up by less than 2^−5 of
  /// the greatest in their row of weights.
  /// - Precondition: all have the same count.
  package static func products(_ weights: [IntegerRow], _ rows: [PackedRow]) -> [WideRow] {
    guard let count = weights.first?.count else {
      return rows.map { _ in WideRow(count: 0, limbCount: 1, exponent: 0) }
    }
    precondition(
      weights.allSatisfy { $0.count == count } && rows.allSatisfy { $0.count == count },
      "rows and weights of different counts")
    let set = ExactInstructionSet.available.last ?? .portable
    let runs = runs(count)
    let unit = weights.map { $0.exponent }.min() ?? 0
    let numbers = weights.indices.flatMap { row in
      weights[row].planes.map { Numbers(row: row, shift: weights[row].exponent + $0.shift - unit, $0.digits) }
    }
    // What the numbers of one panel share: a sum of `count` products of `greatestBits` bits and the row's.
    let extraBits = (numbers.map { $0.shift + $0.bits }.max() ?? 0) + Int.bitWidth - count.leadingZeroBitCount + 2
    var results = rows.map { row in
      WideRow(count: weights.count, limbCount: (row.midpointBits + extraBits) / 64 + 1, exponent: unit + row.exponent)
    }
    for start in stride(from: 0, to: numbers.count, by: WeightPanel.rowCount) {
      let part = Array(numbers[start..<min(start + WeightPanel.rowCount, numbers.count)])
      let bits = part.map(\.bits).max() ?? 0
      // Below 2^7, so that the sums of their products with radii have 7 + 21 + 13 bits.
      let drops = part.map(\.droppedBits)
      let magnitudes = zip(part, drops).map { $0.magnitudes(dropping: $1) }
      for (run, range) in runs.enumerated() {
        let panel = WeightPanel(part.map(\.digits), range, bits: bits, set)
        let bound = rows.contains { !$0.radii.isEmpty } ? WeightPanel(magnitudes, range, bits: 7, set) : nil
        for (index, row) in rows.enumerated() {
          results[index].fill { target, bounds in
            let limbCount = target.count / max(bounds.count, 1)
            row.midpoints[run].eachProduct(panel) { place, product in
              target.part(part[place].row * limbCount, limbCount).add(product, shiftedLeft: part[place].shift)
            }
            guard let bound, !row.radii.isEmpty else { return }
            row.radii[run].eachProduct(bound) { place, product in
              let number = part[place]
              bounds[number.row] =
                bounds[number.row]
                + UpperBound(UInt64(product[0]), exponent: unit + row.exponent + number.shift + drops[place])
            }
          }
        }
      }
    }
    return results
  }

  /// The bits of the midpoints.
  private var midpointBits: Int { midpoints.map(\.bits).max() ?? 0 }

  /// One plane of a row of weights: its numbers stand for multiples of 2^`shift`.
  private struct Numbers {
    let row: Int
    let shift: Int
    let digits: [Int64]
    /// The greatest magnitude; below 2^62.
    let greatest: UInt64

    init(row: Int, shift: Int, _ digits: [Int64]) {
      self.row = row
      self.shift = shift
      self.digits = digits
      var greatest: UInt64 = 0
      for digit in digits { greatest = max(greatest, digit.magnitude) }
      self.greatest = greatest
    }

    /// The bits of the greatest magnitude.
    var bits: Int { UInt64.bitWidth - greatest.leadingZeroBitCount }

    /// The fewest bits whose loss, rounding up, leaves magnitudes below 2^7.
    var droppedBits: Int {
      let drop = max(0, bits - 7)
      return greatest > 127 << UInt64(drop) ? drop + 1 : drop
    }

    /// The magnitudes over 2^`drop`, rounded up.
    func magnitudes(dropping drop: Int) -> [Int64] {
      let rest = UInt64(1) << UInt64(drop) - 1
      return digits.map { Int64(($0.magnitude + rest) >> UInt64(drop)) }
    }
  }
}

extension MutableLimbs {
  /// Adds `number`, in two's complement and of any length, times 2^`left`, modulo 2^(64·count).
  ///
  /// - Precondition: `left` is not negative.
  func add(_ number: Limbs, shiftedLeft left: Int) {
    if left == 0, number.count >= count {
      add(number.part(0, count))
      return
    }
    MutableLimbs.scratch(count) { term in
      term.set(number, shiftedLeft: left)
      add(term.limbs)
    }
  }
}
