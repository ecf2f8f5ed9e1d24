/// The logits of an attention's sinks, one a head: each joins the scores of its head's rows in the softmax, and its weight is
/// dropped, so that the weights of a row add up to less than 1.
///
/// Source: OpenAI 2025, *gpt-oss-120b & gpt-oss-20b Model Card*, section 2.2; Xiao et al. 2023, *Efficient Streaming Language Models
/// with Attention Sinks*, equation 2.
public struct AttentionSinks: Sendable, Hashable {
  /// The tensor of weights that they are, `[heads]`.
  public let tensor: Tensor
  /// The very numbers that the tensor holds.
  public let logits: [Float]

  /// Makes the sinks from the numbers of a tensor.
  public init(tensor: Tensor, logits: [Float]) {
    self.tensor = tensor
    self.logits = logits
  }

  /// Whether both have the same numbers.
  public static func == (a: AttentionSinks, b: AttentionSinks) -> Bool { a.logits == b.logits }

  /// Hashes the numbers.
  public func hash(into hasher: inout Hasher) { hasher.combine(logits) }
}
