import PlumbVerdicts

/// The origin of a report: enough to make it again.
package struct Provenance: Sendable {
  /// The version of the command.
  package let version: String
  /// The command line, its name first.
  package let command: [String]

  /// Makes a provenance.
  package init(version: String, command: [String]) {
    self.version = version
    self.command = command
  }

  /// The command line as a shell reads it.
  package var commandLine: String {
    command.map { word in
      let isPlain =
        !word.isEmpty && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./,=:+@".contains($0)) }
      return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }.joined(separator: " ")
  }

  /// The number of `tokens`, and each with its text; a text that is only part of a character is left out.
  package static func list(_ tokens: [Int], _ texts: [String]) -> String {
    let all = zip(tokens, texts).map { token, text in
      text.contains("\u{FFFD}") ? "\(token)" : "\(token) \(ReportText.quoted(text))"
    }
    return "\(tokens.count): " + all.joined(separator: ", ")
  }

  /// The list of `facts`, then of what is known here.
  package func markup(_ facts: [(term: String, text: String)]) -> Markup {
    let all = facts + [("command line", ReportText.shown(commandLine)), ("plumb", version)]
    return .tag("dl", ["class": "list"], all.flatMap { [.tag("dt", $0.term), .tag("dd", [:], .tag("code", $0.text))] })
  }
}
