/// The merges of a byte-pair vocabulary.
struct MergeTable: Sendable {
  private var merges: [UInt64: SymbolChain.Merge] = [:]
  private var count: Int32 = 0

  /// Adds the merge of `left` and `right` into `result`, after all that were added before; of equals the first holds, or the last where
  /// it `replaces`.
  mutating func append(left: Int32, right: Int32, result: Int32, replaces: Bool = false) {
    let key = Self.key(left, right)
    guard merges[key] == nil || replaces else { return }
    merges[key] = SymbolChain.Merge(rank: count, result: result)
    count += 1
  }

  /// `symbols` after every merge that applies, in the order of the list.
  ///
  /// Source: Sennrich, Haddow & Birch 2016, algorithm 1.
  func merged(_ symbols: [Int32]) -> [Int32] {
    var chain = SymbolChain(symbols)
    chain.merge { symbols, _, left, right in merges[Self.key(symbols[left], symbols[right])] }
    return chain.remaining.map(\.symbol)
  }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }
}
