import PlumbFormats
import PlumbVerdicts

/// The reason why another engine gave no output that can be measured.
package struct EngineFailure: Error, Sendable, Equatable, CustomStringConvertible {
  /// The error.
  package enum Kind: String, Sendable {
    /// The process ended.
    case crash
    /// There was no answer within the time limit.
    case hang
    /// The answer is no safetensors blob in a frame.
    case rubbish
    /// The answer holds elements of another type.
    case wrongType = "wrong type"
    /// The answer has another shape.
    case wrongShape = "wrong shape"
  }

  /// The error.
  package let kind: Kind
  /// The finding beside what was expected, on one line whatever the engine wrote.
  package let detail: String
  /// Whether there was text on the standard output, where only replies belong.
  let isPrinted: Bool

  package init(_ kind: Kind, _ detail: String, isPrinted: Bool = false) {
    self.kind = kind
    self.detail = detail.onOneLine
    self.isPrinted = isPrinted
  }

  /// One line for the person who must act.
  package var description: String { "\(kind.rawValue): \(detail)" }

  /// The first of `bytes`, for people: as text where they begin with text, otherwise in hexadecimal.
  static func quoted(_ bytes: some Collection<UInt8>) -> String {
    if bytes.isEmpty { return "nothing" }
    let text = text(bytes)
    if isText(bytes) || text.utf8.count == bytes.count {
      let first = text.prefix(60)
      return "'" + ReportText.shown(String(first)) + "'" + (bytes.count > first.utf8.count ? " …" : "")
    }
    let first = bytes.prefix(24)
    return first.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(separator: " ")
      + (bytes.count > first.count ? " …" : "")
  }

  /// Whether `bytes` begin with something that was printed: the length that begins a reply has no four such bytes.
  static func isText(_ bytes: some Collection<UInt8>) -> Bool { text(bytes).utf8.count >= 4 }

  /// The text that `bytes` begin with: UTF-8 without control characters, but for those that terminals know.
  static func text(_ bytes: some Collection<UInt8>) -> String {
    var text = String.UnicodeScalarView()
    for scalar in String(decoding: bytes.prefix(256), as: UTF8.self).unicodeScalars {
      let isPrinted = scalar.value >= 0x20 && scalar.value != 0x7F || 0x09...0x0D ~= scalar.value || scalar == "\u{1B}"
      // What is no UTF-8 is decoded as the replacement character.
      guard isPrinted && scalar != "\u{FFFD}" else { break }
      text.append(scalar)
    }
    return String(text)
  }
}

/// The reason why there is no engine to ask at all.
package struct EngineCommandError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The fault.
  package let problem: String

  /// One line for the person who must act.
  package var description: String { problem }
}
