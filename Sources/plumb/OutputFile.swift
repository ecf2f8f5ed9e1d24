import Foundation
import PlumbFormats

/// A file that a command writes beside what it prints.
enum OutputFile {
  /// Refuses a `path` that cannot be written, before the work is done; what is allowed now may still fail later.
  static func check(_ path: String?, option: String) throws(BadInput) {
    guard let path else { return }
    let folder = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
    var isDirectory: ObjCBool = false
    if unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
      throw BadInput(message: "\(option) \(path): is a folder; name a file")
    }
    guard FileManager.default.isWritableFile(atPath: folder) else {
      throw BadInput(message: "\(option) \(path): cannot be written; check the folder")
    }
  }

  /// Writes `text`, whole or not at all.
  static func write(_ text: String, to path: String) throws(BadInput) {
    do {
      try AtomicFile.write(Array(text.utf8), to: path)
    } catch {
      throw BadInput(message: "\(error)")
    }
  }
}
