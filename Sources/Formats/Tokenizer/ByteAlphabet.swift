/// The characters by which a byte-level vocabulary writes bytes.
///
/// The printable bytes of Latin-1 stand for themselves; the others, in order, are written as U+0100, U+0101, …
/// Source: `bytes_to_unicode` in the code published with GPT-2 (Radford et al. 2019).
package enum ByteAlphabet {
  /// The character of each byte.
  package static let scalars: [Unicode.Scalar] = {
    var next: UInt16 = 0x100
    return (UInt8.min...UInt8.max).map { byte in
      if isPrintable(byte) { return Unicode.Scalar(byte) }
      defer { next += 1 }
      // No value from 0x100 to 0x143 is a surrogate.
      return Unicode.Scalar(next) ?? "?"
    }
  }()

  /// The byte of each character below U+0144, where there is one.
  private static let bytes: [UInt8?] = {
    var bytes = [UInt8?](repeating: nil, count: 0x144)
    for (scalar, byte) in zip(scalars, UInt8.min...UInt8.max) { bytes[Int(scalar.value)] = byte }
    return bytes
  }()

  /// The bytes that `text` writes, or `nil` where a character is not of the alphabet.
  static func bytes(of text: String) -> [UInt8]? {
    var result: [UInt8] = []
    for scalar in text.unicodeScalars {
      guard scalar.value < bytes.count, let byte = bytes[Int(scalar.value)] else { return nil }
      result.append(byte)
    }
    return result
  }

  private static func isPrintable(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x21...0x7e, 0xa1...0xac, 0xae...0xff: true
    default: false
    }
  }
}
