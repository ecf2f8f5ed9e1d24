import Foundation

/// A file of text, or the standard input.
enum TextFile {
  /// The most bytes that are read: far more than any context holds, and little enough for any memory.
  static let greatestSize = 256 << 20

  /// The text of the file at `path`, or of the standard input for `-`.
  static func read(_ path: String) throws(BadInput) -> String {
    let bytes: Data
    do {
      let file = path == "-" ? FileHandle.standardInput : try FileHandle(forReadingFrom: URL(filePath: path))
      bytes = try file.read(upToCount: greatestSize + 1) ?? Data()
    } catch {
      throw BadInput(message: "\(path): cannot be read: \((error as NSError).localizedDescription)")
    }
    guard bytes.count <= greatestSize else {
      throw BadInput(message: "\(path): holds more than \(greatestSize >> 20) MiB; give a shorter text")
    }
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    throw BadInput(message: "\(path): is not UTF-8 text; convert it first")
  }
}
