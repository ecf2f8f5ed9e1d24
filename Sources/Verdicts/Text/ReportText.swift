import Foundation
import PlumbExact

/// The numbers and words of which reports for people are made.
package enum ReportText {
  /// The name of a layer as an argument of a command; the text of a formula in quotation marks, which it has none of itself.
  package static func argument(_ layer: String) -> String { layer.contains(":") ? "'\(layer)'" : layer }

  package static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  package static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// A few digits, rounded up, since what the report holds are upper bounds.
  package static func short(_ value: Double) -> String {
    guard let exact = Rational(exactly: value) else { return "inf" }
    if value == 0 { return "0" }
    if value >= 0.001 && value < 10 { return exact.decimal(fractionDigits: 3, .up) }
    if value >= 10 && value < 100_000 { return exact.decimal(fractionDigits: 0, .up) }
    return scientific(value)
  }

  /// Two digits, rounded up.
  package static func scientific(_ value: Double) -> String {
    Rational(exactly: value)?.decimal(significantDigits: 2, .up) ?? "inf"
  }

  /// `text`, cut to `count` characters.
  package static func shortened(_ text: String, _ count: Int) -> String {
    text.count <= count ? text : text.prefix(count - 1) + "…"
  }

  package static func fixed(_ value: Double) -> String { String(format: "%.10f", value) }

  package static func word(_ verdict: Verdict) -> String {
    switch verdict {
    case .within: "within"
    case .outside: "OUTSIDE"
    case .anotherExpert: "EXPERT"
    case .undecided: "undecided"
    case .outsideDomain: "domain"
    }
  }

  /// The text in quotes; see `shown(_:)`.
  package static func quoted(_ text: String) -> String {
    "\"" + shown(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")) + "\""
  }

  /// The text with what a terminal or a page would not show, or would turn the rest around, written as escapes.
  package static func shown(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where isUnseen(scalar): result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    default: scalar.properties.isBidiControl || scalar.properties.isNoncharacterCodePoint
    }
  }

  /// Numbers as ranges: `0…3, 7, 9`.
  package static func listed(_ numbers: [Int]) -> String {
    var ranges: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = ranges.last, last.upperBound + 1 == number {
        ranges[ranges.count - 1] = last.lowerBound...number
      } else {
        ranges.append(number...number)
      }
    }
    let shown = ranges.prefix(8).map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)…\($0.upperBound)" }
    return shown.joined(separator: ", ") + (ranges.count > 8 ? ", …" : "")
  }
}
