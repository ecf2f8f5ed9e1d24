#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The bytes of a file that is read at once: of any kind, so that a pipe does too.
package enum WholeFile {
  /// Reads the file at `path`, or the standard input for `-`.
  ///
  /// - Throws: `ModelError` when it cannot be read, is a directory, or holds more than `limit` bytes.
  package static func read(_ path: String, atMost limit: Int = 256 << 20) throws(ModelError) -> [UInt8] {
    // Sound: the call only reads the path, which outlives it.
    let descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw MappedFile.openError(path: path, code: errno) }
    defer { if descriptor != STDIN_FILENO { close(descriptor) } }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      // Sound: at most as many bytes are written as the buffer has.
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe readSome(descriptor, $0) }
      if count == 0 { return bytes }
      guard count > 0 else {
        if errno == EINTR { continue }
        throw errno == EISDIR
          ? ModelError(file: path, problem: "is a directory", remedy: "name a file")
          : MappedFile.openError(path: path, code: errno)
      }
      bytes += buffer[..<count]
      guard bytes.count <= limit else {
        throw ModelError(
          file: path, problem: "holds more than \(limit >> 20) MiB", remedy: "name a shorter file")
      }
    }
  }

  /// Reads the UTF-8 text at `path`, or that of the standard input for `-`.
  ///
  /// - Throws: `ModelError` when it cannot be read, or is not UTF-8.
  package static func text(_ path: String) throws(ModelError) -> String {
    guard let text = String(validating: try read(path), as: UTF8.self) else {
      throw ModelError(file: path, problem: "is not UTF-8 text", remedy: "convert it first")
    }
    return text
  }
}

/// Reads into `buffer`, and says how many bytes were read.
private func readSome(_ descriptor: CInt, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
  // Sound: at most as many bytes are written as the buffer has.
  unsafe read(descriptor, buffer.baseAddress, buffer.count)
}
