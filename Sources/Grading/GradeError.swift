import PlumbFormats

/// The reason why a dump cannot be graded: what is wrong, and what to do.
public struct GradeError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The fault and what was expected.
  public let problem: String

  init(_ problem: String) { self.problem = problem }

  /// One line for the person who must act.
  public var description: String { problem.onOneLine }
}
