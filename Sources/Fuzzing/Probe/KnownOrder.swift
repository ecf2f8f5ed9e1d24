import PlumbTolerance

/// An order of additions that has a name.
struct KnownOrder {
  /// The words for it.
  let name: String
  /// The words of an arithmetic that say it, behind the format, one for each arithmetic that has it; none where no word is for it.
  let words: [String]
  let meetings: TermMeetings

  /// The orders of `count` terms, and the units for factors of `format`, of which each stands before those that say less.
  static func all(_ count: Int, of format: FloatFormat) -> [KnownOrder] {
    let places = Array(0..<count)
    func known(_ name: String, _ words: [String], _ tree: SummationTree) -> KnownOrder {
      KnownOrder(name: name, words: words, meetings: tree.meetings(count))
    }
    var orders = [
      known("one after the other", ["order=sequence"], .sequence(places)),
      known("one after the other, from the last", [], .sequence(places.reversed())),
      known("by halves", ["order=tree"], .halves(places.map { .term($0) })),
    ]
    let sizes = (2..<count).sorted { (isPower($0) ? 0 : 1, $0) < (isPower($1) ? 0 : 1, $1) }
    for lanes in sizes {
      let parts = (0..<lanes).map { lane in SummationTree.sequence(Array(stride(from: lane, to: count, by: lanes))) }
      let name = "\(lanes) lanes, which are then added"
      orders.append(known("\(name) with their neighbours", ["order=\(lanes)-lanes"], .neighbours(parts)))
      orders.append(known("\(name) with those half as many farther on", ["order=\(lanes)-lanes"], .distant(parts)))
    }
    for size in sizes {
      let units = MatrixUnit.allCases.flatMap { unit in
        unit.alignedBlocks(of: format).filter { $0.size == size }.map { _ in "unit=\(unit.rawValue)" }
      }
      var words: [String] = []
      for unit in units where !words.contains(unit) { words.append(unit) }
      orders.append(known("blocks of \(size), each added at once to the sum so far", words, .fused(count, size: size)))
      let blocks = stride(from: 0, to: count, by: size).map { first in
        SummationTree.sequence(Array(first..<min(first + size, count)))
      }
      let sums = blocks.dropFirst().reduce(blocks[0]) { .sum([$0, $1]) }
      orders.append(
        known("blocks of \(size), added one after the other", ["order=blocks-of-\(size)"], sums))
    }
    return orders
  }

  /// Whether `size` is a power of two, as sizes of kernels mostly are.
  private static func isPower(_ size: Int) -> Bool { size & (size - 1) == 0 }
}
