import PlumbCases
import PlumbVerdicts

/// One line of a corpus: a case, the seed of the run that found it, and why it is there.
///
/// `layer attribute=value … tensor=[extents]:elements # seed 7: why`.
package struct CorpusEntry: Sendable, Equatable {
  /// The case.
  package let input: LayerCase
  /// The seed of the run that found it.
  package let seed: UInt64
  /// The reason why it is there.
  package let reason: String
  /// Its line, from 1.
  package let line: Int

  /// Makes an entry; `reason` is one line.
  package init(_ input: LayerCase, seed: UInt64, reason: String, line: Int = 1) {
    self.input = input
    self.seed = seed
    self.reason = reason
    self.line = line
  }

  /// The entry that `text`, the line number `line`, describes.
  ///
  /// - Throws: `LineError` naming the column and what is wrong.
  package init(parsing text: String, line: Int) throws(LineError) {
    guard let mark = text.firstRange(of: " # seed ") else {
      throw LineError(column: text.count + 1, problem: "the case must be followed by '# seed N: why it is there'")
    }
    let note = text[mark.upperBound...]
    guard let colon = note.firstIndex(of: ":"), let seed = UInt64(note[..<colon]) else {
      throw LineError(
        column: text.distance(from: text.startIndex, to: mark.upperBound) + 1,
        problem: "a whole number and ':' must follow 'seed'")
    }
    let reason = note[note.index(after: colon)...].drop { $0 == " " }
    guard !reason.isEmpty else {
      throw LineError(column: text.count + 1, problem: "why the case is there must follow its seed")
    }
    let input = try CaseLine.parse(String(text[..<mark.lowerBound]))
    do {
      _ = try CheckedCase(input)
    } catch {
      throw LineError(column: 1, problem: error.description)
    }
    self.init(input, seed: seed, reason: String(reason), line: line)
  }

  /// The line, without a newline.
  package var text: String { "\(CaseLine(input).text) # seed \(seed): \(reason)" }
}
