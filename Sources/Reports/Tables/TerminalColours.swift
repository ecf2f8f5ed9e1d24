import PlumbVerdicts

/// The colours of a report on a terminal; they only repeat what the words say.
package struct TerminalColours: Sendable {
  /// Whether colours are wanted at all.
  let isOn: Bool

  /// Colours, where they are wanted.
  package init(isOn: Bool) { self.isOn = isOn }

  /// `text` in the colour of `verdict`.
  package func paint(_ text: String, _ verdict: Verdict) -> String {
    guard isOn else { return text }
    let code =
      switch verdict {
      case .within: "32"
      case .outside, .anotherExpert: "1;31"
      case .undecided, .outsideDomain: "33"
      }
    return "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }
}
