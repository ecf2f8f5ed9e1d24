/// The sources of the drift of a gradient: parts that add up to the whole, exactly.
///
/// The drift is the engine's gradient less the exact one. A part of it comes from the forward pass: the exact gradient through the
/// engine's activations, less the exact one. The rest is what the steps backwards add, each on its own inputs: a step backwards is linear
/// in gradients, so that what one adds reaches the weights as if it stood alone. All numbers are put on one grid, the multiples of 2⁻¹⁶⁰,
/// so that they are short and the sum holds digit for digit.
package struct GradientAttribution: Sendable, Codable {
  /// One element of a gradient whose drift is told apart.
  package struct Element: Sendable, Codable {
    /// The reason for its choice: the greatest of the engine's gradients, or the element that drifts most.
    package let choice: String
    /// The stored tensor that it is the gradient of.
    package let tensor: String
    /// The index in that tensor.
    package let index: [Int]
    /// The engine's gradient less the exact one on the grid: a hex float with as many digits as it takes.
    package let drift: String
  }

  /// One part of the drift.
  package struct Part: Sendable, Codable {
    /// The source that added it: a place in the pass, or a kind of layer backwards.
    package let name: String
    /// The part of each of the `elements`: hex floats, which add up to their `drift` over all parts.
    package let values: [String]
    /// The norm of the part of all gradients of weights together, rounded up; `nil` of what is left over.
    package let norm: Double?
  }

  /// The elements that are told apart.
  package let elements: [Element]
  /// By place: the forward pass, the loss and the head, each block from the last on, the embedding, and what is left over.
  package let places: [Part]
  /// By kind of layer: the forward pass, each layer backwards in the order of the pass, and what is left over.
  package let layers: [Part]
  /// The greatest distance of a value from the part that it stands for, rounded up.
  package let error: Double
}
