public import PlumbVerdicts

/// Everything that `plumb gradient` learns; its coding keys are the documented JSON schema.
public struct GradientReport: Sendable, Codable {
  /// The version of the schema.
  public var schema = 1
  /// The model's name.
  public let model: String
  /// The SHA-256 of the weights.
  public let fingerprint: String
  /// The tokens of the prompt: each but the first is predicted from those before it.
  public let tokens: [Int]
  /// The text of each token of the prompt; bytes that are not UTF-8 are replaced.
  public let texts: [String]
  /// The arithmetic that the bounds are proved for: `engine`, with the instructions that it used.
  public let arithmetic: String
  /// The significant digits that every norm has.
  public let digits: Int
  /// The working precision, in bits, at which the exact pass was narrow enough.
  public let precision: Int
  /// The mean of the tokens' cross-entropies.
  public let loss: Number
  /// The norm of the gradient of all weights together.
  public let norm: Number
  /// A row for every tensor of weights that is stored, in the order in which the forward pass meets them.
  public let tensors: [TensorGradient]
  /// A row for every step backwards, in order.
  public let steps: [ActivationDrift]
  /// The steps of which no case of a layer can say what they do, so that nothing is claimed of them alone.
  public let unjudged: [String]
  /// The verdict on all steps together.
  public let verdict: Verdict
  /// The seconds that the engine's backward pass took.
  public let engineSeconds: Double
  /// The seconds that the local verdicts took.
  public let verdictSeconds: Double
  /// The seconds that it took, loading included.
  public let seconds: Double

  /// A number by the engine and exactly.
  public struct Number: Sendable, Codable {
    /// The engine's, a hex float.
    public let engine: String
    /// At most the exact one, a hex float.
    public let lower: String
    /// At least the exact one, a hex float.
    public let upper: String
    /// The exact one in decimal, each digit proved; `?` where not one is.
    public let exact: String
  }

  /// The gradient of one tensor of weights, as it is stored.
  public struct TensorGradient: Sendable, Codable {
    /// The name in the model file.
    public let name: String
    /// The extents, outermost first.
    public let shape: [Int]
    /// The norm: the root of the sum of the squares.
    public let norm: Number
    /// The engine's gradient against the exact one.
    public let accumulated: AccumulatedDrift
    /// At least the norm of the distances ÷ the exact norm; infinite where that may be 0.
    public let relativeNorm: Double
  }
}
