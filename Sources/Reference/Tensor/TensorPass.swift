import PlumbExact
public import PlumbModel

extension Reference {
  /// What `Reference.Pass` is, many times as fast: every activation as enclosures of the same real numbers, computed on rows
  /// that share a power of two and shed digits as radii grow.
  ///
  /// Precision is that of roots, exponentials and angles, relative to the greatest element of a row; from there on digits
  /// follow the radii. A block's activations are held at a time.
  public struct TensorPass: Sendable {
    /// The weights and their layers.
    public let transformer: Transformer
    /// The number of bits that a midpoint carries at most, from the greatest of its row on.
    public let precision: Int

    /// Prepares a pass of `transformer`.
    public init(_ transformer: Transformer, precision: Int) {
      self.transformer = transformer
      self.precision = precision
    }

    /// Computes the activations of `tokens`, which stand at the positions from 0 on, and shows those that are `wanted` to
    /// `observer` in the order of `ActivationName.Role`, block after block; logits and probabilities are those of the last
    /// token.
    ///
    /// `wanted` is asked for each activation in turn, once it is computed. From a `checkpoint` of a pass over the same tokens
    /// it goes on with the next block. What `adjusting` makes of an activation, of the same shape, is what the layers after it
    /// get.
    ///
    /// - Throws: as `Reference.Pass`.
    public func run(
      _ tokens: [Int], from checkpoint: Pass.Checkpoint? = nil, isCancelled: () -> Bool = { false },
      adjusting adjust: ((ActivationName, Activation<Ball>) -> Activation<Ball>)? = nil,
      wanted: (ActivationName) -> Bool = { _ in true }, observer: (ActivationName, Activation<Ball>) throws -> Void
    ) throws {
      guard !tokens.isEmpty else { throw EnclosureError.argumentOutsideDomain(function: "a pass of no tokens") }
      func show(_ name: ActivationName, _ exact: BallTensor) throws -> BallTensor {
        var tensor = exact
        let isWanted = wanted(name)
        if isWanted || adjust != nil {
          var activation = within(name, exact.activation)
          if let adjust {
            activation = adjust(name, activation)
            tensor = BallTensor(activation, rows: exact.rows.count, precision: precision)
          }
          if isWanted { try observer(name, activation) }
        }
        if isCancelled() || Task.isCancelled { throw CancellationError() }
        return tensor
      }
      func tensor(_ activation: Activation<Ball>) -> BallTensor {
        BallTensor(activation, rows: activation.rows, precision: precision)
      }
      var hidden =
        try checkpoint.map { tensor($0.hidden) }
        ?? show(ActivationName(.embedding), tensor(try embedding(tokens, transformer.embedding)))
      let turns = try tabledRotaryTurns(transformer.rotary, 0..<tokens.count, precision: precision)
      let rotations = (0..<turns.rows).map { token in
        RotationRow(
          cosines: turns.row(token).map(\.cosine), sines: turns.row(token).map(\.sine), precision: precision)
      }
      for (index, block) in transformer.blocks.enumerated().dropFirst(checkpoint?.blocks ?? 0) {
        hidden = try run(block, on: hidden, rotations) { try show(ActivationName(block: index, $0), $1) }
      }
      let normalised = try show(
        ActivationName(.finalNorm), try rmsNorm(hidden, transformer.finalNorm, precision: precision))
      let last = BallTensor(shape: [1, transformer.hiddenSize], rows: normalised.rows.suffix(1))
      let logits = try show(ActivationName(.logits), try linear(last, [transformer.unembedding])[0])
      _ = try show(ActivationName(.probabilities), try softmax(logits, precision: precision))
    }

    /// One block: the attention and the feed-forward layer, each on the normalised input and added to it.
    private func run(
      _ block: BlockLayer, on hidden: BallTensor, _ rotations: [RotationRow],
      show: (ActivationName.Role, BallTensor) throws -> BallTensor
    ) throws -> BallTensor {
      let attention = transformer.attention
      let tokens = hidden.rows.count
      func heads(_ x: BallTensor, _ count: Int) -> BallTensor { x.reshaped([tokens, count, attention.headSize]) }
      func rotated(_ x: BallTensor) -> BallTensor {
        Reference.rotated(x, transformer.rotary, rotations, precision: precision)
      }

      let input = try show(.attentionNorm, try rmsNorm(hidden, block.attentionNorm, precision: precision))
      let projections = try linear(input, [block.query, block.key, block.value])
      var query = try show(.query, heads(projections[0], attention.heads))
      var key = try show(.key, heads(projections[1], attention.keyValueHeads))
      let value = try show(.value, heads(projections[2], attention.keyValueHeads))
      query = try show(.rotatedQuery, rotated(query))
      key = try show(.rotatedKey, rotated(key))
      let scores = try show(.attentionScores, try attentionScores(query, key, attention, precision: precision))
      let weights = try show(.attentionWeights, try softmax(scores, attention, precision: precision))
      let values = try show(.attentionValues, attentionValues(weights, value, attention, precision: precision))
      let joined = values.reshaped([tokens, attention.heads * attention.headSize])
      let output = try show(.attentionOutput, try linear(joined, [block.output])[0])
      let middle = try show(.attentionResidual, residualAdd(hidden, output, precision: precision))

      let normalised = try show(.feedForwardNorm, try rmsNorm(middle, block.feedForwardNorm, precision: precision))
      let feedForward = try linear(normalised, [block.feedForward.gate, block.feedForward.up])
      let gate = try show(.gate, feedForward[0])
      let up = try show(.up, feedForward[1])
      let activated = try show(.activatedGate, silu(gate, precision: precision))
      let gated = try show(.gatedUp, Reference.gate(activated, up, precision: precision))
      let down = try show(.down, try linear(gated, [block.feedForward.down])[0])
      return try show(.feedForwardResidual, residualAdd(middle, down, precision: precision).levelled)
    }

    /// The products of one tensor with the weights of several layers.
    private func linear(_ x: BallTensor, _ layers: [LinearLayer]) throws(EnclosureError) -> [BallTensor] {
      guard PackedVector.isFaster else {
        let activation = Activation(
          shape: [x.rows.count, layers[0].weight.columns], elements: x.activation.elements)
        return try layers.map { layer throws(EnclosureError) in
          let product = try Reference.linear(activation, layer, precision: precision)
          return BallTensor(product, rows: x.rows.count, precision: precision)
        }
      }
      let packed = concurrentMap(x.rows.count) { PackedRow(x.rows[$0]) }
      return try layers.map { layer throws(EnclosureError) in
        precondition(
          x.rows.allSatisfy { $0.count == layer.weight.columns }, "tensor '\(layer.weight.name)' does not fit its input"
        )
        return try Reference.linear(packed, layer, precision: precision)
      }
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
    private func within(_ name: ActivationName, _ activation: Activation<Ball>) -> Activation<Ball> {
      guard name.role == .attentionWeights || name.role == .probabilities else { return activation }
      return activation.map { ball in
        ball.isExact || ball.lower >= 0 && ball.upper <= 1
          ? ball : Ball(lower: max(0, ball.lower), upper: min(1, ball.upper))
      }
    }
  }
}
