/// Adds a row that was learned for each position: y[t] = x[t] + weight[position t].
///
/// Source: Gehring et al. 2017, *Convolutional Sequence to Sequence Learning*, section 3.1; GPT-2.
package struct LearnedPositionLayer: Sendable {
  /// `[positions, hidden]`.
  package let weight: Tensor

  /// Makes the layer from `weight` `[positions, hidden]`.
  package init(weight: Tensor) { self.weight = weight }
}
