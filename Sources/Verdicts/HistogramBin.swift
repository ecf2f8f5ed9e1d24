/// A bin of a histogram: the number of elements that have a value above half of `upTo` and at most `upTo`.
///
/// Bins that hold nothing are left out; the others stand in rising order.
package struct HistogramBin: Sendable, Codable, Hashable {
  /// 0, a power of two, or infinity.
  package let upTo: Double
  /// The number of elements.
  package let count: Int

  /// Distances in ulps: those of at most 1/16 ulp, but not 0, share a bin.
  static func ulps(_ values: some Sequence<Double>) -> [HistogramBin] { bins(values, least: 0x1p-4) }

  /// Margins: those of at most 1/64, but not 0, share a bin.
  package static func margins(_ values: some Sequence<Double>) -> [HistogramBin] { bins(values, least: 0x1p-6) }

  /// The bins of several histograms together.
  package static func joined(_ histograms: some Sequence<[HistogramBin]>) -> [HistogramBin] {
    var counts: [Double: Int] = [:]
    for histogram in histograms {
      for bin in histogram { counts[bin.upTo, default: 0] += bin.count }
    }
    return sorted(counts)
  }

  /// Counts one more margin among `bins`.
  package static func add(margin: Double, to bins: inout [HistogramBin]) {
    let edge = edge(above: margin, least: 0x1p-6)
    let place = bins.firstIndex { $0.upTo >= edge } ?? bins.endIndex
    if place < bins.endIndex, bins[place].upTo == edge {
      bins[place] = HistogramBin(upTo: edge, count: bins[place].count + 1)
    } else {
      bins.insert(HistogramBin(upTo: edge, count: 1), at: place)
    }
  }

  /// The bins of `values`, none of which is negative or NaN.
  private static func bins(_ values: some Sequence<Double>, least: Double) -> [HistogramBin] {
    var counts: [Double: Int] = [:]
    for value in values { counts[edge(above: value, least: least), default: 0] += 1 }
    return sorted(counts)
  }

  private static func sorted(_ counts: [Double: Int]) -> [HistogramBin] {
    counts.sorted { $0.key < $1.key }.map { HistogramBin(upTo: $0.key, count: $0.value) }
  }

  /// The least edge that is not below `value`.
  private static func edge(above value: Double, least: Double) -> Double {
    if value == 0 || value.isInfinite { return value }
    if value <= least { return least }
    // The significand of a normal number is in [1, 2), and least makes every number here normal.
    return value.significand == 1 ? value : value.binade * 2
  }
}
