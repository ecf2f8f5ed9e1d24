import ArgumentParser
import PlumbFormats

/// The files that a command writes beside what it prints, after it has printed.
///
/// One that cannot be written keeps nobody from the others: it is said, and the command fails at the end.
struct OutputFiles {
  private var isFailed = false

  /// Writes `text` to `path`, whole or not at all; nothing where there is no path.
  mutating func write(_ text: @autoclosure () throws -> String, to path: String?) rethrows {
    try write(bytes: Array(try text().utf8), to: path)
  }

  /// Writes `bytes` to `path`, whole or not at all; nothing where there is no path.
  mutating func write(bytes: @autoclosure () throws -> [UInt8], to path: String?) rethrows {
    guard let path else { return }
    let bytes = try bytes()
    do {
      try AtomicFile.write(bytes, to: path)
    } catch {
      fail("\(error)")
    }
  }

  /// Says that a file could not be written, and why.
  mutating func fail(_ message: String) {
    StandardError.write("plumb: \(message)\n")
    isFailed = true
  }

  /// Fails where a file could not be written.
  func finish() throws(ExitCode) {
    if isFailed { throw ExitCode(2) }
  }
}
