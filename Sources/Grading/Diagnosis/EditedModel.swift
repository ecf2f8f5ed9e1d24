import PlumbModel

/// A bug that is another model: the stretch that went wrong is computed, and judged, as that model has it.
///
/// The edit may touch several steps of the stretch at once, add some or leave some out, as a bug of an engine does of which the dump
/// has nothing between.
struct EditedModel: Sendable {
  /// The name of the bug.
  let name: String
  /// The bug, in one sentence.
  let cause: String
  /// The model that the engine computes.
  let transformer: Transformer

  /// The models that an engine may have computed in place of `transformer` when the block of index `block` went wrong, or, for `nil`,
  /// what stands before the blocks or behind them; those that differ by one number are `solved`.
  static func all(of transformer: Transformer, block: Int?, tokens: Int) -> [EditedModel] {
    guard let block else { return ends(of: transformer) }
    let edits =
      rotations(transformer, block) + masks(transformer, block, tokens) + scores(transformer, block)
      + norms(transformer, block) + products + wiring
    return edits.map { edit in EditedModel(edit, transformer, block) }
  }

  /// A change of a block, with its name and the bug in one sentence.
  struct Edit {
    let name: String
    let cause: String
    let change: (inout Block) -> Void

    init(_ name: String, _ cause: String, _ change: @escaping (inout Block) -> Void) {
      (self.name, self.cause, self.change) = (name, cause, change)
    }

    /// A change of the block's attention.
    static func attention(
      _ name: String, _ cause: String, _ change: @escaping (inout AttentionMixer) -> Void
    ) -> Edit {
      Edit(name, cause) { $0.editAttention(change) }
    }
  }

  init(_ edit: Edit, _ transformer: Transformer, _ block: Int) {
    var blocks = transformer.blocks
    edit.change(&blocks[block])
    self.init(
      name: edit.name, cause: edit.cause,
      transformer: Transformer(
        name: transformer.name, contextLength: transformer.contextLength, stem: transformer.stem, blocks: blocks,
        head: transformer.head))
  }

  /// Whether its parts fit together; a mask that shows tokens not yet there is a bug like any other.
  var isSound: Bool {
    let head = Head(norm: transformer.head.norm, unembedding: nil)
    return Transformer(
      name: transformer.name, contextLength: transformer.contextLength, stem: transformer.stem,
      blocks: transformer.blocks,
      head: head
    ).shapeErrors.isEmpty
  }

  private init(name: String, cause: String, transformer: Transformer) {
    (self.name, self.cause, self.transformer) = (name, cause, transformer)
  }

  /// Bugs before the blocks and behind them.
  private static func ends(of model: Transformer) -> [EditedModel] {
    func edited(
      _ name: String, _ cause: String, _ change: (inout Stem, inout Head) -> Void
    ) -> EditedModel {
      var (stem, head) = (model.stem, model.head)
      change(&stem, &head)
      return EditedModel(
        name: name, cause: cause,
        transformer: Transformer(
          name: model.name, contextLength: model.contextLength, stem: stem, blocks: model.blocks, head: head))
    }
    let moved = (-64...8).compactMap { step -> EditedModel? in
      guard step != 0, let positions = model.stem.positions?.weight.moved(by: step) else { return nil }
      let words = step < 0 ? "\(-step) rows before" : "\(step) rows behind"
      return edited("positions-moved-by-\(step)", "Positions begin \(words) the row where they should.") { stem, _ in
        stem.positions = LearnedPositionLayer(weight: positions)
      }
    }
    return moved + [
      edited("embedding-unscaled", "The embedding is not multiplied by its scale.") { stem, _ in stem.scale = nil },
      edited("positions-left-out", "The rows of the positions are not added.") { stem, _ in stem.positions = nil },
      edited("types-left-out", "The row of the tokens' type is not added.") { stem, _ in stem.types = nil },
      edited("norm-left-out", "The norm is left out.") { stem, head in (stem.norm, head.norm) = (nil, nil) },
      edited("logits-unscaled", "Logits are not scaled.") { _, head in head.scale = nil },
      edited("scale-inverted", "The scale divides where it should multiply, or the reverse.") { stem, head in
        stem.scale?.divides.toggle()
        head.scale?.divides.toggle()
      },
      edited("cap-left-out", "Logits have no soft cap.") { _, head in head.softCap = nil },
      edited("one-added", "1 is added to the norm's weights, which should be taken as they are.") { stem, head in
        stem.norm?.set(addsOne: true)
        head.norm?.set(addsOne: true)
      },
      edited("one-forgotten", "The 1 that belongs to the norm's weights is not added.") { stem, head in
        stem.norm?.set(addsOne: false)
        head.norm?.set(addsOne: false)
      },
    ]
  }
}

extension Norm {
  /// Adds 1 to the weights, or takes them as they are, where the norm is one by the root of the mean square.
  mutating func set(addsOne: Bool) {
    guard case .rms(var layer) = self else { return }
    layer.addsOne = addsOne
    self = .rms(layer)
  }

  /// The same norm of another kind: by the root of the mean square where it is by mean and variance, and the reverse.
  var ofOtherKind: Norm {
    switch self {
    case .rms(let layer): .layer(LayerNormLayer(weight: layer.weight, epsilon: layer.epsilon))
    case .layer(let layer): .rms(RMSNormLayer(weight: layer.weight, epsilon: layer.epsilon))
    }
  }

  /// The same norm with another epsilon.
  func with(epsilon: Float) -> Norm {
    switch self {
    case .rms(var layer):
      layer.epsilon = epsilon
      return .rms(layer)
    case .layer(let layer): return .layer(LayerNormLayer(weight: layer.weight, bias: layer.bias, epsilon: epsilon))
    }
  }

  /// The number that is added under the root.
  var epsilon: Float {
    switch self {
    case .rms(let layer): layer.epsilon
    case .layer(let layer): layer.epsilon
    }
  }
}
