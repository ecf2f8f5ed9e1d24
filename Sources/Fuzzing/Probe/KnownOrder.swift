import PlumbTolerance

/// An order of additions that has a name.
struct KnownOrder {
  /// The words for it.
  let name: String
  /// The words of an arithmetic that say it, behind the format, one for each arithmetic that has it; none where no word is for it.
  let words: [String]
  /// The tree of so many terms.
  private let tree: (_ count: Int) -> SummationTree
  /// The size of the blocks inside of which any order will do; `nil` where there are none.
  private let freeBlock: Int?

  private init(
    _ name: String, _ words: [String], freeBlock: Int? = nil, tree: @escaping (_ count: Int) -> SummationTree
  ) {
    (self.name, self.words, self.freeBlock, self.tree) = (name, words, freeBlock, tree)
  }

  /// The first two terms that meet otherwise than in this order, as a sentence; `nil` where there are none.
  func difference(from found: TermMeetings) -> String? {
    let own = tree(found.count).meetings(found.count)
    for first in 0..<found.count {
      for second in first + 1..<found.count {
        let isFree = freeBlock.map { first / $0 == second / $0 } ?? false
        let most = freeBlock ?? 0
        guard isFree ? found[first, second] > most : found[first, second] != own[first, second] else { continue }
        let expected = isFree ? "at most \(most)" : "\(own[first, second])"
        return "\(first) and \(second) meet in a sum of \(found[first, second]), not of \(expected)"
      }
    }
    return nil
  }

  /// The orders of `count` terms, and the units for factors of `format`; sizes that are powers of two first.
  static func all(_ count: Int, of format: FloatFormat) -> [KnownOrder] {
    let sizes = (2..<count).sorted { (isPower($0) ? 0 : 1, $0) < (isPower($1) ? 0 : 1, $1) }
    return [
      KnownOrder("one after the other", ["order=sequence"]) { .sequence(Array(0..<$0)) },
      KnownOrder("one after the other, from the last", []) { .sequence((0..<$0).reversed()) },
      KnownOrder("by halves", ["order=tree"]) { .halves((0..<$0).map { .term($0) }) },
    ] + sizes.flatMap { lanes($0) + blocks($0, format) }
  }

  private static func lanes(_ lanes: Int) -> [KnownOrder] {
    func parts(_ count: Int) -> [SummationTree] {
      (0..<lanes).map { .sequence(Array(stride(from: $0, to: count, by: lanes))) }
    }
    let (name, words) = ("\(lanes) lanes, which are then added with", ["order=\(lanes)-lanes"])
    return [
      KnownOrder("\(name) their neighbours", words) { .neighbours(parts($0)) },
      KnownOrder("\(name) those half as many farther on", words) { .distant(parts($0)) },
    ]
  }

  private static func blocks(_ size: Int, _ format: FloatFormat) -> [KnownOrder] {
    let units = MatrixUnit.allCases.filter { unit in unit.alignedBlocks(of: format).contains { $0.size == size } }
    return [
      KnownOrder("blocks of \(size), each added at once to the sum so far", units.map { "unit=\($0.rawValue)" }) {
        .fused($0, size: size)
      },
      KnownOrder("blocks of \(size), added one after the other", ["order=blocks-of-\(size)"], freeBlock: size) {
        count in
        let blocks = stride(from: 0, to: count, by: size).map { first in
          SummationTree.sequence(Array(first..<min(first + size, count)))
        }
        return blocks.dropFirst().reduce(blocks[0]) { .sum([$0, $1]) }
      },
    ]
  }

  /// Whether `size` is a power of two, as sizes of kernels mostly are.
  private static func isPower(_ size: Int) -> Bool { size & (size - 1) == 0 }
}
