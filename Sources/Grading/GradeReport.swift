import PlumbDrift
import PlumbVerdicts

/// Everything that `plumb grade` learns; its coding keys are the documented JSON schema.
public struct GradeReport: Sendable, Codable {
  /// The version of the schema.
  public var schema = 1
  /// Whether it is all that was asked for: false where the exact pass from the tokens was interrupted.
  public let isComplete: Bool
  /// The model's name.
  public let model: String
  /// The SHA-256 of the weights.
  public let fingerprint: String
  /// The dump, as the caller named it.
  public let dump: String
  /// The table that the names were read by.
  public let names: String
  /// The tokens of the prompt.
  public let tokens: [Int]
  /// The text of each token of the prompt; bytes that are not UTF-8 are replaced.
  public let texts: [String]
  /// The arithmetic that the bounds are for.
  public let arithmetic: String
  /// A row for every activation of the dump, in the order of the pass.
  public let activations: [GradedActivation]
  /// A row for every gradient of the dump, in the order of the backward pass; `nil` where it has none.
  public var gradients: [GradedActivation]?
  /// The first gradient of the backward pass that is beyond the bound on what the dump has around it; null where there is none.
  public var firstGradientCause: FirstCause?
  /// The facts that people should know about the reading of the dump, one sentence each.
  public let notes: [String]
  /// The first activation whose inputs were as given and whose values are beyond the bound; null where there is none.
  public var firstCause: FirstCause?
  /// The verdict that is proved of all activations together.
  public let verdict: Verdict
  /// The working precision, in bits, at which the exact pass was narrow enough; `nil` where it was not asked for.
  public let precision: Int?
  /// The likeliest next tokens; `nil` where the dump has neither logits nor probabilities, or there was no exact pass.
  public let next: [NextToken]?
  /// Whether the dump's first choice is proved to be the exact first choice; `nil` where `next` is.
  public let topTokenProved: Bool?
  /// The heads whose attention is shown, the most drifting first; `nil` where none were wanted or the dump has none.
  public let attention: [AttentionMap]?
  /// The seconds that it took.
  public let seconds: Double
}

/// One activation of a dump: a row of the report, with the members and keys of `ActivationDrift` among its own.
@dynamicMemberLookup public struct GradedActivation: Sendable, Codable {
  /// The drift: local from the dump's own inputs, accumulated from the tokens.
  public let drift: ActivationDrift
  /// The tensor's own name in the dump.
  public let tensor: String
  /// The format that the dump stores it in.
  public let storage: String
  /// The activations of the dump that it was computed from; none where that is the tokens.
  public let from: [String]
  /// The activations between, which the dump lacks: all of them were checked as one.
  public let bridged: [String]
  /// The reason why nothing is claimed of some of its elements, or of all, and what to do; null where something is claimed of
  /// each.
  public let unclaimed: String?

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
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    drift = try ActivationDrift(from: decoder)
    tensor = try container.decode(String.self, forKey: .tensor)
    storage = try container.decode(String.self, forKey: .storage)
    from = try container.decode([String].self, forKey: .from)
    bridged = try container.decode([String].self, forKey: .bridged)
    unclaimed = try container.decodeIfPresent(String.self, forKey: .unclaimed)
  }

  /// Writes the keys of the drift and its own side by side.
  public func encode(to encoder: any Encoder) throws {
    try drift.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(tensor, forKey: .tensor)
    try container.encode(storage, forKey: .storage)
    try container.encode(from, forKey: .from)
    try container.encode(bridged, forKey: .bridged)
    try container.encode(unclaimed, forKey: .unclaimed)
  }

  /// A member of the drift.
  public subscript<Member>(dynamicMember member: KeyPath<ActivationDrift, Member>) -> Member {
    drift[keyPath: member]
  }
}
