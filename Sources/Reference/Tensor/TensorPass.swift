import PlumbExact
import PlumbModel

extension Reference {
  /// A `Reference.Pass` that is many times as fast: every activation as enclosures of the same real numbers, computed on rows
  /// that share a power of two and shed digits as radii grow.
  ///
  /// Precision is that of roots, exponentials and angles, relative to the greatest element of a row; from there on digits
  /// follow the radii. A block's activations are held at a time.
  package struct TensorPass: Sendable {
    /// The weights and their layers.
    package let transformer: Transformer
    /// The number of bits that a midpoint carries at most, from the greatest of its row on.
    package let precision: Int

    /// Prepares a pass of `transformer`.
    package init(_ transformer: Transformer, precision: Int) {
      self.transformer = transformer
      self.precision = precision
    }

    /// Computes the activations of `tokens`, which stand at the positions from 0 on, and shows those that are `wanted` to
    /// `observer` in the order of the transformer's plan; logits and probabilities are those of the last token.
    ///
    /// `wanted` is asked for each activation in turn, once it is computed. From a `checkpoint` of a pass over the same tokens
    /// it goes on with the next block. The layers after an activation get what `adjusting` makes of it, of the same shape.
    ///
    /// - Throws: as `Reference.Pass`.
    package func run(
      _ tokens: [Int], from checkpoint: Pass.Checkpoint? = nil, isCancelled: () -> Bool = { false },
      adjusting adjust: ((ActivationName, Activation<Ball>) -> Activation<Ball>)? = nil,
      wanted: (ActivationName) -> Bool = { _ in true }, observer: (ActivationName, Activation<Ball>) throws -> Void
    ) throws {
      guard !tokens.isEmpty else { throw EnclosureError.argumentOutsideDomain(function: "a pass of no tokens") }
      func show(_ step: Step, _ exact: BallTensor) throws -> BallTensor {
        let name = step.name
        var tensor = exact
        let isWanted = wanted(name)
        if isWanted || adjust != nil {
          var activation = within(step, exact.activation)
          if let adjust {
            activation = adjust(name, activation)
            tensor = BallTensor(activation, rows: exact.rows.count, precision: precision)
          }
          if isWanted { try observer(name, activation) }
        }
        if isCancelled() || Task.isCancelled { throw CancellationError() }
        return tensor
      }
      let plan = transformer.plan
      var rotations: [RotaryEmbeddingLayer: [RotationRow]] = [:]
      for layer in plan.rotaryLayers where rotations[layer] == nil {
        rotations[layer] = try rotationRows(layer, positions: tokens.count)
      }
      let streams = Set(plan.streams.dropFirst())
      // The input of a product, packed: the products that follow with the same input use it again.
      var packed: (name: ActivationName, rows: [PackedRow])?
      _ = try plan.run(from: checkpoint.map { ($0.blocks, tensor($0.hidden)) }) { step, inputs in
        var result = try result(of: step, inputs, tokens, rotations, &packed)
        if streams.contains(step.name) { result = result.levelled }
        return try show(step, result)
      }
    }

    /// The result of a step for `inputs`; of an unembedding that of the last token, or of every one.
    func result(
      of step: Step, _ inputs: [BallTensor], _ tokens: [Int], _ rotations: [RotaryEmbeddingLayer: [RotationRow]],
      _ packed: inout (name: ActivationName, rows: [PackedRow])?, ofEveryToken: Bool = false
    ) throws(EnclosureError) -> BallTensor {
      switch step.operation {
      case .rmsNorm(let layer) where inputs[0].rows.allSatisfy({ $0.count == layer.weight.columns }):
        return try rmsNorm(inputs[0], layer, precision: precision)
      case .linear(let layer):
        return try product(inputs[0], step.inputs[0], layer, &packed).reshaped(step.shape(tokens: inputs[0].rows.count))
      case .unembedding(let layer, let cap):
        let rows = ofEveryToken ? inputs[0].rows : inputs[0].rows.suffix(1)
        let last = BallTensor(shape: [rows.count, inputs[0].shape.last ?? 0], rows: rows)
        packed = nil
        let logits = try product(last, step.inputs[0], layer, &packed)
        guard let cap else { return logits }
        return tensor(try softCapped(logits.activation, cap, precision: precision))
      case .rotaryEmbedding(let layer):
        let x = inputs.count == 1 ? inputs[0] : inputs[0].joiningHeads(inputs[1], precision: precision)
        return rotated(x, layer, rotations[layer] ?? [], precision: precision)
      case .attentionScores(let layer): return try attentionScores(inputs[0], inputs[1], layer, precision: precision)
      case .softmax(let layer): return try softmax(inputs[0], layer, precision: precision)
      case .attentionValues(let layer): return attentionValues(inputs[0], inputs[1], layer, precision: precision)
      case .residualAdd: return residualAdd(inputs[0], inputs[1], precision: precision)
      case .scale(let layer):
        let factor = try factor(of: layer, precision: precision)
        return inputs[0].map { _, row in row.scaled(by: factor, precision: precision) }
      case .activation(.silu): return silu(inputs[0], precision: precision)
      case .activation(.gelu): return try gelu(inputs[0], precision: precision)
      case .gate: return gate(inputs[0], inputs[1], precision: precision)
      case .expertLinear(let layer) where PackedVector.isFaster:
        return try expertLinear(inputs[0], inputs[1], layer, precision: precision)
      case .expertSum: return expertSum(inputs[0], inputs[1], precision: precision)
      case .expertLinear:
        let result = try Reference.result(of: step, inputs.map(\.activation), tokens: tokens, precision: precision)
        return tensor(result)
      case .embedding, .learnedPosition, .rmsNorm, .layerNorm, .activation, .clampedGate, .clamp, .router:
        let result = try Reference.result(of: step, inputs.map(\.activation), tokens: tokens, precision: precision)
        // A token's heads share a row, as they do in the inputs.
        return BallTensor(result, rows: inputs.first?.rows.count ?? result.rows, precision: precision)
      }
    }

    private func tensor(_ activation: Activation<Ball>) -> BallTensor {
      BallTensor(activation, rows: activation.rows, precision: precision)
    }

    /// The turns of the positions from 0 on; backward, with the sines' signs turned, their transposes.
    func rotationRows(
      _ layer: RotaryEmbeddingLayer, positions: Int, isBackward: Bool = false
    ) throws(EnclosureError) -> [RotationRow] {
      let turns = try tabledRotaryTurns(layer, 0..<positions, precision: precision)
      return (0..<turns.rows).map { token in
        RotationRow(
          cosines: turns.row(token).map(\.cosine),
          sines: turns.row(token).map { isBackward ? -$0.sine : $0.sine }, precision: precision)
      }
    }

    /// The product of `x`, the activation `name`, with the weights of `layer`.
    private func product(
      _ x: BallTensor, _ name: ActivationName, _ layer: LinearLayer,
      _ packed: inout (name: ActivationName, rows: [PackedRow])?
    ) throws(EnclosureError) -> BallTensor {
      guard PackedVector.isFaster else {
        let activation = Activation(shape: [x.rows.count, layer.weight.columns], elements: x.activation.elements)
        return tensor(try Reference.linear(activation, layer, precision: precision))
      }
      precondition(
        x.rows.allSatisfy { $0.count == layer.weight.columns }, "tensor '\(layer.weight.name)' does not fit its input")
      if packed?.name != name { packed = (name, concurrentMap(x.rows.count) { PackedRow(x.rows[$0]) }) }
      return try Reference.linear(packed?.rows ?? [], layer, precision: precision)
    }

    /// The product of `x` with the weights of one `layer`.
    ///
    /// - Throws: as `Reference.linear`.
    package static func linear(
      _ x: Activation<Ball>, _ layer: LinearLayer, precision: Int
    ) throws(EnclosureError) -> Activation<Ball> {
      let tensor = BallTensor(x, rows: x.rows, precision: precision)
      let packed = concurrentMap(x.rows) { PackedRow(tensor.rows[$0]) }
      return try Reference.linear(packed, layer, precision: precision).activation
    }

    /// Weights of attention and probabilities without what their enclosures leave of [0, 1], where they are.
    private func within(_ step: Step, _ activation: Activation<Ball>) -> Activation<Ball> {
      guard case .softmax = step.operation else { return activation }
      return activation.map { ball in
        ball.isExact || ball.lower >= 0 && ball.upper <= 1
          ? ball : Ball(lower: max(0, ball.lower), upper: min(1, ball.upper))
      }
    }
  }
}
