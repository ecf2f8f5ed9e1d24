import CCrypto

/// The SHA-256 of bytes that come in pieces.
@safe package struct Digest: ~Copyable {
  private let context: OpaquePointer

  init() {
    // Sound: the context is checked, and freed once.
    guard let context = unsafe EVP_MD_CTX_new(), unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      fatalError("libcrypto offers no SHA-256, or there is no memory")
    }
    unsafe self.context = unsafe context
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  /// Takes the next bytes.
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    // Sound: the buffer is lent by the caller, and nothing of it is kept.
    let isTaken = unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
    precondition(isTaken, "libcrypto refused \(bytes.count) bytes")
  }

  /// The digest of all bytes so far, after which there are no more.
  consuming func bytes() -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
      var written: UInt32 = 0
      // Sound: SHA-256 writes 32 bytes, and the buffer has as many.
      let isWritten = unsafe EVP_DigestFinal_ex(context, buffer.baseAddress, &written) == 1
      precondition(isWritten && written == 32, "libcrypto gave \(written) bytes of SHA-256")
      count = 32
    }
  }

  /// The digest of all bytes so far as 64 lower-case hexadecimal digits, after which there are no more.
  consuming func hexadecimal() -> String {
    bytes().map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}

extension Digest {
  /// The SHA-256 of `bytes`.
  package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    var digest = Digest()
    // Sound: the bytes are used only while the array lends them.
    unsafe bytes.withUnsafeBytes { unsafe digest.update($0) }
    return digest.bytes()
  }

  /// The SHA-256 of `bytes`, as 64 lower-case hexadecimal digits.
  package static func hexadecimal(_ bytes: [UInt8]) -> String {
    sha256(bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
