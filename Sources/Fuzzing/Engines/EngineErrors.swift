import Foundation
import PlumbFormats
import PlumbVerdicts

/// The standard error stream of another engine: what it says is passed on, unless it is muted, and the end of it is kept.
struct EngineErrors {
  private let pipe: Int32
  private var tail: [UInt8] = []
  /// Whether what it says is thrown away.
  var isMuted = false
  /// The descriptor that more may come from; -1 after the end of the stream.
  private(set) var descriptor: Int32

  /// Reads from `pipe`, which does not block.
  init(_ pipe: Int32) {
    self.pipe = pipe
    descriptor = pipe
  }

  /// The last line, for people; `nil` where there was none since `forget`.
  var lastWords: String? {
    let lines = String(decoding: tail, as: UTF8.self).split { $0.isNewline }
    return lines.last { !$0.allSatisfy(\.isWhitespace) }.map { "'" + ReportText.shown(String($0.prefix(160))) + "'" }
  }

  /// Forgets what has been said so far.
  mutating func forget() { tail = [] }

  /// Takes what has arrived.
  mutating func read() {
    var buffer = [UInt8](repeating: 0, count: 1 << 12)
    while descriptor >= 0 {
      // Sound: at most as many bytes are read as the buffer has.
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe Foundation.read(pipe, $0.baseAddress, $0.count) }
      if count == 0 { descriptor = -1 }
      guard count > 0 else { return }
      tail = (tail + buffer[..<count]).suffix(1 << 12)
      // What our own standard error stream does not take is lost.
      if !isMuted { _ = Descriptor.write(buffer[..<count], to: STDERR_FILENO) }
    }
  }

  /// Closes the pipe.
  func end() { close(pipe) }
}
