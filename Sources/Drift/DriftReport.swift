import PlumbVerdicts

/// Everything that `plumb drift` learns; its coding keys are the documented JSON schema.
package struct DriftReport: Sendable, Codable {
  /// The version of the schema.
  package var schema = 1
  /// Whether it is all that was asked for; what is left of an interrupted measurement is a `LocalReport`.
  package var isComplete = true
  /// The model's name.
  package let model: String
  /// The SHA-256 of the weights.
  package let fingerprint: String
  /// The tokens of the prompt.
  package let tokens: [Int]
  /// The text of each token of the prompt; bytes that are not UTF-8 are replaced.
  package let texts: [String]
  /// The arithmetic that the bounds are proved for: `engine`, with the instructions that it used.
  package let arithmetic: String
  /// The working precision, in bits, at which the exact pass was narrow enough.
  package let precision: Int
  /// A row for every activation, in the order of the pass.
  package let activations: [ActivationDrift]
  /// The likeliest next tokens by the midpoint of their exact probability, greatest first; `nil` of an encoder.
  package let next: [NextToken]?
  /// Whether the engine's first choice is proved to be the exact first choice; `nil` of an encoder.
  package let topTokenProved: Bool?
  /// The verdict on all activations together.
  package let verdict: Verdict
  /// The heads whose attention is shown, the most drifting first; `nil` where none were wanted.
  package let attention: [AttentionMap]?
  /// The sources of the drift of the logits; `nil` where they were not asked for.
  package let attribution: Attribution?
  /// The number of elements that were decided against their bounds in Float64 with proved errors.
  package let filteredElements: Int
  /// The number that the exact path looked at: those that the filter left open, and those that the report's numbers are of.
  package let exactElements: Int
  /// The second, separate statement, against a recorded profile; `nil` where there is none.
  package var baseline: BaselineComparison?
  /// The seconds that it took.
  package let seconds: Double
}

/// One token that may come next; probabilities are hex floats.
package struct NextToken: Sendable, Codable {
  /// The token's number.
  package let token: Int
  /// The token's text; bytes that are not UTF-8 are replaced.
  package let text: String
  /// The engine's probability.
  package let engine: String
  /// At most the exact probability.
  package let lower: String
  /// At least the exact probability.
  package let upper: String
  /// The exact probability in decimal, with at most ten significant digits, each of them proved; `?` where not one is.
  package let exact: String

  /// Makes the row of one token.
  package init(token: Int, text: String, engine: String, lower: String, upper: String, exact: String) {
    self.token = token
    self.text = text
    self.engine = engine
    self.lower = lower
    self.upper = upper
    self.exact = exact
  }
}
