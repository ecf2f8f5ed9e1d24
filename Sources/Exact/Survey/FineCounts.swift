internal import CExact

/// Counts of numbers by their first few bits, in which an order statistic is found.
package struct FineCounts: Sendable {
  /// 0; then 64 cells to the octave from 2⁻⁶⁴ to 2¹⁹², with what is below and above in the first and the last of them.
  private var counts = [Int32](repeating: 0, count: Self.cells)
  private static let cells = Int(PLUMB_SURVEY_CELLS)
  private static var first: Int { (1023 - 64) << 6 }

  /// No numbers.
  package init() {}

  /// Takes in `value`, which is not negative.
  ///
  /// The numbers whose patterns less 1 share their first bits lie above one limit, and up to and with the next.
  package mutating func add(_ value: Double) {
    let cell = value == 0 ? 0 : min(max(Int((value.bitPattern - 1) >> 46) - Self.first + 1, 1), counts.count - 1)
    counts[cell] += 1
  }

  /// Takes in what `other` has.
  package mutating func add(_ other: FineCounts) {
    for cell in counts.indices { counts[cell] += other.counts[cell] }
  }

  /// The limits between which the numbers of a cell lie, and their count, for each cell that holds something.
  package var occupied: [(limits: (above: Double, upper: Double), count: Int)] {
    counts.indices.filter { counts[$0] > 0 }.map { (limits(of: $0), Int(counts[$0])) }
  }

  /// Calls `body` with the counts by cell.
  mutating func withCounts<Result>(_ body: (UnsafeMutablePointer<Int32>?) -> Result) -> Result {
    // Sound: the caller counts numbers of the cells that there are.
    unsafe counts.withUnsafeMutableBufferPointer { counts in unsafe body(counts.baseAddress) }
  }

  /// The limit that the numbers of `cell` lie above, and the greatest that it may hold.
  private func limits(of cell: Int) -> (above: Double, upper: Double) {
    if cell == 0 { return (-1, 0) }
    func limit(_ cell: Int) -> Double { Double(bitPattern: UInt64(Self.first + cell) << 46) }
    return (cell == 1 ? 0 : limit(cell - 1), cell == counts.count - 1 ? .infinity : limit(cell))
  }
}
