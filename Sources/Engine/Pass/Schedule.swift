import PlumbModel

/// A plan as the engine runs it: places instead of names, and one stage where one kernel computes several steps.
///
/// Products of one input are one stage, because they share the packed input; scores, softmax and weighted values are one,
/// because a head's scores stay in the cache.
struct Schedule: Sendable {
  /// The computation of one stage.
  enum Work: Sendable {
    case embedding(EmbeddingLayer)
    case learnedPosition(LearnedPositionLayer)
    case rmsNorm(RMSNormLayer)
    case layerNorm(LayerNormLayer)
    /// The products of one input with several weights.
    case products([LinearLayer])
    /// Turns by the angles of this number.
    case rotaryEmbedding(Int)
    /// Scores, weights and values from queries, keys and values, and the cache of this number.
    case attention(Int)
    case softmax
    case residualAdd
    case scale(ScaleLayer)
    case activation(ActivationFunction)
    case gate
    case clampedGate(ClampedGateLayer)
    case clamp(ClampLayer)
    case router(RouterLayer)
    case expertLinear(ExpertLinearLayer)
    case expertSum
    case unembedding(LinearLayer, softCap: Float?)
  }

  /// One or more steps of the plan.
  struct Stage: Sendable {
    let work: Work
    /// The places of what it takes.
    let inputs: [Int]
    /// The places of what it gives.
    let outputs: [Int]
    /// The places that no later stage takes.
    var released: [Int]
    /// The products that come next, whose weights threads may ask memory for.
    var next: [LinearLayer] = []
  }

  private(set) var stages: [Stage] = []
  /// The activation of each place.
  private(set) var activations: [Step.Output] = []
  /// The layers whose angles a sequence keeps.
  private(set) var rotaries: [RotaryEmbeddingLayer] = []
  /// The layers whose keys and values a sequence keeps.
  private(set) var caches: [(layer: AttentionLayer, valueSize: Int)] = []
  /// The place of what a plan that does not begin with tokens is given.
  private(set) var entrance: Int?
  /// The last stage that counts where nobody observes, and the place of what it gives.
  private(set) var end = (stage: 0, place: 0)
  /// The last stage after which later tokens read nothing of a row, and the places that are in use then.
  private(set) var narrowing: (stage: Int, places: [Int])?

  /// The schedule of `plan`, in which the steps of attention follow one another.
  init(_ plan: Plan) {
    var places: [ActivationName: Int] = [:]
    if let first = plan.streams.first, plan[first] == nil {
      places[first] = 0
      activations.append(Step.Output(name: first, extents: []))
      entrance = 0
    }
    var index = 0
    while index < plan.steps.count {
      let steps = plan.steps[index..<index + Self.length(at: index, of: plan)]
      let outputs = steps.flatMap(\.outputs).map { output -> Int in
        places[output.name] = activations.count
        activations.append(output)
        return activations.count - 1
      }
      let taken = Set(steps.map(\.name))
      let inputs = steps.first.map(Self.isAttention) == true ? steps.flatMap(\.inputs) : steps[index].inputs
      stages.append(
        Stage(
          work: work(steps), inputs: inputs.filter { !taken.contains($0) }.map { places[$0] ?? 0 }, outputs: outputs,
          released: steps.indices.flatMap { plan.released[$0] }.compactMap { places[$0] }))
      if case .attention = stages[stages.count - 1].work { narrowing = (stages.count - 1, []) }
      if plan.steps[index].name == ActivationName(.logits) { end = (stages.count - 1, outputs[0]) }
      index += steps.count
    }
    if end.stage == 0 { end = (stages.count - 1, stages.last?.outputs[0] ?? 0) }
    for index in stages.indices { stages[index].released.removeAll { $0 == end.place } }
    narrowing = narrowing.map { ($0.stage, inUse(after: $0.stage)) }
    expectProducts()
  }

  /// The number of steps from `index` on that are one stage.
  private static func length(at index: Int, of plan: Plan) -> Int {
    let step = plan.steps[index]
    switch step.operation {
    case .linear:
      let others = plan.steps[(index + 1)...].prefix {
        if case .linear = $0.operation { $0.inputs == step.inputs } else { false }
      }
      return 1 + others.count
    case .attentionScores: return 3
    default: return 1
    }
  }

  private static func isAttention(_ step: Step) -> Bool {
    if case .attentionScores = step.operation { true } else { false }
  }

  private mutating func work(_ steps: ArraySlice<Step>) -> Work {
    switch steps[steps.startIndex].operation {
    case .embedding(let layer): return .embedding(layer)
    case .learnedPosition(let layer): return .learnedPosition(layer)
    case .rmsNorm(let layer): return .rmsNorm(layer)
    case .layerNorm(let layer): return .layerNorm(layer)
    case .linear: return .products(steps.compactMap(\.operation.product))
    case .rotaryEmbedding(let layer):
      if !rotaries.contains(layer) { rotaries.append(layer) }
      return .rotaryEmbedding(rotaries.firstIndex(of: layer) ?? 0)
    case .attentionScores(let layer):
      var values = layer
      if let last = steps.last, case .attentionValues(let layer) = last.operation { values = layer }
      caches.append((layer, values.headSize))
      return .attention(caches.count - 1)
    case .softmax: return .softmax
    case .attentionValues: preconditionFailure("weighted values follow the softmax of their scores")
    case .residualAdd: return .residualAdd
    case .scale(let layer): return .scale(layer)
    case .activation(let function): return .activation(function)
    case .gate: return .gate
    case .clampedGate(let layer): return .clampedGate(layer)
    case .clamp(let layer): return .clamp(layer)
    case .router(let layer): return .router(layer)
    case .expertLinear(let layer): return .expertLinear(layer)
    case .expertSum: return .expertSum
    case .unembedding(let layer, let cap): return .unembedding(layer, softCap: cap)
    }
  }

  /// The places that stages after `stage` take.
  private func inUse(after stage: Int) -> [Int] {
    let later = stages[(stage + 1)...]
    let made = Set(later.flatMap(\.outputs))
    return Set(later.flatMap(\.inputs)).subtracting(made).sorted()
  }

  /// Tells each product which come after it; after the last, for the next token, come the first.
  private mutating func expectProducts() {
    var next: [LinearLayer] = []
    for index in stages.indices.reversed() + stages.indices.reversed() {
      switch stages[index].work {
      case .products(let layers):
        stages[index].next = next
        next = layers
      case .unembedding(let layer, _):
        stages[index].next = next
        next = [layer]
      default: break
      }
    }
  }
}
