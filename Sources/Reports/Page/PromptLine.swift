import PlumbVerdicts

/// The prompt of a report, under its title.
enum PromptLine {
  /// The part of a long prompt that is shown; its tokens stand at the end of the page.
  private static let greatestCount = 280

  /// The number of tokens, and what they say together.
  static func markup(_ texts: [String]) -> Markup {
    let whole = texts.joined()
    let shown = whole.prefix(greatestCount)
    let words: [Markup] = [
      .text(texts.count == 1 ? "1 token: " : "\(texts.count) tokens: "),
      .tag("code", ReportText.quoted(String(shown))),
      .text(shown.count < whole.count ? " …" : ""),
    ]
    return .tag("p", ["class": "prompt"], words)
  }
}
