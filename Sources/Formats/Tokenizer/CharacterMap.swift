/// The map from characters to others that tokenizers of SentencePiece begin with: a trie in an array, and the texts that it leads to.
///
/// Source: `spm_precompiled` of huggingface, which reads what SentencePiece writes; the array is that of Darts.
struct CharacterMap: Sendable {
  private let units: [UInt32]
  private let texts: [UInt8]

  /// Reads the map from its bytes: the length of the array in bytes, the array, the texts, each ended by a zero.
  ///
  /// - Returns: `nil` where they are no such thing.
  init?(_ bytes: [UInt8]) {
    func word(_ place: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) } }
    guard bytes.count >= 4 else { return nil }
    let length = Int(word(0))
    guard length.isMultiple(of: 4), length > 0, length <= bytes.count - 4 else { return nil }
    units = stride(from: 4, to: 4 + length, by: 4).map(word)
    texts = Array(bytes[(4 + length)...])
  }

  /// The map that changes nothing.
  init() { (units, texts) = ([], []) }

  /// `text` with each character that the map knows replaced.
  func mapped(_ text: String) -> String {
    if units.isEmpty { return text }
    var result: [UInt8] = []
    for character in text {
      let whole = Array(character.utf8)
      // Longer ones are looked up scalar by scalar.
      if whole.count < 6, let text = self[whole] {
        result += text
        continue
      }
      for scalar in character.unicodeScalars {
        let bytes = Array(String(scalar).utf8)
        result += self[bytes] ?? bytes[...]
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// `text` with each longest run of bytes that the map knows replaced, as SentencePiece and llama.cpp do it.
  func mappedByRuns(_ text: String) -> String {
    if units.isEmpty { return text }
    let bytes = Array(text.utf8)
    var (result, place) = ([UInt8](), 0)
    while place < bytes.count {
      if let (end, start) = longestRun(of: bytes, from: place) {
        result += texts[start...].prefix { $0 != 0 }
        place = end
      } else {
        // The whole of a character: no run begins within one.
        repeat {
          result.append(bytes[place])
          place += 1
        } while place < bytes.count && bytes[place] & 0xc0 == 0x80
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// The end of the longest run from `place` on that the map knows, and where its text begins; `nil` where it knows none.
  private func longestRun(of bytes: [UInt8], from place: Int) -> (end: Int, text: Int)? {
    var (node, longest) = (offset(units[0]), (end: Int, text: Int)?.none)
    for index in place..<bytes.count {
      if bytes[index] == 0 { break }
      node ^= Int(bytes[index])
      guard node < units.count, units[node] & 0x8000_00ff == UInt32(bytes[index]) else { break }
      let unit = units[node]
      node ^= offset(unit)
      guard unit & 0x100 != 0 else { continue }
      guard node < units.count else { break }
      let start = Int(units[node] & 0x7fff_ffff)
      guard start <= texts.count else { break }
      longest = (index + 1, start)
    }
    return longest
  }

  /// The text for the shortest beginning of `key` that the map knows; `nil` where it knows none.
  private subscript(_ key: [UInt8]) -> ArraySlice<UInt8>? {
    var node = offset(units[0])
    for byte in key where byte != 0 {
      node ^= Int(byte)
      guard node < units.count, units[node] & 0x8000_00ff == UInt32(byte) else { return nil }
      let unit = units[node]
      node ^= offset(unit)
      guard unit & 0x100 != 0 else { continue }
      guard node < units.count else { return nil }
      let start = Int(units[node] & 0x7fff_ffff)
      guard start <= texts.count else { return nil }
      return texts[start...].prefix { $0 != 0 }
    }
    return nil
  }

  /// The distance from a node to its children.
  private func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 0x200) >> 6) }
}
