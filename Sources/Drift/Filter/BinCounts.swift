/// Counts for the bins of a histogram: 0, what is at most `least`, and each power of two above.
struct BinCounts {
  /// By `bin(of:)`.
  private var counts = [Int](repeating: 0, count: 2048)
  /// The bin of `least`.
  private let leastBin: Int

  /// No counts; `least` is a power of two.
  init(least: Double) { leastBin = Int((least.bitPattern - 1) >> 52) }

  /// The bin of `value`, which is not negative: 0 for 0, otherwise one for the numbers above half of a power of two and at
  /// most it.
  ///
  /// The numbers whose patterns less 1 share an exponent are those above a power of two, up to and with the next.
  @inline(__always)
  func bin(of value: Double) -> Int { value == 0 ? 0 : max(leastBin, Int((value.bitPattern - 1) >> 52)) }

  @inline(__always)
  mutating func add(_ bin: Int) { counts[bin] += 1 }

  /// The histogram.
  var histogram: [HistogramBin] {
    counts.indices.filter { counts[$0] > 0 }.map { bin in
      // Bin b holds what is above 2^(b − 1023) and at most 2^(b − 1022); the last one is infinity's.
      HistogramBin(
        upTo: bin == 0 ? 0 : bin >= 2046 ? .infinity : Double(sign: .plus, exponent: bin - 1022, significand: 1),
        count: counts[bin])
    }
  }
}

/// Counts of numbers by their first few bits, in which an order statistic is found.
struct FineCounts {
  /// 64 cells to the octave, from 2^−64 to 2^192, with what is below and above in the first and the last.
  private var counts = [Int32](repeating: 0, count: 256 * 64)
  private static var first: Int { (1023 - 64) << 6 }

  @inline(__always)
  mutating func add(_ value: Double) {
    counts[min(max(Int(value.bitPattern >> 46) - Self.first, 0), counts.count - 1)] += 1
  }

  /// The limits between which the number with `rank` others below it, or equal and before it, lies.
  func limits(ofRank rank: Int) -> (lower: Double, upper: Double) {
    var below = 0
    for (cell, count) in counts.enumerated() {
      below += Int(count)
      guard below > rank else { continue }
      let lower = cell == 0 ? 0 : Double(bitPattern: UInt64(Self.first + cell) << 46)
      let isLast = cell == counts.count - 1
      return (lower, isLast ? .infinity : Double(bitPattern: UInt64(Self.first + cell + 1) << 46))
    }
    return (0, .infinity)
  }
}
