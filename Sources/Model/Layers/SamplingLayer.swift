/// The probabilities with which the next token is drawn, from its logits.
///
/// In this order: the `topK` likeliest tokens are kept; of these the fewest likeliest, one at least, whose probabilities
/// among them reach `topP`; of these the ones at least `minP` times as likely as the likeliest. All this is decided at
/// temperature 1, or at `temperature` where that is first. The tokens kept have the probabilities of a softmax of their logits
/// divided by `temperature`, and all others 0; at temperature 0 the likeliest token has 1. Equally likely tokens rank by index, the lowest first.
/// Source: Fan et al. 2018, *Hierarchical Neural Story Generation* (top-k); Holtzman et al. 2020, *The Curious Case of
/// Neural Text Degeneration* (top-p); Nguyen et al. 2024, *Min-p Sampling*; the order is that of llama.cpp,
/// with the temperature first that of transformers.
package struct SamplingLayer: Sendable {
  /// The number that the kept logits are divided by, from 0 up.
  ///
  /// The real number that this binary32 is, as are the others.
  package let temperature: Float
  /// The number of likeliest tokens that are kept; `nil` for all.
  package let topK: Int?
  /// The sum that the probabilities of the kept tokens reach, from 0 to 1; 1 keeps all.
  package let topP: Float
  /// The least probability of a kept token relative to the likeliest one's, from 0 to 1; 0 keeps all.
  package let minP: Float
  /// Whether the logits are divided by the temperature before anything is decided.
  package let isTemperatureFirst: Bool

  /// Makes the layer.
  package init(
    temperature: Float = 1, topK: Int? = nil, topP: Float = 1, minP: Float = 0, isTemperatureFirst: Bool = false
  ) {
    self.temperature = temperature
    self.isTemperatureFirst = isTemperatureFirst
    self.topK = topK
    self.topP = topP
    self.minP = minP
  }
}
