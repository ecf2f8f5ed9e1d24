import PlumbExact
import PlumbModel

extension Reference {
  /// One exact pass of a transformer from the tokens alone: every activation as balls, all tokens at once.
  ///
  /// Balls widen from layer to layer, so `precision` must exceed the bits wanted at the end by the bits lost on the way:
  /// about 18 a block were measured on a model of 30 blocks and 576 hidden elements. Narrower balls take another pass with
  /// more precision. A pass holds the activations of one block and leaves the weights as it found them.
  package struct Pass: Sendable {
    /// The weights and their layers.
    package let transformer: Transformer
    /// The number of bits that a midpoint carries.
    package let precision: Int

    /// The state from which a pass goes on after some of its blocks.
    package struct Checkpoint: Sendable {
      /// The number of blocks that are done.
      package let blocks: Int
      /// The output of the last of them, `[tokens, hidden]`.
      package let hidden: Activation<Ball>

      /// Makes a checkpoint after `blocks` blocks.
      package init(blocks: Int, hidden: Activation<Ball>) {
        self.blocks = blocks
        self.hidden = hidden
      }
    }

    /// Prepares a pass of `transformer`.
    package init(_ transformer: Transformer, precision: Int) {
      self.transformer = transformer
      self.precision = precision
    }

    /// Computes the activations of `tokens`, which stand at the positions from 0 on, and shows each to `observer` in the
    /// order of the transformer's plan; logits and probabilities are those of the last token.
    ///
    /// From a `checkpoint` of a pass over the same tokens it goes on with the next block. The layers after an activation get
    /// what `adjusting` makes of it, of the same shape.
    ///
    /// - Throws: `CancellationError` soon after `isCancelled` or the task's cancellation says so; `EnclosureError` where
    ///   `precision` is too low for a layer to be defined on all of its input, a token is outside the vocabulary, or there
    ///   is none; what `observer` throws.
    package func run(
      _ tokens: [Int], from checkpoint: Checkpoint? = nil, isCancelled: () -> Bool = { false },
      adjusting adjust: ((ActivationName, Activation<Ball>) -> Activation<Ball>)? = nil,
      observer: (ActivationName, Activation<Ball>) throws -> Void
    ) throws {
      guard !tokens.isEmpty else { throw EnclosureError.argumentOutsideDomain(function: "a pass of no tokens") }
      func show(_ name: ActivationName, _ exact: Activation<Ball>) throws -> Activation<Ball> {
        let activation = adjust?(name, exact) ?? exact
        try observer(name, activation)
        if isCancelled() || Task.isCancelled { throw CancellationError() }
        return activation
      }
      let plan = transformer.plan
      var turns: [RotaryEmbeddingLayer: Activation<Turn>] = [:]
      for layer in plan.rotaryLayers where turns[layer] == nil {
        turns[layer] = try rotaryTurns(layer, 0..<tokens.count, precision: precision)
      }
      _ = try plan.run(from: checkpoint.map { ($0.blocks, $0.hidden) }) { step, inputs in
        try show(step.name, try result(of: step, inputs, tokens: tokens, turns: turns, precision: precision))
      }
    }
  }
}
