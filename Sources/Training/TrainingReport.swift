/// Everything that `plumb train` says of a training; its coding keys are the documented JSON schema.
package struct TrainingReport: Sendable, Codable {
  /// The version of the schema.
  package var schema = 1
  /// The configuration.
  package let configuration: TrainingConfiguration
  /// The number of weights.
  package let weights: Int
  /// The SHA-256 of the text that was learned from.
  package let text: String
  /// The number of its bytes.
  package let bytes: Int
  /// The instructions that were used.
  package let instructionSet: String
  /// The mean cross-entropy of each step, in bits a byte, from the first step of this run on.
  package let losses: [Double]
  /// The step that this run began behind: 0 unless it went on from a checkpoint.
  package let resumed: Int
  /// The held-out text under the weights as the file stores them.
  package let heldOut: HeldOutLoss
  /// The format of the file's matrices.
  package let format: String
  /// The number of bytes of the file.
  package let fileBytes: Int
  /// The SHA-256 of the file.
  package let file: String
  /// The audited steps.
  package let audits: [TrainingAudit]
  /// The tokens that were predicted in a second of training, without audits.
  package let tokensPerSecond: Double
  /// The duration of the training and its audits, in seconds.
  package let seconds: Double
}
