#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The writing of bytes to an open descriptor, whole, and the words for what stands in its way.
package enum Descriptor {
  /// Writes all of `bytes`, and waits where the other side is slow.
  ///
  /// - Returns: the error's number where not all could be written; `nil` where all were.
  package static func write(_ bytes: some Sequence<UInt8>, to descriptor: CInt) -> CInt? {
    let bytes = Array(bytes)
    // Sound: the pointer and its count are used only while the array lends them.
    return unsafe bytes.withUnsafeBytes { buffer in
      var rest = unsafe buffer[...]
      while unsafe !rest.isEmpty {
        let written = unsafe writeSome(descriptor, rest)
        if written > 0 {
          unsafe rest = unsafe rest.dropFirst(written)
          continue
        }
        switch written < 0 ? errno : EIO {
        case EINTR: continue
        case EAGAIN:
          var end = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          // Sound: one descriptor is given, and one is there.
          _ = unsafe poll(&end, 1, -1)
        case let code: return code
        }
      }
      return nil
    }
  }

  /// The meaning of the error number `code`.
  package static func message(_ code: CInt) -> String {
    // Sound: strerror returns a C string that stays valid until its next call on this thread.
    unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
  }
}

/// Writes from the start of `bytes`, and says how many were written.
private func writeSome(_ descriptor: CInt, _ bytes: Slice<UnsafeRawBufferPointer>) -> Int {
  // Sound: the slice lies within the buffer that its caller borrowed.
  let buffer = unsafe UnsafeRawBufferPointer(rebasing: bytes)
  return unsafe write(descriptor, buffer.baseAddress, buffer.count)
}
