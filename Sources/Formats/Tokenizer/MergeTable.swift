/// The merges of a byte-pair vocabulary, and how a piece of text is merged by them.
struct MergeTable: Sendable {
  /// The result of a merge, and its place in the list.
  struct Merge: Sendable {
    let rank: Int32
    let result: Int32
  }

  private var merges: [UInt64: Merge] = [:]

  /// Adds the merge of `left` and `right` into `result`, after all that were added before; the first of equals holds.
  mutating func append(left: Int32, right: Int32, result: Int32) {
    let key = Self.key(left, right)
    guard merges[key] == nil else { return }
    merges[key] = Merge(rank: Int32(merges.count), result: result)
  }

  /// `symbols` after every merge that applies, in the order of the list.
  ///
  /// The symbols are a linked list, and the merges that wait are a queue, so n symbols take O(n log n). A merge that
  /// was overtaken (one of its symbols has since grown or gone) is recognised because its symbols are no longer there:
  /// symbols only grow, and a place that was swallowed is marked.
  /// Source: Sennrich, Haddow & Birch 2016, algorithm 1.
  func merged(_ symbols: [Int32]) -> [Int32] {
    guard symbols.count > 1 else { return symbols }
    var symbols = symbols
    var next = (1...symbols.count).map(Int32.init)
    var previous = (-1..<symbols.count - 1).map(Int32.init)
    var queue = MergeQueue()
    let end = Int32(symbols.count)
    let swallowed: Int32 = -1

    func enqueue(_ place: Int32, _ symbols: [Int32], _ next: [Int32]) {
      let right = next[Int(place)]
      guard right < end else { return }
      let pair = (left: symbols[Int(place)], right: symbols[Int(right)])
      guard let merge = merges[Self.key(pair.left, pair.right)] else { return }
      queue.insert(.init(rank: merge.rank, place: place, left: pair.left, right: pair.right))
    }

    for place in 0..<end { enqueue(place, symbols, next) }
    while let candidate = queue.popFirst() {
      let place = Int(candidate.place)
      let right = Int(next[place])
      guard symbols[place] == candidate.left, right < end, symbols[right] == candidate.right,
        let merge = merges[Self.key(candidate.left, candidate.right)]
      else { continue }
      symbols[place] = merge.result
      symbols[right] = swallowed
      next[place] = next[right]
      if next[right] < end { previous[Int(next[right])] = candidate.place }
      enqueue(candidate.place, symbols, next)
      if previous[place] >= 0 { enqueue(previous[place], symbols, next) }
    }
    return symbols.filter { $0 != swallowed }
  }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }
}
