import PlumbVerdicts

/// Everything that `plumb compare` learns; its coding keys are the documented JSON schema.
package struct CompareReport: Sendable, Codable {
  /// One of the two dumps.
  package struct Dump: Sendable, Codable {
    /// The dump, as the caller named it.
    package let dump: String
    /// The table that the names were read by.
    package let names: String
    /// The arithmetic that the bounds are for.
    package let arithmetic: String
    /// The verdict that is proved of all its activations together, each on the dump's own inputs to it.
    package let verdict: Verdict
    /// The first activation that rounding cannot explain; null where there is none.
    package let firstCause: String?
    /// The facts that people should know about the reading of the dump, one sentence each.
    package let notes: [String]
    /// The token that it chooses; null where it has neither logits nor probabilities.
    package let choice: Choice?
  }

  /// A token that is chosen.
  package struct Choice: Sendable, Codable, Equatable {
    /// The token.
    package let token: Int
    /// The text of it; bytes that are not UTF-8 are replaced.
    package let text: String
  }

  /// One of the dumps at one activation.
  package struct Side: Sendable, Codable {
    /// The verdict on it, on the dump's own inputs.
    package let verdict: Verdict
    /// The greatest quotient of distance and bound there.
    package let margin: Double
    /// The distance from the exact values of a pass from the tokens alone.
    package let accumulated: AccumulatedDrift
  }

  /// An activation that both dumps have.
  package struct Activation: Sendable, Codable {
    /// The activation's name, such as `blocks.3.query`.
    package let name: String
    /// The block, or `nil` outside the blocks.
    package let block: Int?
    /// The layer that computed it.
    package let layer: String
    /// The one dump there.
    package let a: Side
    /// The other.
    package let b: Side
    /// The greatest distance between the dumps' own numbers; infinite where one is not finite.
    package let difference: Double
    /// `a` or `b`, whose greatest distance from the exact values is proved to be the less; null where neither's is.
    package let nearer: String?
  }

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
  /// The one dump.
  package let a: Dump
  /// The other.
  package let b: Dump
  /// The activations that both have, in the order of the pass.
  package let activations: [Activation]
  /// The token that is proved to be the likeliest; null where none is, as in a tie, or the model has no next token.
  package let exactChoice: Choice?
  /// The working precision, in bits, at which the exact pass was narrow enough.
  package let precision: Int
  /// The seconds that it took.
  package let seconds: Double

  /// Whether rounding explains every activation of both.
  package var isWithin: Bool { a.verdict == .within && b.verdict == .within }
}
