import ArgumentParser
import PlumbVerdicts

/// `plumb explain`: what a word of the reports means.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Says what a word of the reports means, such as margin, bound or outside.",
    discussion: "Without a word it lists all. Exit status: 0, or 2 where there is no such word.")

  @Argument(help: "The word.", completion: Completions.glossary)
  var term: [String] = []

  func run() throws {
    guard !term.isEmpty else {
      for line in WrappedText.lines(Glossary.entries.map(\.term).joined(separator: ", ")) { StandardOutput.print(line) }
      return
    }
    let words = term.joined(separator: " ")
    guard let entry = Glossary.entry(of: words) else {
      throw BadInput(
        message: "there is no word '\(words)'" + (Glossary.nearest(to: words).map { ": did you mean '\($0)'?" } ?? ";")
          + " 'plumb explain' lists all")
    }
    for line in WrappedText.lines(entry.meaning, lead: entry.term + ": ", indent: 2) { StandardOutput.print(line) }
    guard entry.term == "arithmetic" else { return }
    for line in ArithmeticWords.lines { StandardOutput.print(line) }
  }
}
