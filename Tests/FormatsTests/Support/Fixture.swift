import Foundation
import Testing

/// Files under `Tests/Fixtures`.
enum Fixture {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fixtures")

  /// The lines of the file `name`, without those that begin with `#`.
  static func lines(_ name: String) throws -> [String] {
    let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init)
  }

  /// `text` with every `\u{…}` replaced by its scalar.
  static func unescaped(_ text: some StringProtocol) throws -> String {
    var result = String.UnicodeScalarView()
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      guard scalar == "\\" else {
        result.append(scalar)
        continue
      }
      let end = try #require(rest.firstIndex(of: "}"))
      let digits = String(String.UnicodeScalarView(rest[..<end].dropFirst(2)))
      result.append(try #require(UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init)))
      rest = rest[rest.index(after: end)...]
    }
    return String(result)
  }
}
