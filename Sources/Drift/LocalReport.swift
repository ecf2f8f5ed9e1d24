import PlumbVerdicts

/// The findings of `plumb drift --local-only`; its coding keys are the documented JSON schema.
package struct LocalReport: Sendable, Codable {
  /// The version of the schema.
  package var schema = 1
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
  /// A row for every activation, in the order of the pass; none has accumulated drift.
  package let activations: [ActivationDrift]
  /// The verdict on all activations together.
  package let verdict: Verdict
  /// The number of elements that were decided against their bounds in Float64 with proved errors.
  package let filteredElements: Int
  /// The number that the exact path looked at: those that the filter left open, and those that the report's numbers are of.
  package let exactElements: Int
  /// Whether it is all that was asked for: false where the exact pass from the tokens was interrupted.
  package let isComplete: Bool
  /// The seconds that the engine takes over the prompt when nobody watches it; `nil` where it was not measured.
  package let engineSeconds: Double?
  /// The seconds that the verdicts took, from the activations to the report.
  package let verdictSeconds: Double
  /// The seconds that it took, loading included.
  package let seconds: Double
}
