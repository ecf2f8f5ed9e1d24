/// The order of operations: steps made of a model's values.
struct Lowering {
  private(set) var steps: [Step] = []
  private var extents: [ActivationName: [Extent]] = [:]
  private var block: Int?

  /// Makes the steps of one block, the activation `name` of `extents` being what enters it.
  init(entering name: ActivationName? = nil, _ extents: [Extent] = []) {
    if let name { self.extents[name] = extents }
  }

  private mutating func add(
    _ role: ActivationName.Role, _ operation: Operation, _ inputs: [ActivationName] = [], _ shape: [Extent]? = nil
  ) -> ActivationName {
    let name = ActivationName(block: block, role)
    let shape = shape ?? inputs.first.flatMap { extents[$0] } ?? []
    extents[name] = shape
    steps.append(Step(outputs: [Step.Output(name: name, extents: shape)], operation: operation, inputs: inputs))
    return name
  }

  /// The rows that enter the first block.
  mutating func stem(_ stem: Stem) -> ActivationName {
    let hidden = Extent.size("hidden", stem.tokens.weight.columns)
    var rows = add(.embedding, .embedding(stem.tokens), [], [.tokens, hidden])
    if let scale = stem.scale { rows = add(.scaledEmbedding, .scale(scale), [rows]) }
    if let types = stem.types { rows = add(.typedEmbedding, .learnedPosition(types), [rows]) }
    if let positions = stem.positions { rows = add(.positionedEmbedding, .learnedPosition(positions), [rows]) }
    return stem.norm.map { add(.embeddingNorm, $0.operation, [rows]) } ?? rows
  }

  /// Adds the steps of block `index`, which `x` enters, and returns the activation that leaves it.
  mutating func block(_ value: Block, _ index: Int, _ x: ActivationName) -> ActivationName {
    block = index
    defer { block = nil }
    return value.branches.reduce(x) { branch($1, $0, entering: x) }
  }

  private mutating func branch(
    _ branch: Branch, _ x: ActivationName, entering entrance: ActivationName
  ) -> ActivationName {
    let roles = branch.mixer.roles
    let read = branch.isParallel ? entrance : x
    let input = branch.norm.map { add(roles.norm, $0.operation, [read]) } ?? read
    let mixed = mixed(branch.mixer, input, extents[x] ?? [])
    var output = branch.outputNorm.map { add(roles.outputNorm, $0.operation, [mixed]) } ?? mixed
    if let scale = branch.scale { output = add(roles.scaled, .scale(scale), [output]) }
    let sum = add(roles.residual, .residualAdd, [x, output])
    return branch.sumNorm.map { add(roles.residualNorm, $0.operation, [sum]) } ?? sum
  }

  /// Adds the steps of `mixer` on `x`, and returns their result, which is as wide as the `stream`.
  private mutating func mixed(_ mixer: Mixer, _ x: ActivationName, _ stream: [Extent]) -> ActivationName {
    switch mixer {
    case .attention(let mixer): return attention(mixer, x, stream)
    case .feedForward(let layer):
      let inner = [Extent.tokens, .size("feedForward", layer.up.weight.rows)]
      let up = add(.up, .linear(layer.up), [x], inner)
      let activated = add(.activatedUp, .activation(layer.activation), [up])
      return add(.down, .linear(layer.down), [activated], stream)
    case .gatedFeedForward(let layer):
      let inner = [Extent.tokens, .size("feedForward", layer.gate.weight.rows)]
      let gate = add(.gate, .linear(layer.gate), [x], inner)
      let up = add(.up, .linear(layer.up), [x], inner)
      let gated = gatedBy(gate, up, layer, .activatedGate, .gatedUp)
      return add(.down, .linear(layer.down), [gated], stream)
    case .experts(let mixer): return experts(mixer, x, stream)
    }
  }

