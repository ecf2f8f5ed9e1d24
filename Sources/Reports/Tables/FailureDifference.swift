import PlumbVerdicts

/// A wrong element as a terminal shows it: a line of what it is, red, above one of what it should be, green.
package struct FailureDifference {
  private let element: WorstElement
  private let bound: Double
  private let margin: Double
  private let colours: TerminalColours

  /// The difference of `element` from the exact value.
  package init(_ element: WorstElement, bound: Double, margin: Double, _ colours: TerminalColours) {
    (self.element, self.bound, self.margin, self.colours) = (element, bound, margin, colours)
  }

  /// Lines that say what the sentence of a failure says.
  package var lines: [String] {
    let place = "[\(element.index.map(String.init).joined(separator: ", "))]"
    let yours = Float(element.engine).map { $0.isNaN ? "NaN" : "\($0)" } ?? element.engine
    let words = margin.isFinite ? ", margin \(ReportText.short(margin))" : ""
    return [
      colours.paint("- \(yours)", .outside) + "  yours, element \(place)",
      colours.paint("+ \(element.exactText)", .within) + "  exact, bound \(ReportText.short(bound))\(words)",
    ]
  }
}
