import PlumbFormats

/// The reason why a dump cannot be graded: what is wrong, and what to do.
package struct GradeError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The fault and what was expected.
  package let problem: String

  init(_ problem: String) { self.problem = problem }

  /// One line for the person who must act.
  package var description: String { problem.onOneLine }
}