  /// Adds the steps between the products of `layer`: the activation function and the product, or the clamped gate.
  private mutating func gatedBy(
    _ gate: ActivationName, _ up: ActivationName, _ layer: GatedFeedForwardLayer, _ activated: ActivationName.Role,
    _ gated: ActivationName.Role
  ) -> ActivationName {
    if let clamp = layer.clamp { return add(gated, .clampedGate(clamp), [gate, up]) }
    let opening = add(activated, .activation(layer.activation), [gate])
    return add(gated, .gate, [opening, up])
  }

  /// Adds the steps of the chosen experts, and of the shared one.
  private mutating func experts(_ mixer: ExpertsMixer, _ x: ActivationName, _ stream: [Extent]) -> ActivationName {
    let router = mixer.router
    func products(_ part: (GatedFeedForwardLayer) -> LinearLayer) -> Operation {
      .expertLinear(ExpertLinearLayer(products: mixer.experts.map(part), chosen: router.chosen))
    }
    let places = [Extent.tokens, .size("chosen", router.chosen)]
    let inner = places + [.size("feedForward", mixer.experts.first?.gate.weight.rows ?? 0)]
    let logits = add(.routerLogits, .linear(router.logits), [x], [.tokens, .size("experts", router.experts)])
    let weights = add(.routerWeights, .router(router), [logits])
    let gate = add(.expertGate, products(\.gate), [x, weights], inner)
    let up = add(.expertUp, products(\.up), [x, weights], inner)
    let gated =
      if let first = mixer.experts.first { gatedBy(gate, up, first, .activatedExpertGate, .gatedExpertUp) } else { up }
    let down = add(.expertDown, products(\.down), [gated, weights], places + stream.suffix(1))
    let chosen = add(.experts, .expertSum, [weights, down], stream)
    guard let shared = mixer.shared else { return chosen }
    var given = mixed(.gatedFeedForward(shared.feedForward), x, stream)
    if let product = shared.gate {
      // An expert that is always chosen, whose weight is the sigmoid of one logit.
      let one = [Extent.tokens, .size("shared", 1)]
      let logit = add(.sharedLogits, .linear(product), [x], one)
      let router = RouterLayer(logits: product, chosen: 1, score: .sigmoid, isRenormalised: false)
      let weight = add(.sharedWeights, .router(router), [logit])
      given = add(.weightedShared, .expertSum, [weight, given], stream)
    }
    return add(.mixture, .residualAdd, [chosen, given])
  }

  private mutating func attention(
    _ mixer: AttentionMixer, _ x: ActivationName, _ stream: [Extent]
  ) -> ActivationName {
    let layer = mixer.attention
    let valueSize = mixer.valueSize ?? layer.headSize
    func heads(_ size: Int) -> [Extent] { [.tokens, .size("heads", layer.heads), .size("headSize", size)] }
    func keys(_ size: Int) -> [Extent] {
      [.tokens, .size("keyValueHeads", layer.keyValueHeads), .size("headSize", size)]
    }
    let scores = [Extent.size("heads", layer.heads), .tokens, .positions]
    let shared = mixer.sharedKey?.weight.rows ?? 0
    let queried = mixer.queryLatent.map { latent($0, x, .queryLatent, .queryLatentNorm) } ?? x
    let keyed = mixer.keyValueLatent.map { latent($0, x, .keyValueLatent, .keyValueLatentNorm) } ?? x
    var query = add(.query, .linear(mixer.query), [queried], heads(layer.headSize))
    var key = add(.key, .linear(mixer.key), [keyed], keys(layer.headSize - shared))
    var value = add(.value, .linear(mixer.value), [keyed], keys(valueSize))
    let sharedKey = mixer.sharedKey.map {
      add(.sharedKey, .linear($0), [x], [.tokens, .size("shared", 1), .size("headSize", shared)])
    }
    if let norm = mixer.queryNorm { query = add(.queryNorm, norm.operation, [query]) }
    if let norm = mixer.keyNorm { key = add(.keyNorm, norm.operation, [key]) }
    if let clamp = mixer.clamp {
      query = add(.clampedQuery, .clamp(clamp), [query])
      key = add(.clampedKey, .clamp(clamp), [key])
      value = add(.clampedValue, .clamp(clamp), [value])
    }
    if let rotary = mixer.rotary {
      query = add(.rotatedQuery, .rotaryEmbedding(rotary), [query])
      key = add(.rotatedKey, .rotaryEmbedding(rotary), [key] + (sharedKey.map { [$0] } ?? []), keys(layer.headSize))
    }
    let met = add(.attentionScores, .attentionScores(layer), [query, key], scores)
    let weights = add(.attentionWeights, .softmax(layer), [met])
    let values = add(
      .attentionValues, .attentionValues(layer.ofValues(size: valueSize)), [weights, value], heads(valueSize))
    return add(.attentionOutput, .linear(mixer.output), [values], stream)
  }

