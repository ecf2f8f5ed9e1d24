/// Everything that `plumb train` says of a training; its coding keys are the documented JSON schema.
public struct TrainingReport: Sendable, Codable {
  /// The version of the schema.
  public var schema = 1
  /// The configuration.
  public let configuration: TrainingConfiguration
  /// The number of weights.
  public let weights: Int
  /// The SHA-256 of the text that was learned from.
  public let text: String
  /// The number of its bytes.
  public let bytes: Int
  /// The instructions that were used.
  public let instructionSet: String
  /// The mean cross-entropy of each step, in bits a byte, from the first step of this run on.
  public let losses: [Double]
  /// The step that this run began behind: 0 unless it went on from a checkpoint.
  public let resumed: Int
  /// The held-out text under the weights as the file stores them.
  public let heldOut: HeldOutLoss
  /// The format of the file's matrices.
  public let format: String
  /// The number of bytes of the file.
  public let fileBytes: Int
  /// The SHA-256 of the file.
  public let file: String
  /// The audited steps.
  public let audits: [TrainingAudit]
  /// The tokens that were predicted in a second of training, without audits.
  public let tokensPerSecond: Double
  /// The duration of the training and its audits, in seconds.
  public let seconds: Double
}
