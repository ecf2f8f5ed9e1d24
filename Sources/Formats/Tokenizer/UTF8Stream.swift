/// Puts characters together out of bytes that arrive in pieces.
///
/// All that is certain is handed on at once; at most three bytes wait. The pieces together are always what
/// `String(decoding:as:)` makes of all the bytes at once.
package struct UTF8Stream: Sendable {
  private var waiting: [UInt8] = []

  /// Makes an empty stream.
  package init() {}

  /// The text that `bytes` complete; what can never become UTF-8 is U+FFFD.
  package mutating func append(_ bytes: [UInt8]) -> String {
    waiting += bytes
    let split = waiting.count - Self.incompleteSuffix(waiting)
    defer { waiting.removeFirst(split) }
    return String(decoding: waiting[..<split], as: UTF8.self)
  }

  /// The text of what still waits: U+FFFD where a character was left incomplete.
  package mutating func finish() -> String {
    defer { waiting = [] }
    return String(decoding: waiting, as: UTF8.self)
  }

  /// The number of bytes at the end that begin a character and that more bytes might still complete.
  private static func incompleteSuffix(_ bytes: [UInt8]) -> Int {
    for length in 1...3 where length <= bytes.count {
      let suffix = bytes.suffix(length)
      guard let lead = suffix.first, lead & 0xc0 != 0x80 else { continue }
      let needed =
        switch lead {
        case 0xc2...0xdf: 2
        case 0xe0...0xef: 3
        case 0xf0...0xf4: 4
        default: 1
        }
      return length < needed && isWellFormedStart(suffix) ? length : 0
    }
    return 0
  }

  /// Whether the second byte, where there is one, is allowed after the first (Unicode standard, table 3-7).
  private static func isWellFormedStart(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard let lead = bytes.first, let second = bytes.dropFirst().first else { return true }
    return switch lead {
    case 0xe0: (0xa0...0xbf).contains(second)
    case 0xed: (0x80...0x9f).contains(second)
    case 0xf0: (0x90...0xbf).contains(second)
    case 0xf4: (0x80...0x8f).contains(second)
    default: true
    }
  }
}
