import PlumbTolerance
import PlumbVerdicts

/// The words that an arithmetic may be written with, as lines of at most 80 columns.
enum ArithmeticWords {
  /// A heading, and below it each word; the values of a long option go on in the next line.
  static var lines: [String] {
    var lines = ["It may be written so (page Arithmetics of the documentation says what each word means):"].flatMap {
      WrappedText.lines($0)
    }
    var line = " "
    for word in ArithmeticModel.grammar.split(separator: " ") {
      // A long word may end in any of its bars.
      for (index, part) in parts(word).enumerated() {
        let longer = line + (index == 0 ? " " : "") + part
        if longer.count > 80 { lines.append(line) }
        line = longer.count > 80 ? "    " + part : longer
      }
    }
    return lines + [line]
  }

  /// The parts of `word`, each but the last ended by a bar.
  private static func parts(_ word: Substring) -> [String] {
    let values = word.split(separator: "|", omittingEmptySubsequences: false)
    return values.enumerated().map { $0 < values.count - 1 ? "\($1)|" : String($1) }
  }
}
