/// A pass as a list of steps, each after those whose results it takes.
///
/// Derived from a model's values, and the only place that knows their order: whoever runs a pass, or asks what an activation
/// is made of, reads it here.
package struct Plan: Sendable {
  /// The steps, in order.
  package let steps: [Step]
  /// The activations that no step after the one of the same index takes.
  package let released: [[ActivationName]]
  /// The places of each block's steps in `steps`.
  package let blocks: [Range<Int>]
  /// The activations that enter the blocks, and, last, the one that leaves the last of them.
  package let streams: [ActivationName]
  private let places: [ActivationName: Int]

  init(steps: [Step], blocks: [Range<Int>], streams: [ActivationName]) {
    self.steps = steps
    self.blocks = blocks
    self.streams = streams
    var places: [ActivationName: Int] = [:]
    var lastUse: [ActivationName: Int] = [:]
    for (index, step) in steps.enumerated() {
      for name in step.inputs { lastUse[name] = index }
      for output in step.outputs {
        places[output.name] = index
        lastUse[output.name] = index
      }
    }
    self.places = places
    var released = [[ActivationName]](repeating: [], count: steps.count)
    for (name, index) in lastUse { released[index].append(name) }
    self.released = released
  }

  /// The place in `steps` of what gives `name`; `nil` where nothing does.
  package func place(of name: ActivationName) -> Int? { places[name] }

  /// The step that gives `name`; `nil` where none does.
  package subscript(name: ActivationName) -> Step? { places[name].map { steps[$0] } }

  /// The step that gives `name`.
  ///
  /// - Precondition: there is one.
  package func step(_ name: ActivationName) -> Step {
    guard let step = self[name] else { preconditionFailure("no step gives '\(name)'") }
    return step
  }

  /// The inputs of the step that gives `name`; none where no step does.
  package func inputs(of name: ActivationName) -> [ActivationName] { self[name]?.inputs ?? [] }

  /// The shape of the activation `name` in a pass of `tokens` tokens; empty where no step gives it.
  package func shape(of name: ActivationName, tokens: Int) -> [Int] { self[name]?.shape(tokens: tokens) ?? [] }

  /// Every activation, in order.
  package var names: [ActivationName] { steps.flatMap { $0.outputs.map(\.name) } }

  /// The layer in which queries and keys meet in the block of this index, where they do.
  package func attention(inBlock index: Int) -> AttentionLayer? {
    for step in steps[blocks[index]] { if case .attentionScores(let layer) = step.operation { return layer } }
    return nil
  }

  /// The layers that turn heads by their positions, one for each step that does.
  package var rotaryLayers: [RotaryEmbeddingLayer] {
    steps.compactMap { if case .rotaryEmbedding(let layer) = $0.operation { layer } else { nil } }
  }

  /// The activation that leaves the last step.
  package var end: ActivationName? { steps.last?.name }
}
