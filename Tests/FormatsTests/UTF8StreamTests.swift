import PlumbFormats
import Testing

@Suite struct UTF8StreamTests {
  static let inputs: [[UInt8]] = [
    Array("plain".utf8), Array("né日👍\u{301}".utf8), Array("👩‍👩‍👧\0\n".utf8),
    // Broken: a lone continuation, an overlong form, a surrogate, beyond U+10FFFF, cut characters.
    [0x80, 0x41], [0xc0, 0xaf, 0x41], [0xed, 0xa0, 0x80, 0x41], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80],
    [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xe2, 0x41], [0xf0, 0x9f, 0x41, 0x80], [0xf0, 0x80, 0x80, 0x41], [0xe0, 0x80],
    [0xf0, 0x9f, 0xf0, 0x9f, 0x98, 0x80],
  ]

  @Test(arguments: inputs) func piecesMakeTheWhole(_ bytes: [UInt8]) {
    for step in 1...4 {
      var stream = UTF8Stream()
      var text = ""
      for start in stride(from: 0, to: bytes.count, by: step) {
        text += stream.append(Array(bytes[start..<min(start + step, bytes.count)]))
      }
      text += stream.finish()
      #expect(Array(text.unicodeScalars) == Array(String(decoding: bytes, as: UTF8.self).unicodeScalars))
    }
  }

  @Test func aCharacterComesWithItsLastByte() {
    var stream = UTF8Stream()
    #expect([0x61, 0xf0, 0x9f, 0x98, 0x80, 0x62].map { stream.append([$0]) } == ["a", "", "", "", "😀", "b"])
    #expect(stream.finish() == "")
  }

  /// The second bytes that the Unicode standard's table 3-7 allows wait for more; those beside them are wrong at once.
  @Test(
    arguments: [
      (0xe0, 0xa0...0xbf), (0xe1, 0x80...0xbf), (0xed, 0x80...0x9f), (0xf0, 0x90...0xbf), (0xf1, 0x80...0xbf),
      (0xf4, 0x80...0x8f),
    ] as [(UInt8, ClosedRange<UInt8>)])
  func onlyWhatMayBecomeACharacterWaits(_ lead: UInt8, allowed: ClosedRange<UInt8>) {
    for second in UInt8(0x7f)...0xc0 {
      var stream = UTF8Stream()
      #expect(stream.append([lead, second]).isEmpty == allowed.contains(second), "\(second)")
    }
  }

  @Test func whatBeginsNothingDoesNotWait() {
    for lead in Array(UInt8(0x80)...0xc1) + Array(UInt8(0xf5)...0xff) {
      var stream = UTF8Stream()
      #expect(stream.append([lead]) == "\u{fffd}")
    }
  }
}
