import PlumbModel

/// The new tokens that go through the layers together: those of one sequence, or of several, whose rows follow one another.
///
/// Rows meet only in attention, where each sequence has its own keys and values. Hence no bit depends on the company.
struct Sweep {
  /// The new tokens of one sequence.
  struct Part {
    let memory: SequenceMemory
    /// The position of the first of them.
    let first: Int
    /// Their rows among those of the sweep.
    let rows: Range<Int>
    /// Their positions in the sequence.
    var positions: Range<Int> { first..<first + rows.count }
  }

  let parts: [Part]
  let schedule: Schedule
  let crew: Crew
  private let tokens: [Int]
  private let observer: Engine.Pass.Observer?

  /// `chunks` of tokens that stand in their sequences from `first` on; only one where somebody observes.
  init(
    _ chunks: [(memory: SequenceMemory, first: Int, tokens: [Int])], _ schedule: Schedule, _ crew: Crew,
    _ observer: Engine.Pass.Observer?
  ) {
    var rows = 0
    parts = chunks.map { memory, first, tokens in
      defer { rows += tokens.count }
      return Part(memory: memory, first: first, rows: rows..<rows + tokens.count)
    }
    tokens = chunks.flatMap(\.tokens)
    self.schedule = schedule
    self.crew = crew
    self.observer = observer
  }

  /// Rows of one new sequence that enter a plan without tokens.
  init(rows: Int, _ schedule: Schedule, _ crew: Crew) {
    let memory = SequenceMemory(schedule)
    memory.extendAngles(to: rows)
    parts = [Part(memory: memory, first: 0, rows: 0..<rows)]
    tokens = []
    self.schedule = schedule
    self.crew = crew
    observer = nil
  }

  /// Whether somebody observes.
  var isObserved: Bool { observer != nil }

  /// Takes the tokens, or `x`, through every stage; the rows `wanted` of the end, ascending, or all for `nil`; `nil` where none
  /// are wanted.
  ///
  /// The other rows leave the last attention with their keys and values, which is all that later tokens read of them, unless
  /// somebody observes.
  func run(entering x: Activation<Float>? = nil, wanted: [Int]? = nil) -> Activation<Float>? {
    var values = [Activation<Float>?](repeating: nil, count: schedule.activations.count)
    if let entrance = schedule.entrance { values[entrance] = x }
    for index in schedule.stages.indices {
      if index > schedule.end.stage, !isObserved { break }
      compute(index, &values, wanted)
      for place in schedule.stages[index].released {
        // An observer may hold it.
        if let value = values[place].take(), !isObserved { crew.spares.keep(value) }
      }
      if let wanted, !isObserved, let narrowing = schedule.narrowing, narrowing.stage == index {
        if wanted.isEmpty { return nil }
        for place in narrowing.places { values[place] = values[place]?.rows(wanted) }
      }
    }
    return values[schedule.end.place]
  }

  /// Puts what the stage `index` gives into its places, and shows it.
  private func compute(_ index: Int, _ values: inout [Activation<Float>?], _ wanted: [Int]?) {
    // Computed, because a copy of the stage would count up and down a reference for each of its parts.
    var stage: Schedule.Stage { schedule.stages[index] }
    func input(_ index: Int = 0) -> Activation<Float> {
      guard let value = values[stage.inputs[index]] else { preconditionFailure("an activation was not computed") }
      return value
    }
    func give(_ activation: Activation<Float>, _ index: Int = 0) {
      let place = stage.outputs[index]
      values[place] = activation
      observer?(schedule.activations[place].name, activation)
    }
    switch stage.work {
    case .embedding(let layer): give(Engine.embedding(tokens, layer, crew))
    case .learnedPosition(let layer):
      let positions = parts.flatMap(\.positions)
      give(Engine.residualAdd(input(), Engine.embedding(positions, EmbeddingLayer(weight: layer.weight), crew), crew))
    case .rmsNorm(let layer):
      let x = input()
      // Whole tokens where the weight is as long as they are.
      let rows = x.columns == layer.weight.columns ? x : x.joined
      give(Engine.rmsNorm(rows, layer, crew).reshaped(x.shape))
    case .layerNorm(let layer):
      let x = input()
      let rows = x.columns == layer.weight.columns ? x : x.joined
      give(Engine.layerNorm(rows, layer, instructionSet: crew.instructionSet).reshaped(x.shape))
    case .products(let layers):
      for (index, product) in Engine.linear(input().joined, layers, then: stage.next, crew).enumerated() {
        give(arranged(product, stage.outputs[index]), index)
      }
    case .rotaryEmbedding(let number):
      let places = parts.flatMap { part in
        part.positions.map { (part.memory.angles[number], $0) }
      }
      let x = stage.inputs.count == 1 ? input() : input(0).joiningHeads(input(1))
      give(Engine.rotaryEmbedding(x, places, crew))
    case .attention(let number):
      let result = attention(number, query: input(0), key: input(1), value: input(2))
      if isObserved {
        give(result.scores, 0)
        give(result.weights, 1)
      }
      give(result.values, 2)
    case .softmax:
      let x = input()
      give(Engine.softmax(x, crew) { _ in 0..<x.columns })
    case .residualAdd: give(Engine.residualAdd(input(0), input(1), crew))
    case .scale(let layer): give(Engine.scale(input(), layer))
    case .activation(let function): give(Engine.activated(input(), function, crew))
    case .gate: give(Engine.gate(input(0), input(1), crew))
    case .clampedGate(let layer): give(Engine.clampedGate(input(0), input(1), layer, crew))
    case .clamp(let layer): give(Engine.clamp(input(), layer))
    case .router(let layer): give(Engine.router(input(), layer, instructionSet: crew.instructionSet))
    case .expertLinear(let layer): give(Engine.expertLinear(input(0), input(1), layer, crew))
    case .expertSum: give(Engine.expertSum(input(0), input(1), instructionSet: crew.instructionSet))
    case .unembedding(let layer, let cap):
      let x = input()
      // As many rows as are wanted are those.
      let rows = wanted.map { x.rows == $0.count ? x : x.rows($0) } ?? x
      let logits = Engine.linear(rows, [layer], then: stage.next, crew)[0]
      give(cap.map { Activation(shape: logits.shape, elements: Engine.softCapped(logits.elements, $0)) } ?? logits)
    }
  }

  /// `product`, `[tokens, outputs]`, in the shape of the activation of `place`.
  private func arranged(_ product: Activation<Float>, _ place: Int) -> Activation<Float> {
    let extents = schedule.activations[place].extents
    if extents.count == 2 { return product }
    // No axis of a product runs over positions.
    return product.reshaped(extents.map { $0.count(tokens: product.rows, positions: 0) })
  }
}

extension Activation {
  /// The rows `chosen` of the first axis.
  fileprivate func rows(_ chosen: [Int]) -> Activation {
    let width = shape.dropFirst().reduce(1, *)
    return Activation(
      shape: [chosen.count] + shape.dropFirst(), elements: chosen.flatMap { elements[$0 * width..<($0 + 1) * width] })
  }
}
