import PlumbModel

/// A report on how soon each mutant of a layer was found out, and by what; its coding keys are the documented JSON schema.
package struct MutantReport: Sendable, Codable {
  /// One mutant.
  package struct Row: Sendable, Codable {
    /// The mutant's name.
    package let name: String
    /// The bug, in one sentence.
    package let bug: String
    /// The reason why it cannot be told from rounding; `nil` where it must be found.
    package let proof: String?
    /// The number of cases until the verdict was *outside*; `nil` where it never was.
    package internal(set) var killedAfter: Int?
    /// For each of the field's criteria, the number of cases until it rejected the mutant on a case on which it accepts
    /// the correct engine; absent where it never did.
    package internal(set) var rejectedAfter: [String: Int] = [:]
  }

  /// The version of the schema.
  package var schema = 1
  /// The layer.
  package let layer: String
  /// The number where random choices started.
  package let seed: UInt64
  /// Whether every case was decided that was asked for: false after an interruption.
  package internal(set) var isComplete = true
  /// The number of cases.
  package internal(set) var cases = 0
  /// The number of cases on which the correct engine was *outside*.
  package internal(set) var falseAlarms = 0
  /// For each of the field's criteria, the number of cases on which it rejects the correct engine.
  package internal(set) var fieldFalseAlarms: [String: Int] = [:]
  /// A row for every mutant.
  package internal(set) var mutants: [Row]

  init(layer: LayerKind, seed: UInt64) {
    self.layer = layer.rawValue
    self.seed = seed
    mutants = Mutant.of(layer).map { Row(name: $0.name, bug: $0.bug, proof: $0.proof) }
    for criterion in FieldCriterion.allCases { fieldFalseAlarms[criterion.rawValue] = 0 }
  }

  /// Whether a mutant that must be found was not, one that cannot be was, or the correct engine was *outside*.
  package var isFailure: Bool {
    falseAlarms > 0 || mutants.contains { ($0.killedAfter == nil) != ($0.proof != nil) }
  }
}
