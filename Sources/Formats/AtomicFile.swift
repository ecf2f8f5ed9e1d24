#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Writes files so that nobody ever sees half of one.
public enum AtomicFile {
  /// Writes `bytes` beside `path` under a temporary name, then renames it to `path`.
  ///
  /// - Throws: `ModelError` when the file cannot be written; `path` is then as it was, and nothing is left behind.
  public static func write(_ bytes: [UInt8], to path: String) throws(ModelError) {
    let temporary = "\(path).\(getpid())-\(UInt32.random(in: .min ... .max)).tmp"
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure(path) }
    let isWritten = writeAll(bytes, to: descriptor) && fsync(descriptor) == 0
    let code = errno
    let isClosed = close(descriptor) == 0
    guard isWritten, isClosed, unsafe rename(temporary, path) == 0 else {
      if !isWritten { errno = code }
      let error = failure(path)
      // Sound, here and above: the calls only read the paths, which outlive them.
      unsafe unlink(temporary)
      throw error
    }
  }

  private static func writeAll(_ bytes: [UInt8], to descriptor: CInt) -> Bool {
    // Sound: the pointer and its count are used only while the array lends them.
    unsafe bytes.withUnsafeBytes { buffer in
      var rest = unsafe buffer[...]
      while unsafe !rest.isEmpty {
        let written = unsafe writeSome(descriptor, rest)
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else { return false }
        unsafe rest = unsafe rest.dropFirst(written)
      }
      return true
    }
  }

  private static func failure(_ path: String) -> ModelError {
    // Sound: strerror returns a C string that stays valid until its next call on this thread.
    let reason = unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
    return ModelError(file: path, problem: "cannot be written (\(reason))", remedy: "check the folder and the disk")
  }
}

/// Writes from the start of `bytes`, and says how many were written.
private func writeSome(_ descriptor: CInt, _ bytes: Slice<UnsafeRawBufferPointer>) -> Int {
  // Sound: the slice lies within the buffer that its caller borrowed.
  let buffer = unsafe UnsafeRawBufferPointer(rebasing: bytes)
  return unsafe write(descriptor, buffer.baseAddress, buffer.count)
}
