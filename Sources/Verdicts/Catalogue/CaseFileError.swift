import PlumbFormats

/// The reason why a file holds no case, or no answer to one: what was expected, and what was found.
package struct CaseFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file, as the caller named it.
  package let file: String
  /// The fault and what was expected.
  package let problem: String

  package init(_ file: String, _ problem: String) {
    self.file = file
    self.problem = problem
  }

  /// One line for the person who must act.
  package var description: String { "\(file): \(problem)".onOneLine }
}
