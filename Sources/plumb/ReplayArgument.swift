import Foundation
import PlumbFormats
import PlumbFuzzing

/// The argument of `--replay`: the line of a case, or `@` and the file that holds one.
enum ReplayArgument {
  /// The file that `text` names; `nil` where it is a line.
  static func file(of text: String) -> String? { text.hasPrefix("@") ? String(text.dropFirst()) : nil }

  /// The line that `text` is or names.
  ///
  /// - Throws: `BadInput` where the file cannot be read or does not hold one line.
  static func line(of text: String) throws(BadInput) -> String {
    guard let file = file(of: text) else { return text }
    let lines = try TextFile.read(file).split(separator: "\n").filter { line in
      !line.hasPrefix("#") && !line.allSatisfy(\.isWhitespace)
    }
    guard let line = lines.first, lines.count == 1 else {
      throw BadInput(message: "--replay: \(file) holds \(lines.count) cases, expected one line")
    }
    return String(line)
  }

  /// Puts the long lines of failures into files in `folder`, or the temporary directory; where that cannot be, they are
  /// printed as they are.
  static func writeLongLines(of reports: inout [FuzzReport], to folder: String? = nil) {
    let folder = folder ?? FileManager.default.temporaryDirectory.path(percentEncoded: false)
    do {
      try ReplayFile.write(&reports, to: folder.hasSuffix("/") ? String(folder.dropLast()) : folder)
    } catch {
      StandardError.write("plumb: \(error); the lines of long cases are printed whole\n")
    }
  }
}
