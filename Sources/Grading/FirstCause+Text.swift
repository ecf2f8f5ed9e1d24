import PlumbVerdicts

extension FirstCause {
  /// The paragraphs, one each, on what the error looks like, what explains it and what does not, and how to find out.
  ///
  /// With `isWhole`, all that is known; otherwise what fits under a table.
  package func paragraphs(isWhole: Bool) -> [Paragraph] {
    var result = anotherExpert.map { [Paragraph($0.sentence)] } ?? []
    result += shape.map { Paragraph($0) }
    if explanations.isEmpty {
      result.append(Paragraph("No bug that was tried explains it."))
    }
    result += explanations.map {
      Paragraph("Explained by: \($0.mutant) (\($0.marginText)). \($0.cause)")
    }
    result += refuted.prefix(isWhole ? refuted.count : 3).map {
      Paragraph(
        "Not explained by: \($0.mutant) (\($0.marginText))." + (isWhole ? " \($0.cause)" : ""))
    }
    if untriedPairs > 0 {
      result.append(
        Paragraph(
          "\(untriedPairs) pairs of bugs were not tried for want of time: 'plumb diagnose --patience SECONDS' takes more."
        ))
    }
    for distinction in distinctions {
      result.append(Paragraph(distinction.advice))
      if let command = distinction.replayCommand { result.append(Paragraph("  " + command, isCommand: true)) }
    }
    return result
  }

  /// Text for people: sentences that may be wrapped, or a command that may not.
  package struct Paragraph {
    let text: String
    let isCommand: Bool

    init(_ text: String, isCommand: Bool = false) {
      self.text = text
      self.isCommand = isCommand
    }

    /// Its lines, of at most 80 columns but for a command.
    package var lines: [String] { isCommand ? [text] : WrappedText.lines(text) }
  }
}

extension FirstCause.AnotherExpert {
  /// The finding, for people.
  package var sentence: String {
    "Another expert: token \(token) was given to expert \(chosen), where the exact scores prefer expert \(preferred) by "
      + "\(ReportText.short(difference)) or more, \(ReportText.short(margin)) times what rounding may do to the two."
  }
}

extension FirstCause.Explanation {
  /// The margin, and whether it is proved.
  var marginText: String { "margin \(ReportText.short(margin))" + (proved ? ", proved" : "") }
}

extension FirstCause.Distinction {
  /// The command that decides the input; `nil` where there is none.
  package var replayCommand: String? {
    guard let replay, let layer = replay.split(separator: " ").first else { return nil }
    return "plumb fuzz \(ReportText.argument(String(layer))) --replay '\(replay)'"
  }
}
