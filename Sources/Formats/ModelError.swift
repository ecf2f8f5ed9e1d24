/// The reason why a file cannot be used: what is wrong, where, and what to do about it.
package struct ModelError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file, as the caller named it.
  package let file: String
  /// The byte at which the reader stood, where that helps to find the fault.
  package let offset: Int?
  /// The fault.
  package let problem: String
  /// The step that the person who reads this can take.
  package let remedy: String

  /// Makes the error.
  package init(file: String, offset: Int? = nil, problem: String, remedy: String) {
    self.file = file
    self.offset = offset
    self.problem = problem
    self.remedy = remedy
  }

  /// One line: `file, byte 24: what is wrong; what to do`.
  ///
  /// Control characters that came out of the file are escaped, so that the line stays one line.
  package var description: String { "\(fault); \(remedy)".onOneLine }

  /// The fault and its place, without what to do.
  package var fault: String {
    let place = offset.map { "\(file), byte \($0)" } ?? file
    return "\(place): \(problem)".onOneLine
  }

  /// The name `text` as it is quoted in messages: shortened where it is long.
  static func quoted(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard scalars.count > 80 else { return "'\(text)'" }
    return "'\(String(String.UnicodeScalarView(scalars.prefix(60))))…' (\(scalars.count) characters)"
  }
}

extension String {
  /// The text with every character escaped that steers a terminal or ends a line: what came out of a file stays one line.
  package var onOneLine: String {
    var result = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator, .format:
        result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
      default: result.append(scalar)
      }
    }
    return String(result)
  }
}
