import PlumbModel

/// What goes through the layers together: new tokens of one sequence, or of several, whose rows follow one another.
///
/// Rows meet only in attention, where each sequence has its own keys and values. Hence no bit depends on the company.
struct Sweep {
  /// The new tokens of one sequence.
  struct Part {
    let pass: Engine.Pass
    let tokens: [Int]
    /// Their rows among those of the sweep.
    let rows: Range<Int>
  }

  let parts: [Part]
  let transformer: Transformer
  let crew: Crew
  private let observer: Engine.Pass.Observer?

  /// `chunks` of `transformer`'s passes; only one where somebody observes.
  init(
    _ chunks: [(pass: Engine.Pass, tokens: [Int])], _ transformer: Transformer, _ crew: Crew,
    _ observer: Engine.Pass.Observer?
  ) {
    var rows = 0
    parts = chunks.map { pass, tokens in
      defer { rows += tokens.count }
      return Part(pass: pass, tokens: tokens, rows: rows..<rows + tokens.count)
    }
    self.transformer = transformer
    self.crew = crew
    self.observer = observer
  }

  /// Whether somebody observes.
  var isObserved: Bool { observer != nil }

  /// Shows an activation to who observes.
  func show(_ name: ActivationName, _ activation: Activation<Float>) { observer?(name, activation) }

  /// Takes the tokens through every layer; the logits of `wanted` rows, ascending, `nil` where none are.
  ///
  /// The other rows leave the last block with their keys and values, which is all that later tokens read of them, unless
  /// somebody observes.
  func logits(of wanted: [Int]) -> Activation<Float>? {
    var x = Engine.embedding(parts.flatMap(\.tokens), transformer.embedding, crew)
    show(ActivationName(.embedding), x)
    for index in transformer.blocks.indices {
      let input = x
      let isLast = index == transformer.blocks.count - 1
      x = block(index, input, needed: isLast && !isObserved ? wanted : nil)
      reuse(input)
    }
    if wanted.isEmpty { return nil }
    let norm = Engine.rmsNorm(x, transformer.finalNorm, crew)
    show(ActivationName(.finalNorm), norm)
    // As many rows as are wanted are those.
    let rows = norm.rows == wanted.count ? norm : norm.rows(wanted)
    let logits = Engine.linear(rows, [transformer.unembedding], then: projections(0), crew)[0]
    show(ActivationName(.logits), logits)
    if isObserved {
      show(ActivationName(.probabilities), Engine.softmax(logits, crew) { _ in 0..<logits.columns })
    }
    return logits
  }

  /// Takes `input` through the block `index`; of the result only the rows `needed`, or all for `nil`.
  private func block(_ index: Int, _ input: Activation<Float>, needed: [Int]?) -> Activation<Float> {
    let layer = transformer.blocks[index]
    func observe(_ role: ActivationName.Role, _ activation: Activation<Float>) {
      show(ActivationName(block: index, role), activation)
    }
    let attentionNorm = Engine.rmsNorm(input, layer.attentionNorm, crew)
    observe(.attentionNorm, attentionNorm)
    let attended = attention(index, attentionNorm)
    let (x, values) = needed.map { (input.rows($0), attended.rows($0)) } ?? (input, attended)
    if x.rows == 0 { return x }
    let attentionOutput = Engine.linear(
      values, [layer.output], then: [layer.feedForward.gate, layer.feedForward.up], crew)[0]
    observe(.attentionOutput, attentionOutput)
    let attentionResidual = Engine.residualAdd(x, attentionOutput, crew)
    observe(.attentionResidual, attentionResidual)
    let feedForwardNorm = Engine.rmsNorm(attentionResidual, layer.feedForwardNorm, crew)
    observe(.feedForwardNorm, feedForwardNorm)
    let inner = Engine.linear(
      feedForwardNorm, [layer.feedForward.gate, layer.feedForward.up], then: [layer.feedForward.down], crew)
    observe(.gate, inner[0])
    observe(.up, inner[1])
    let activatedGate = Engine.silu(inner[0], crew)
    observe(.activatedGate, activatedGate)
    let gatedUp = Engine.gate(activatedGate, inner[1], crew)
    observe(.gatedUp, gatedUp)
    let down = Engine.linear(gatedUp, [layer.feedForward.down], then: projections(index + 1), crew)[0]
    observe(.down, down)
    let feedForwardResidual = Engine.residualAdd(attentionResidual, down, crew)
    observe(.feedForwardResidual, feedForwardResidual)
    reuse(
      attentionNorm, attended, attentionOutput, attentionResidual, feedForwardNorm, inner[0], inner[1], activatedGate,
      gatedUp, down)
    return feedForwardResidual
  }

  /// The layers that read what the blocks before `index` give, normalised: a block's projections, or the unembedding.
  func projections(_ index: Int) -> [LinearLayer] {
    index < transformer.blocks.count ? transformer.blocks[index].projections : [transformer.unembedding]
  }

  /// Lets later layers use the memory of `activations`, unless an observer may hold them.
  func reuse(_ activations: Activation<Float>...) {
    if !isObserved { crew.reuse(activations) }
  }
}

extension Activation {
  /// The rows `chosen` of a matrix.
  fileprivate func rows(_ chosen: [Int]) -> Activation {
    Activation(shape: [chosen.count, columns], elements: chosen.flatMap { row($0) })
  }
}

extension BlockLayer {
  fileprivate var projections: [LinearLayer] { [query, key, value] }
}
