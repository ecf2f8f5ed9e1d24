import PlumbExact

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

  /// Takes in the numbers of `cells`, each of which lies in one bin: those above a power of two, up to and with the next, share
  /// 64 cells, and below 2⁻⁶⁴ there is one bin.
  mutating func add(_ cells: FineCounts) {
    for (limits, count) in cells.occupied { counts[bin(of: limits.upper)] += count }
  }

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
