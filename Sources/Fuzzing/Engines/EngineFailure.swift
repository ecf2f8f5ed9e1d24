/// Why another engine gave no output that can be measured.
public struct EngineFailure: Error, Sendable, Equatable, CustomStringConvertible {
  /// What went wrong.
  public enum Kind: String, Sendable {
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

  /// What went wrong.
  public let kind: Kind
  /// What was found, and what was expected.
  public let detail: String

  init(_ kind: Kind, _ detail: String) {
    self.kind = kind
    self.detail = detail
  }

  /// One line for the person who must act.
  public var description: String { "\(kind.rawValue): \(detail)" }

  /// The first of `bytes`, for people: as text where they are text, otherwise in hexadecimal.
  static func quoted(_ bytes: some Collection<UInt8>) -> String {
    let first = bytes.prefix(24)
    if first.isEmpty { return "nothing" }
    let ellipsis = bytes.count > first.count ? " …" : ""
    if first.allSatisfy({ 0x20..<0x7F ~= $0 || $0 == 0x0A }) {
      return "'" + String(decoding: first, as: UTF8.self).replacing("\n", with: "\\n") + "'" + ellipsis
    }
    return first.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(separator: " ") + ellipsis
  }
}

/// Why there is no engine to ask at all.
public struct EngineCommandError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong.
  public let problem: String

  /// One line for the person who must act.
  public var description: String { problem }
}
