import PlumbDrift
import PlumbVerdicts

/// Everything that `plumb grade` learns; its coding keys are the documented JSON schema.
package struct GradeReport: Sendable, Codable {
  /// The version of the schema.
  package var schema = 1
  /// Whether it is all that was asked for: false where the exact pass from the tokens was interrupted.
  package let isComplete: Bool
  /// The model's name.
  package let model: String
  /// The SHA-256 of the weights.
  package let fingerprint: String
  /// The dump, as the caller named it.
  package let dump: String
  /// The table that the names were read by.
  package let names: String
  /// The tokens of the prompt.
  package let tokens: [Int]
  /// The text of each token of the prompt; bytes that are not UTF-8 are replaced.
  package let texts: [String]
  /// The arithmetic that the bounds are for.
  package let arithmetic: String
  /// A row for every activation of the dump, in the order of the pass.
  package let activations: [GradedActivation]
  /// A row for every gradient of the dump, in the order of the backward pass; `nil` where it has none.
  package var gradients: [GradedActivation]?
  /// The first gradient of the backward pass that is beyond the bound on what the dump has around it; null where there is none.
  package var firstGradientCause: FirstCause?
  /// The facts that people should know about the reading of the dump, one sentence each.
  package let notes: [String]
  /// The first activation whose inputs were as given and whose values are beyond the bound; null where there is none.
  package var firstCause: FirstCause?
  /// The verdict that is proved of all activations together.
  package let verdict: Verdict
  /// The working precision, in bits, at which the exact pass was narrow enough; `nil` where it was not asked for.
  package let precision: Int?
  /// The likeliest next tokens; `nil` where the dump has neither logits nor probabilities, or there was no exact pass.
  package let next: [NextToken]?
  /// Whether the dump's first choice is proved to be the exact first choice; `nil` where `next` is.
  package let topTokenProved: Bool?
  /// The heads whose attention is shown, the most drifting first; `nil` where none were wanted or the dump has none.
  package let attention: [AttentionMap]?
  /// The seconds that it took.
  package let seconds: Double
}

/// One activation of a dump: a row of the report, with the members and keys of `ActivationDrift` among its own.
@dynamicMemberLookup package struct GradedActivation: Sendable, Codable {
  /// The drift: local from the dump's own inputs, accumulated from the tokens.
  package let drift: ActivationDrift
  /// The tensor's own name in the dump.
  package let tensor: String
  /// The format that the dump stores it in.
  package let storage: String
  /// The activations of the dump that it was computed from; none where that is the tokens.
  package let from: [String]
  /// The activations between, which the dump lacks: all of them were checked as one.
  package let bridged: [String]
  /// The reason why nothing is claimed of some of its elements, or of all, and what to do; null where something is claimed of
  /// each.
  package let unclaimed: String?

  private enum CodingKeys: CodingKey { case tensor, storage, from, bridged, unclaimed }

  init(
    drift: ActivationDrift, tensor: String, storage: String, from: [String], bridged: [String], unclaimed: String?
  ) {
    self.drift = drift
    self.tensor = tensor
    self.storage = storage
    self.from = from
    self.bridged = bridged
    self.unclaimed = unclaimed
  }

  /// Reads what `encode(to:)` writes.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    drift = try ActivationDrift(from: decoder)
    tensor = try container.decode(String.self, forKey: .tensor)
    storage = try container.decode(String.self, forKey: .storage)
    from = try container.decode([String].self, forKey: .from)
    bridged = try container.decode([String].self, forKey: .bridged)
    unclaimed = try container.decodeIfPresent(String.self, forKey: .unclaimed)
  }

  /// Writes the keys of the drift and its own side by side.
  package func encode(to encoder: any Encoder) throws {
    try drift.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(tensor, forKey: .tensor)
    try container.encode(storage, forKey: .storage)
    try container.encode(from, forKey: .from)
    try container.encode(bridged, forKey: .bridged)
    try container.encode(unclaimed, forKey: .unclaimed)
  }

  /// A member of the drift.
  package subscript<Member>(dynamicMember member: KeyPath<ActivationDrift, Member>) -> Member {
    drift[keyPath: member]
  }
}
