import Foundation

extension DriftTable {
  static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// Four significant digits at most; in scientific notation where that is shorter.
  static func short(_ value: Double) -> String {
    if value == 0 { return "0" }
    if value.isInfinite { return "inf" }
    if value >= 0.001 && value < 10 { return String(format: "%.3f", value) }
    if value >= 10 && value < 100_000 { return String(format: "%.0f", value) }
    return scientific(value)
  }

  static func scientific(_ value: Double) -> String { value == 0 ? "0" : String(format: "%.1e", value) }

  static func fixed(_ value: Double) -> String { String(format: "%.10f", value) }

  static func word(_ verdict: Verdict) -> String {
    switch verdict {
    case .within: "within"
    case .outside: "OUTSIDE"
    case .outsideDomain: "domain"
    }
  }

  /// The token's text in quotes, or its number where the text is only part of a character.
  static func name(of token: NextToken) -> String {
    token.text.contains("\u{FFFD}") ? "token \(token.token)" : quoted(token.text)
  }

  /// The text in quotes, with what a terminal would not show written as escapes.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where scalar.properties.generalCategory == .control:
        result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
