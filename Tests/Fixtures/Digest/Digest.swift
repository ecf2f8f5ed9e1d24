/// A checksum of bytes that come in pieces, in place of SHA-256 where the sanitizers run: FNV-1a of 64 bits.
package struct Digest {
  private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

  package init() {}

  /// Takes the next bytes.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    // Sound: the buffer is lent by the caller, and nothing of it is kept.
    for index in 0..<bytes.count { hash = (hash ^ UInt64(unsafe bytes[index])) &* 0x100_0000_01B3 }
  }

  /// The checksum of all bytes so far.
  package func bytes() -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: hash >> (8 * $0)) } }
}
