import PlumbModel

/// A report on how soon each mutant of a layer was found out, and by what; its coding keys are the documented JSON schema.
public struct MutantReport: Sendable, Codable {
  /// One mutant.
  public struct Row: Sendable, Codable {
    /// The mutant's name.
    public let name: String
    /// The bug, in one sentence.
    public let bug: String
    /// The reason why it cannot be told from rounding; `nil` where it must be found.
    public let proof: String?
    /// The number of cases until the verdict was *outside*; `nil` where it never was.
    public internal(set) var killedAfter: Int?
    /// For each of the field's criteria, the number of cases until it rejected the mutant on a case on which it accepts
    /// the correct engine; absent where it never did.
    public internal(set) var rejectedAfter: [String: Int] = [:]
  }

  /// The version of the schema.
  public var schema = 1
  /// The layer.
  public let layer: String
  /// The number where random choices started.
  public let seed: UInt64
  /// Whether every case was decided that was asked for: false after an interruption.
  public internal(set) var isComplete = true
  /// The number of cases.
  public internal(set) var cases = 0
  /// The number of cases on which the correct engine was *outside*.
  public internal(set) var falseAlarms = 0
  /// For each of the field's criteria, the number of cases on which it rejects the correct engine.
  public internal(set) var fieldFalseAlarms: [String: Int] = [:]
  /// A row for every mutant.
  public internal(set) var mutants: [Row]

  init(layer: LayerKind, seed: UInt64) {
    self.layer = layer.rawValue
    self.seed = seed
    mutants = Mutant.of(layer).map { Row(name: $0.name, bug: $0.bug, proof: $0.proof) }
    for criterion in FieldCriterion.allCases { fieldFalseAlarms[criterion.rawValue] = 0 }
  }

  /// Whether a mutant that must be found was not, one that cannot be was, or the correct engine was *outside*.
  public var isFailure: Bool {
    falseAlarms > 0 || mutants.contains { ($0.killedAfter == nil) != ($0.proof != nil) }
  }
}
