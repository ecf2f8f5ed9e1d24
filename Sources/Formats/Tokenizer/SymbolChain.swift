/// Symbols in a row, of which neighbours are merged: the lowest rank first, and of equals the leftmost.
///
/// The symbols are a linked list, and the merges that wait are a queue, so n symbols take O(n log n). A merge that was overtaken (one
/// of its symbols has since grown or gone) is recognised because its symbols are no longer there: symbols only grow, and a place that
/// was swallowed is marked.
struct SymbolChain {
  /// The result of a merge, and when its turn is.
  struct Merge: Sendable {
    let rank: Int32
    let result: Int32
  }

  /// The rule by which neighbours merge: asked with all symbols, and the places where the left one begins, the right one begins, and the
  /// right one ends.
  typealias Rule = (_ symbols: [Int32], _ end: Int, _ left: Int, _ right: Int) -> Merge?

  private static let swallowed = Int32.min

  private var symbols: [Int32]
  private var next: [Int32]
  private var previous: [Int32]
  private var queue = MergeQueue()

  init(_ symbols: [Int32]) {
    self.symbols = symbols
    next = symbols.indices.map { Int32($0 + 1) }
    previous = symbols.indices.map { Int32($0 - 1) }
  }

  /// The symbols that are left, and the places where each begins and ends.
  var remaining: [(symbol: Int32, range: Range<Int>)] {
    symbols.indices.compactMap { symbols[$0] == Self.swallowed ? nil : (symbols[$0], $0..<Int(next[$0])) }
  }

  /// Merges as long as `rule` has something to merge.
  mutating func merge(by rule: Rule) {
    guard symbols.count > 1 else { return }
    for place in symbols.indices { enqueue(place, rule) }
    while let candidate = queue.popFirst() {
      let place = Int(candidate.place)
      let right = Int(next[place])
      guard symbols[place] == candidate.left, right < symbols.count, symbols[right] == candidate.right,
        let merge = rule(symbols, Int(next[right]), place, right)
      else { continue }
      symbols[place] = merge.result
      symbols[right] = Self.swallowed
      next[place] = next[right]
      if Int(next[right]) < symbols.count { previous[Int(next[right])] = candidate.place }
      enqueue(place, rule)
      if previous[place] >= 0 { enqueue(Int(previous[place]), rule) }
    }
  }

  private mutating func enqueue(_ place: Int, _ rule: Rule) {
    let right = Int(next[place])
    guard right < symbols.count, let merge = rule(symbols, Int(next[right]), place, right) else { return }
    queue.insert(
      .init(rank: merge.rank, place: Int32(place), left: symbols[place], right: symbols[right]))
  }
}
