import Foundation
import Testing

/// The built command with a terminal as its standard error stream, where it shows its progress, and interrupted on the way.
struct WatchedCommand {
  let status: Int32
  let output: String
  /// The text that the terminal was told.
  let errors: String
  let duration: Duration

  /// The lines of progress that were shown.
  var progress: [Substring] {
    errors.split(whereSeparator: { $0 == "\r" || $0 == "\n" || $0 == "\r\n" }).filter { !$0.allSatisfy(\.isWhitespace) }
  }

  /// Runs `plumb` with `arguments` until the terminal shows `words`, and then interrupts it; without `words`, to its end.
  ///
  /// - Parameter columns: the terminal's width; 0 where it does not say.
  init(_ arguments: [String], interruptedAt words: String?, columns: UInt16 = 0) throws {
    var (terminal, side): (CInt, CInt) = (-1, -1)
    var size = winsize(ws_row: 0, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    try #require(openpty(&terminal, &side, nil, nil, &size) == 0)
    defer { close(terminal) }
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "out")
    try Data().write(to: file)
    let process = Process()
    process.executableURL = Command.executable
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: file)
    process.standardError = FileHandle(fileDescriptor: side)
    let start = ContinuousClock.now
    try process.run()
    close(side)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    var isInterrupted = words == nil
    while case let count = read(terminal, &buffer, buffer.count), count > 0 {
      bytes += buffer[..<count]
      if !isInterrupted, let words, String(decoding: bytes, as: UTF8.self).contains(words) {
        process.interrupt()
        isInterrupted = true
      }
    }
    process.waitUntilExit()
    duration = ContinuousClock.now - start
    status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    errors = String(decoding: bytes, as: UTF8.self)
    output = String(decoding: try Data(contentsOf: file), as: UTF8.self)
  }
}
