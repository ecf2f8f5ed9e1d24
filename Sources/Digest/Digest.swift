import Crypto

/// The SHA-256 of bytes that come in pieces.
///
/// A target of its own, as the library behind it takes about as long to build as all else that the sanitizers need: for
/// them the manifest puts a checksum in its place.
package struct Digest {
  private var hash = SHA256()

  package init() {}

  /// Takes the next bytes.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    // Sound: the buffer is lent by the caller, and nothing of it is kept.
    unsafe hash.update(bufferPointer: bytes)
  }

  /// The digest of all bytes so far.
  package func bytes() -> [UInt8] { Array(hash.finalize()) }
}
