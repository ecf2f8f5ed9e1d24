/// The reason why an arithmetic cannot be used.
package struct ArithmeticError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The problem, and what is there instead.
  package let problem: String

  /// Makes an error.
  package init(problem: String) { self.problem = problem }

  /// One line for the person who must act.
  package var description: String { problem }
}
