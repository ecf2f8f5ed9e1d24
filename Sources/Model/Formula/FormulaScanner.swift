/// The words of a formula's text.
struct FormulaScanner {
  enum Word: Equatable {
    case name(Substring)
    case number(Substring)
    case sign(Character)
    case end
  }

  /// The longest text that is read.
  static let mostCharacters = 8192

  private var rest: Substring
  /// The word that comes next.
  private(set) var next = Word.end
  /// The place where it begins, from 1.
  private(set) var column = 1
  private let text: String

  init(_ text: String) throws(FormulaError) {
    guard text.utf8.count <= Self.mostCharacters else {
      throw FormulaError("\(text.utf8.count) characters are too many; \(Self.mostCharacters) are read")
    }
    self.text = text
    rest = text[...]
    try advance()
  }

  /// The error about the next word.
  func error(_ expected: String) -> FormulaError {
    let found =
      switch next {
      case .name(let word), .number(let word): "'\(word)'"
      case .sign(let sign): "'\(sign)'"
      case .end: "the end"
      }
    return FormulaError("column \(column): expected \(expected), found \(found)")
  }

  /// Goes to the next word.
  mutating func advance() throws(FormulaError) {
    rest = rest.drop(while: \.isWhitespace)
    column = text.distance(from: text.startIndex, to: rest.startIndex) + 1
    guard let first = rest.first else { return next = .end }
    if first.isASCII, first.isLetter {
      next = .name(take { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" })
    } else if first.isASCII, first.isNumber || first == "." {
      next = .number(number())
    } else if "+-*/()[]:;,=".contains(first) {
      rest = rest.dropFirst()
      next = .sign(first)
    } else {
      throw FormulaError("column \(column): '\(first)' is no part of a formula")
    }
  }

  /// Goes past `sign` where it comes next, and says whether it did.
  mutating func skip(_ sign: Character) throws(FormulaError) -> Bool {
    guard next == .sign(sign) else { return false }
    try advance()
    return true
  }

  /// Goes past `sign`, which must come next.
  mutating func expect(_ sign: Character) throws(FormulaError) {
    guard try skip(sign) else { throw error("'\(sign)'") }
  }

  /// The name that must come next.
  mutating func name(_ expected: String) throws(FormulaError) -> String {
    guard case .name(let name) = next else { throw error(expected) }
    try advance()
    return String(name)
  }

  private mutating func take(while isPart: (Character) -> Bool) -> Substring {
    let word = rest.prefix(while: isPart)
    rest = rest[word.endIndex...]
    return word
  }

  private mutating func number() -> Substring {
    let start = rest
    _ = take { $0.isASCII && $0.isNumber || $0 == "." }
    if rest.first == "e" {
      let sign = rest.dropFirst().first == "-" || rest.dropFirst().first == "+" ? 2 : 1
      if let digit = rest.dropFirst(sign).first, digit.isASCII, digit.isNumber {
        rest = rest.dropFirst(sign)
        _ = take { $0.isASCII && $0.isNumber }
      }
    }
    return start[..<rest.startIndex]
  }
}
