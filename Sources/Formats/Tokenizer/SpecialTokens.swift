/// Tokens that are recognised in a text as a whole, before anything else: the leftmost first, of those the longest.
struct SpecialTokens: Sendable {
  /// A piece of text, or one token found in it.
  enum Part: Equatable {
    /// The bytes in this range are text.
    case text(Range<Int>)
    /// This token stands here.
    case token(Int)

    /// The token, where this is one.
    var token: [Int] { if case .token(let token) = self { [token] } else { [] } }
  }

  /// A trie: the child of a node by a byte, keyed by `node << 8 | byte`; node 0 is the root.
  private var children: [Int: Int] = [:]
  /// The token that ends at a node.
  private var tokens: [Int: WholeToken] = [:]

  /// Adds `token`, written `bytes`; an empty one is never found.
  mutating func insert(_ bytes: some Sequence<UInt8>, _ token: WholeToken) {
    var node = 0
    for byte in bytes {
      let key = node << 8 | Int(byte)
      node = children[key] ?? children.count + 1
      children[key] = node
    }
    if node != 0 { tokens[node] = token }
  }

  /// The parts of `bytes`, in order and without gaps but for white space that tokens take; control tokens count only where
  /// `parseControl` says so.
  func parts(of bytes: [UInt8], parseControl: Bool) -> [Part] {
    if children.isEmpty { return bytes.isEmpty ? [] : [.text(0..<bytes.count)] }
    var parts: [Part] = []
    var start = 0
    var place = 0
    while place < bytes.endIndex {
      guard let match = longestMatch(in: bytes, at: place, parseControl: parseControl) else {
        place += 1
        continue
      }
      let (token, end) = (match.token, place + match.length)
      let (before, behind) = (bytes[min(start, place)..<place], bytes[end...])
      place = end
      if token.sides.isSingleWord,
        Self.ends(bytes[..<(end - match.length)], in: .joinedWord) || Self.begins(behind, with: .joinedWord)
      {
        continue
      }
      let textEnd = before.endIndex - (token.sides.takesSpaceBefore ? Self.space(before, fromEnd: true) : 0)
      if start < textEnd { parts.append(.text(start..<textEnd)) }
      parts.append(.token(token.id))
      // The token that comes next may begin within the white space that this one takes.
      start = end + (token.sides.takesSpaceBehind ? Self.space(behind, fromEnd: false) : 0)
    }
    if start < bytes.count { parts.append(.text(start..<bytes.count)) }
    return parts
  }

  /// The bytes of the white space at the end or the beginning of `bytes`, which are a whole number of characters.
  private static func space(_ bytes: ArraySlice<UInt8>, fromEnd: Bool) -> Int {
    // Characters are looked at as they come, as a text may be long and have many tokens.
    var (count, rest) = (0, bytes)
    while let scalar = fromEnd ? last(rest) : first(rest), scalar.properties.isWhitespace {
      let width = UTF8.width(scalar)
      count += width
      rest = fromEnd ? rest.dropLast(width) : rest.dropFirst(width)
    }
    return count
  }

  private static func ends(_ bytes: ArraySlice<UInt8>, in set: ScalarSet) -> Bool {
    last(bytes).map { set.contains($0, ScalarCategory.number(of: $0)) } ?? false
  }

  private static func begins(_ bytes: ArraySlice<UInt8>, with set: ScalarSet) -> Bool {
    first(bytes).map { set.contains($0, ScalarCategory.number(of: $0)) } ?? false
  }

  private static func first(_ bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
    String(decoding: bytes.prefix(4), as: UTF8.self).unicodeScalars.first
  }

  private static func last(_ bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
    let length = bytes.suffix(4).reversed().firstIndex { $0 & 0xc0 != 0x80 }
    guard let length else { return nil }
    return String(decoding: bytes[(length.base - 1)...], as: UTF8.self).unicodeScalars.first
  }

  private func longestMatch(
    in bytes: [UInt8], at start: Int, parseControl: Bool
  ) -> (token: WholeToken, length: Int)? {
    var found: (token: WholeToken, length: Int)?
    var node = 0
    var place = start
    while place < bytes.endIndex, let child = children[node << 8 | Int(bytes[place])] {
      node = child
      place += 1
      if let token = tokens[node], parseControl || !token.isControl { found = (token, place - start) }
    }
    return found
  }
}
