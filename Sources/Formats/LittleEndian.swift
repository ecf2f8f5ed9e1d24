/// The bytes of `words`, one after the other, the lowest of each first.
package func littleEndian(_ words: [some FixedWidthInteger]) -> [UInt8] {
  // Sound: the words live while their bytes are copied.
  unsafe words.map(\.littleEndian).withUnsafeBytes { unsafe Array($0) }
}

/// The bytes of `word`, the lowest first.
package func littleEndian(_ word: some FixedWidthInteger) -> [UInt8] { littleEndian([word]) }
