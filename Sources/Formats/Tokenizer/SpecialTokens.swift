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
  /// The token that ends at a node, whether it is a control token, and whether the white space before it is part of it.
  private var tokens: [Int: (token: Int, isControl: Bool, takesSpace: Bool)] = [:]

  /// Adds `token`, written `bytes`; an empty one is never found.
  mutating func insert(_ bytes: some Sequence<UInt8>, token: Int, isControl: Bool, takesSpace: Bool = false) {
    var node = 0
    for byte in bytes {
      let key = node << 8 | Int(byte)
      node = children[key] ?? children.count + 1
      children[key] = node
    }
    if node != 0 { tokens[node] = (token, isControl, takesSpace) }
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
      let end = match.takesSpace ? Self.withoutSpace(bytes[start..<place]) : place
      if start < end { parts.append(.text(start..<end)) }
      parts.append(.token(match.token))
      place += match.length
      start = place
    }
    if start < place { parts.append(.text(start..<place)) }
    return parts
  }

  /// The end of `bytes`, a whole number of characters, without the white space that they end in.
  private static func withoutSpace(_ bytes: ArraySlice<UInt8>) -> Int {
    let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
    let ending = scalars.reversed().prefix(while: \.properties.isWhitespace)
    return bytes.endIndex - ending.reduce(0) { $0 + UTF8.width($1) }
  }

  private func longestMatch(in bytes: ArraySlice<UInt8>, at start: Int, parseControl: Bool) -> (
    token: Int, length: Int, takesSpace: Bool
  )? {
    var found: (token: Int, length: Int, takesSpace: Bool)?
    var node = 0
    var place = start
    while place < bytes.endIndex, let child = children[node << 8 | Int(bytes[place])] {
      node = child
      place += 1
      if let end = tokens[node], parseControl || !end.isControl {
        found = (end.token, place - start, end.takesSpace)
      }
    }
    return found
  }
}
