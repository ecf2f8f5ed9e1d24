import Foundation

/// The colours of a page, by day and by night.
///
/// Every text stands on its background with a contrast of at least 4.5 to 1 (WCAG 2.2, success criterion 1.4.3).
package struct Palette: Sendable {
  /// Behind everything, and behind what is set apart.
  package let paper, panel: String
  /// Text, and text of less weight.
  package let ink, softInk: String
  /// Rules and axes.
  package let line: String
  /// The first and the second series of a chart.
  package let first, second: String
  /// The colours of what is within, outside and outside the domain.
  package let within, outside, outsideDomain: String
  /// The nine steps of a heat map, from least to greatest.
  package let steps: [String]
  /// The text on each step.
  package let stepInk: [String]
  /// The text on `outside`.
  package let outsideInk: String

  /// By day, and on paper.
  package static let light = Palette(
    paper: "#ffffff", panel: "#f5f7f9", ink: "#1b1f24", softInk: "#505963", line: "#ccd3da", first: "#0b5cad",
    second: "#a04a00", within: "#15692d", outside: "#b42318", outsideDomain: "#735600",
    steps: ["#f3f7fb", "#dceaf6", "#bfd8ee", "#9bc2e3", "#72a8d5", "#4b8cc4", "#2f6fae", "#1c5291", "#0d366b"],
    outsideInk: "#ffffff")

  /// By night.
  package static let dark = Palette(
    paper: "#0f1318", panel: "#181e26", ink: "#e6e9ed", softInk: "#a9b2bd", line: "#39424d", first: "#6cb6ff",
    second: "#f0a35e", within: "#56d364", outside: "#ff8f85", outsideDomain: "#e3b341",
    steps: ["#151d27", "#17293d", "#1b3957", "#204b73", "#275f91", "#3478b1", "#5195cd", "#83b8e4", "#c3def5"],
    outsideInk: "#000000")

  private init(
    paper: String, panel: String, ink: String, softInk: String, line: String, first: String, second: String,
    within: String, outside: String, outsideDomain: String, steps: [String], outsideInk: String
  ) {
    (self.paper, self.panel, self.ink, self.softInk, self.line) = (paper, panel, ink, softInk, line)
    (self.first, self.second) = (first, second)
    (self.within, self.outside, self.outsideDomain) = (within, outside, outsideDomain)
    (self.steps, self.outsideInk) = (steps, outsideInk)
    // Black or white: one of them has a contrast of at least √21 > 4.5 with any colour.
    stepInk = steps.map { Self.contrast("#000000", $0) >= Self.contrast("#ffffff", $0) ? "#000000" : "#ffffff" }
  }

  /// The colours as custom properties of a style sheet.
  package var properties: String {
    let named = [
      ("paper", paper), ("panel", panel), ("ink", ink), ("soft", softInk), ("line", line), ("first", first),
      ("second", second), ("within", within), ("outside", outside), ("domain", outsideDomain),
      ("outside-ink", outsideInk),
    ]
    let numbered = steps.indices.flatMap { [("s\($0)", steps[$0]), ("t\($0)", stepInk[$0])] }
    return (named + numbered).map { "--\($0):\($1);" }.joined()
  }

  /// The contrast of two colours, `#rrggbb` each.
  ///
  /// Source: WCAG 2.2, definitions *contrast ratio* and *relative luminance*.
  package static func contrast(_ one: String, _ other: String) -> Double {
    let (a, b) = (luminance(one), luminance(other))
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)
  }

  private static func luminance(_ colour: String) -> Double {
    let number = Int(colour.dropFirst(), radix: 16) ?? 0
    func linear(_ shift: Int) -> Double {
      let value = Double(number >> shift & 255) / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear(16) + 0.7152 * linear(8) + 0.0722 * linear(0)
  }
}
