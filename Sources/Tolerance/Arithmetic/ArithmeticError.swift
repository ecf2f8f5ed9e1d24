/// The reason why an arithmetic cannot be used.
public struct ArithmeticError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The problem, and what is there instead.
  public let problem: String

  /// Makes an error.
  public init(problem: String) { self.problem = problem }

  /// One line for the person who must act.
  public var description: String { problem }
}
