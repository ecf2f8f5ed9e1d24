import Foundation
import Testing

/// The text that the built command writes when its standard output is a terminal.
struct Terminal {
  let status: Int32
  let output: String

  /// Runs `plumb` with `arguments` and more `environment` to its end.
  init(_ arguments: [String], environment: [String: String]) throws {
    var (terminal, side): (CInt, CInt) = (-1, -1)
    try #require(openpty(&terminal, &side, nil, nil, nil) == 0)
    defer { close(terminal) }
    let process = Process()
    process.executableURL = Command.executable
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(fileDescriptor: side)
    process.standardError = FileHandle.nullDevice
    try process.run()
    close(side)
    // Read as it comes: a terminal holds a few thousand bytes. The end is an error, as nobody holds the other side.
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(terminal, &buffer, buffer.count)
      if count > 0 { bytes += buffer[..<count] }
      // A signal to this process, as of a child that ended, is not the end.
      guard count > 0 || (count < 0 && errno == EINTR) else { break }
    }
    process.waitUntilExit()
    status = process.terminationStatus
    // A terminal ends lines by a carriage return too.
    output = String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n")
  }
}
