/// One step of a pass: a layer, what it takes, and what it gives.
package struct Step: Sendable {
  /// One activation that a step gives.
  package struct Output: Sendable, Hashable {
    /// Its name.
    package let name: ActivationName
    /// Its extents, outermost first.
    package let extents: [Extent]

    /// Makes the output.
    package init(name: ActivationName, extents: [Extent]) {
      self.name = name
      self.extents = extents
    }
  }

  /// The activations that the step gives, at least one.
  ///
  /// A layer with several results, as a sum that is also normalised or attention with its log-sum-exp, names each.
  package let outputs: [Output]
  /// The layer.
  package let operation: Operation
  /// The activations that the layer takes, in its order; a sum takes any number.
  package let inputs: [ActivationName]

  /// Makes a step that gives at least one output.
  package init(outputs: [Output], operation: Operation, inputs: [ActivationName]) {
    self.outputs = outputs
    self.operation = operation
    self.inputs = inputs
  }

  /// The name of what the step gives, of several the first.
  package var name: ActivationName { outputs[0].name }
  /// The catalogue's name of the layer.
  package var layer: LayerKind { operation.layer }

  /// `inputs` as the layer takes them: what heads have of their own and what they share, which a turn is given apart, joined.
  package func taken<Element>(_ inputs: [Activation<Element>]) -> [Activation<Element>] {
    guard case .rotaryEmbedding = operation, inputs.count == 2 else { return inputs }
    return [inputs[0].joiningHeads(inputs[1])]
  }

  /// Whether an axis of what the step gives runs over positions, as that of scores does.
  package var hasPositions: Bool { outputs[0].extents.contains(.positions) }

  /// The shape of what the step gives in a pass of `tokens` tokens, the last of which stands at position `positions` − 1.
  package func shape(tokens: Int, positions: Int) -> [Int] {
    outputs[0].extents.map { $0.count(tokens: tokens, positions: positions) }
  }

  /// `result`, which has the elements of a token as one row, in the shape of what the step gives; any other as it is.
  package func arranged<Element>(_ result: Activation<Element>) -> Activation<Element> {
    result.shape.count == outputs[0].extents.count ? result : result.reshaped(shape(tokens: result.rows))
  }

  /// The shape of what the step gives in a pass of `tokens` tokens from position 0 on.
  package func shape(tokens: Int) -> [Int] { shape(tokens: tokens, positions: tokens) }
}
