/// The logits of an attention's sinks, one a head: each joins the scores of its head's rows in the softmax, and its weight is
/// dropped, so that the weights of a row add up to less than 1.
///
/// Source: OpenAI 2025, *gpt-oss-120b & gpt-oss-20b Model Card*, section 2.2; Xiao et al. 2023, *Efficient Streaming Language Models
/// with Attention Sinks*, equation 2.
package struct AttentionSinks: Sendable, Hashable {
  /// The tensor of weights that they are, `[heads]`.
  package let tensor: Tensor
  /// The very numbers that the tensor holds.
  package let logits: [Float]

  /// Makes the sinks from the numbers of a tensor.
  package init(tensor: Tensor, logits: [Float]) {
    self.tensor = tensor
    self.logits = logits
  }

  /// Whether both have the same numbers.
  package static func == (a: AttentionSinks, b: AttentionSinks) -> Bool { a.logits == b.logits }

  /// Hashes the numbers.
  package func hash(into hasher: inout Hasher) { hasher.combine(logits) }
}
