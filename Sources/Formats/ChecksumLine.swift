/// The line of a text file that holds the SHA-256 of all its other lines.
///
/// A file that is read back and believed carries one, so that a changed digit is noticed. A message about a file that was
/// changed names the checksum of what it holds, for somebody who meant to change it.
package struct ChecksumLine: Sendable {
  private let prefix: String
  private let suffix: String
  private let isLast: Bool

  /// The last line, `checksum HEX`.
  package static let plain = ChecksumLine(prefix: "checksum ", suffix: "", isLast: true)
  /// The last line, a comment: `# checksum HEX`.
  package static let comment = ChecksumLine(prefix: "# checksum ", suffix: "", isLast: true)
  /// The second line of a JSON object that has a key a line.
  package static let json = ChecksumLine(prefix: #"  "checksum" : ""#, suffix: "\",", isLast: false)

  /// `content`, of whole lines, with its checksum.
  package func sealed(_ content: String) -> String {
    let line = line(of: content)
    guard !isLast, let end = content.firstIndex(of: "\n") else { return content + line }
    let second = content.index(after: end)
    return String(content[..<second]) + line + String(content[second...])
  }

  /// The lines of `text` without that of the checksum, which it may lack.
  package func content(of text: String) -> String {
    guard let place = place(in: text) else { return text }
    return String(text[..<place.lowerBound]) + String(text[place.upperBound...])
  }

  /// The fault of the checksum of `text`, without a full stop; `nil` where it is that of the content.
  package func problem(in text: String) -> String? {
    let content = content(of: text)
    // Bytes are compared: two texts that read alike may differ in them.
    if sealed(content).utf8.elementsEqual(text.utf8) { return nil }
    guard place(in: text) == nil else {
      return "was changed after it was written: the checksum of what it holds is \(Self.checksum(of: content))"
    }
    return "the \(isLast ? "last" : "second") line '\(line(of: content).dropLast())' is missing"
  }

  private func line(of content: String) -> String { "\(prefix)\(Self.checksum(of: content))\(suffix)\n" }

  /// The place of the line, with its end, where it should stand.
  private func place(in text: String) -> Range<String.Index>? {
    guard text.utf8.last == UInt8(ascii: "\n") else { return nil }
    let start: String.Index
    if isLast {
      let body = text.utf8.dropLast()
      start = body.lastIndex(of: UInt8(ascii: "\n")).map { text.utf8.index(after: $0) } ?? text.startIndex
    } else {
      guard let end = text.utf8.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
      start = text.utf8.index(after: end)
    }
    guard text.utf8[start...].starts(with: prefix.utf8),
      let end = text.utf8[start...].firstIndex(of: UInt8(ascii: "\n"))
    else { return nil }
    return start..<text.utf8.index(after: end)
  }

  /// The SHA-256 of `text`, as 64 lower-case hexadecimal digits.
  private static func checksum(of text: String) -> String {
    var digest = Digest()
    // Sound: the bytes are used only while the array lends them.
    unsafe Array(text.utf8).withUnsafeBytes { unsafe digest.update($0) }
    return digest.hexadecimal()
  }
}