  /// Adds the steps of a latent row of `x`, and returns the normalised one.
  private mutating func latent(
    _ latent: Latent, _ x: ActivationName, _ role: ActivationName.Role, _ normRole: ActivationName.Role
  ) -> ActivationName {
    let size = Extent.size("latent", latent.product.weight.rows)
    return add(normRole, latent.norm.operation, [add(role, .linear(latent.product), [x], [.tokens, size])])
  }

  /// The last norm, and the distribution of the token after the last row of `x`, among `vocabulary`, where there is one.
  mutating func head(_ head: Head, _ x: ActivationName, vocabulary: Int) {
    let normalised = head.norm.map { add(.finalNorm, $0.operation, [x]) } ?? x
    guard let product = head.unembedding else { return }
    let shape = [Extent.last, .size("vocabulary", vocabulary)]
    let unembedding = Operation.unembedding(product, softCap: head.softCap)
    var logits = add(head.scale == nil ? .logits : .unscaledLogits, unembedding, [normalised], shape)
    if let scale = head.scale { logits = add(.logits, .scale(scale), [logits]) }
    _ = add(.probabilities, .softmax(nil), [logits])
  }
}

extension Mixer {
  /// The names of the norms and the sum around the mixer.
  fileprivate var roles: (norm: Role, outputNorm: Role, scaled: Role, residual: Role, residualNorm: Role) {
    switch self {
    case .attention:
      (.attentionNorm, .attentionOutputNorm, .scaledAttention, .attentionResidual, .attentionResidualNorm)
    case .feedForward, .gatedFeedForward, .experts:
      (.feedForwardNorm, .feedForwardOutputNorm, .scaledFeedForward, .feedForwardResidual, .feedForwardResidualNorm)
    }
  }

  fileprivate typealias Role = ActivationName.Role
}

extension Plan {
  /// The steps of a transformer of these parts.
  init(_ stem: Stem, _ blocks: [Block], _ head: Head) {
    var lowering = Lowering()
    var streams = [lowering.stem(stem)]
    var ranges: [Range<Int>] = []
    for (index, block) in blocks.enumerated() {
      let first = lowering.steps.count
      streams.append(lowering.block(block, index, streams[index]))
      ranges.append(first..<lowering.steps.count)
    }
    lowering.head(head, streams[blocks.count], vocabulary: stem.tokens.weight.rows)
    self.init(steps: lowering.steps, blocks: ranges, streams: streams)
  }

  /// The steps of a block by itself, whose input `[tokens, hidden]` is called as what enters the first block of a transformer.
  package init(_ block: Block, hidden: Int) {
    let name = ActivationName(.embedding)
    var lowering = Lowering(entering: name, [.tokens, .size("hidden", hidden)])
    let end = lowering.block(block, 0, name)
    self.init(steps: lowering.steps, blocks: [0..<lowering.steps.count], streams: [name, end])
  }
}
