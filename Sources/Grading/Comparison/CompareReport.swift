import PlumbVerdicts

/// Everything that `plumb compare` learns; its coding keys are the documented JSON schema.
public struct CompareReport: Sendable, Codable {
  /// One of the two dumps.
  public struct Dump: Sendable, Codable {
    /// The dump, as the caller named it.
    public let dump: String
    /// The table that the names were read by.
    public let names: String
    /// The arithmetic that the bounds are for.
    public let arithmetic: String
    /// The verdict that is proved of all its activations together, each on the dump's own inputs to it.
    public let verdict: Verdict
    /// The first activation that rounding cannot explain; null where there is none.
    public let firstCause: String?
    /// The facts that people should know about the reading of the dump, one sentence each.
    public let notes: [String]
    /// The token that it chooses; null where it has neither logits nor probabilities.
    public let choice: Choice?
  }

  /// A token that is chosen.
  public struct Choice: Sendable, Codable, Equatable {
    /// The token.
    public let token: Int
    /// The text of it; bytes that are not UTF-8 are replaced.
    public let text: String
  }

  /// One of the dumps at one activation.
  public struct Side: Sendable, Codable {
    /// The verdict on it, on the dump's own inputs.
    public let verdict: Verdict
    /// The greatest quotient of distance and bound there.
    public let margin: Double
    /// The distance from the exact values of a pass from the tokens alone.
    public let accumulated: AccumulatedDrift
  }

  /// An activation that both dumps have.
  public struct Activation: Sendable, Codable {
    /// The activation's name, such as `blocks.3.query`.
    public let name: String
    /// The block, or `nil` outside the blocks.
    public let block: Int?
    /// The layer that computed it.
    public let layer: String
    /// The one dump there.
    public let a: Side
    /// The other.
    public let b: Side
    /// The greatest distance between the dumps' own numbers; infinite where one is not finite.
    public let difference: Double
    /// `a` or `b`, whose greatest distance from the exact values is proved to be the less; null where neither's is.
    public let nearer: String?
  }

  /// The version of the schema.
  public var schema = 1
  /// The model's name.
  public let model: String
  /// The SHA-256 of the weights.
  public let fingerprint: String
  /// The tokens of the prompt.
  public let tokens: [Int]
  /// The text of each token of the prompt; bytes that are not UTF-8 are replaced.
  public let texts: [String]
  /// The one dump.
  public let a: Dump
  /// The other.
  public let b: Dump
  /// The activations that both have, in the order of the pass.
  public let activations: [Activation]
  /// The token that is proved to be the likeliest; null where none is, as in a tie, or the model has no next token.
  public let exactChoice: Choice?
  /// The working precision, in bits, at which the exact pass was narrow enough.
  public let precision: Int
  /// The seconds that it took.
  public let seconds: Double

  /// Whether rounding explains every activation of both.
  public var isWithin: Bool { a.verdict == .within && b.verdict == .within }
}
