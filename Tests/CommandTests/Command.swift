import Foundation

/// The built command, run as a user runs it.
struct Command {
  let status: Int32
  let output: String
  let errors: String

  /// The lines of the standard output.
  var lines: [Substring] { output.split(separator: "\n") }

  /// Runs `plumb` with `arguments` to its end.
  init(_ arguments: String...) throws { try self.init(arguments) }

  /// Runs the lines `script` by the shell, in which `$plumb` is the command.
  init(shell script: String) throws {
    try self.init(
      ["-c", script], environment: ["plumb": Self.executable.path(percentEncoded: false)],
      executable: URL(filePath: "/bin/bash"))
  }

  /// Runs `plumb` with `arguments` and more `environment` to its end.
  ///
  /// The standard input is the file at the path `standardInput`, or empty.
  init(
    _ arguments: [String], environment: [String: String] = [:], standardInput: String? = nil,
    executable: URL = executable
  ) throws {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    // Files rather than pipes: a pipe that nobody reads while the process runs would stop it when full.
    let folder = try TemporaryFolder()
    let (output, errors) = (folder.url.appending(path: "out"), folder.url.appending(path: "err"))
    for file in [output, errors] { try Data().write(to: file) }
    process.standardInput =
      try standardInput.map { try FileHandle(forReadingFrom: URL(filePath: $0)) } ?? FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    self.output = String(decoding: try Data(contentsOf: output), as: UTF8.self)
    self.errors = String(decoding: try Data(contentsOf: errors), as: UTF8.self)
  }

  /// The executable stands beside the test bundle, whichever configuration was built.
  static let executable: URL = {
    let bundle = Bundle.allBundles.map(\.bundleURL).first { $0.pathExtension == "xctest" }
    let folder =
      bundle?.deletingLastPathComponent() ?? URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    return folder.appending(path: "plumb")
  }()
}

/// A folder that goes away with its owner.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "plumb-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Writes a file of `bytes` and returns its path.
  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = url.appending(path: name)
    try Data(bytes).write(to: file)
    return file.path(percentEncoded: false)
  }
}
