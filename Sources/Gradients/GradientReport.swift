import PlumbVerdicts

/// Everything that `plumb gradient` learns; its coding keys are the documented JSON schema.
package struct GradientReport: Sendable, Codable {
  /// The version of the schema.
  package var schema = 1
  /// The model's name.
  package let model: String
  /// The SHA-256 of the weights.
  package let fingerprint: String
  /// The tokens of the prompt: each but the first is predicted from those before it.
  package let tokens: [Int]
  /// The text of each token of the prompt; bytes that are not UTF-8 are replaced.
  package let texts: [String]
  /// The arithmetic that the bounds are proved for: `engine`, with the instructions that it used.
  package let arithmetic: String
  /// The significant digits that every norm has.
  package let digits: Int
  /// The working precision, in bits, at which the exact pass was narrow enough.
  package let precision: Int
  /// The mean of the tokens' cross-entropies.
  package let loss: Number
  /// The norm of the gradient of all weights together.
  package let norm: Number
  /// A row for every tensor of weights that is stored, in the order in which the forward pass meets them.
  package let tensors: [TensorGradient]
  /// A row for every step backwards, in order.
  package let steps: [ActivationDrift]
  /// The sources of the drift of the gradient; `nil` where they were not asked for.
  package let attribution: GradientAttribution?
  /// The steps of which no case of a layer can say what they do, so that nothing is claimed of them alone.
  package let unjudged: [String]
  /// The verdict on all steps together.
  package let verdict: Verdict
  /// The seconds that the engine's backward pass took.
  package let engineSeconds: Double
  /// The seconds that the local verdicts took.
  package let verdictSeconds: Double
  /// The seconds that it took, loading included.
  package let seconds: Double

  /// A number by the engine and exactly.
  package struct Number: Sendable, Codable {
    /// The engine's, a hex float.
    package let engine: String
    /// At most the exact one, a hex float.
    package let lower: String
    /// At least the exact one, a hex float.
    package let upper: String
    /// The exact one in decimal, each digit proved; `?` where not one is.
    package let exact: String
  }

  /// The gradient of one tensor of weights, as it is stored.
  package struct TensorGradient: Sendable, Codable {
    /// The name in the model file.
    package let name: String
    /// The extents, outermost first.
    package let shape: [Int]
    /// The norm: the root of the sum of the squares.
    package let norm: Number
    /// The engine's gradient against the exact one.
    package let accumulated: AccumulatedDrift
    /// At least the norm of the distances ÷ the exact norm; infinite where that may be 0.
    package let relativeNorm: Double
  }
}
