import PlumbFormats

/// The reason why a file holds no case, or no answer to one: what was expected, and what was found.
public struct CaseFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file, as the caller named it.
  public let file: String
  /// The fault and what was expected.
  public let problem: String

  package init(_ file: String, _ problem: String) {
    self.file = file
    self.problem = problem
  }

  /// One line for the person who must act.
  public var description: String { "\(file): \(problem)".onOneLine }
}
