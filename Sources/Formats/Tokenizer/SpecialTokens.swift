/// Tokens that are recognised in a text as a whole, before anything else: the leftmost first, of those the longest.
struct SpecialTokens: Sendable {
  /// A piece of text, or one token found in it.
  enum Part: Equatable {
    /// The bytes in this range are text.
    case text(Range<Int>)
    /// This token stands here.
    case token(Int)
  }

  /// A trie: the child of a node by a byte, keyed by `node << 8 | byte`; node 0 is the root.
  private var children: [Int: Int] = [:]
  /// The token that ends at a node, and whether it is a control token.
  private var tokens: [Int: (token: Int, isControl: Bool)] = [:]

  /// Adds `token`, written `bytes`; an empty one is never found.
  mutating func insert(_ bytes: some Sequence<UInt8>, token: Int, isControl: Bool) {
    var node = 0
    for byte in bytes {
      let key = node << 8 | Int(byte)
      node = children[key] ?? children.count + 1
      children[key] = node
    }
    if node != 0 { tokens[node] = (token, isControl) }
  }

  /// The parts of `bytes` by one table after another, each within the text that those before it left.
  static func parts(of bytes: [UInt8], by tables: [SpecialTokens], parseControl: Bool) -> [Part] {
    tables.reduce(into: bytes.isEmpty ? [] : [.text(0..<bytes.count)]) { parts, table in
      parts = parts.flatMap { part in
        switch part {
        case .token: [part]
        case .text(let range): table.parts(of: bytes, in: range, parseControl: parseControl)
        }
      }
    }
  }

  /// The parts of the bytes in `range`, in order and without gaps; control tokens count only where `parseControl` says so.
  private func parts(of bytes: [UInt8], in range: Range<Int>, parseControl: Bool) -> [Part] {
    let bytes = bytes[..<range.upperBound]
    var parts: [Part] = []
    var start = range.lowerBound
    var place = start
    while place < bytes.endIndex {
      guard let match = longestMatch(in: bytes, at: place, parseControl: parseControl) else {
        place += 1
        continue
      }
      if start < place { parts.append(.text(start..<place)) }
      parts.append(.token(match.token))
      place += match.length
      start = place
    }
    if start < place { parts.append(.text(start..<place)) }
    return parts
  }

  private func longestMatch(in bytes: ArraySlice<UInt8>, at start: Int, parseControl: Bool) -> (
    token: Int, length: Int
  )? {
    var found: (token: Int, length: Int)?
    var node = 0
    var place = start
    while place < bytes.endIndex, let child = children[node << 8 | Int(bytes[place])] {
      node = child
      place += 1
      if let end = tokens[node], parseControl || !end.isControl { found = (end.token, place - start) }
    }
    return found
  }
}
