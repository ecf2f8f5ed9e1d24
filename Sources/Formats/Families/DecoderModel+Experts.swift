import PlumbModel

// The experts of a block, each product a matrix of its own or one of a stack.
extension DecoderModel {
  /// The mixture of experts of the block whose names `inBlock` makes.
  ///
  /// - Throws: `ModelError` where a tensor is missing, or a stack holds another number of experts than the container states.
  func experts(
    _ stated: Family.StatedExperts, _ inBlock: (String) -> String, _ source: inout TensorSource
  ) throws(ModelError) -> Mixer {
    let names = names.experts
    let router = RouterLayer(
      logits: try source.linear(inBlock(names.router)), chosen: stated.chosen, score: stated.score,
      isRenormalised: stated.isRenormalised,
      choiceBias: stated.isBiased ? try source.take(inBlock(names.choiceBias)) : nil, addsToSum: stated.isBiased,
      factor: stated.factor, groups: stated.groups)
    let ups: [LinearLayer]
    let gates: [LinearLayer]
    if names.isInterleaved {
      let both = try stack(inBlock(names.up), stated.count, rows: 2 * stated.size, &source)
      gates = try both.products(rows: Array(stride(from: 0, to: 2 * stated.size, by: 2)), "gate", &source)
      ups = try both.products(rows: Array(stride(from: 1, to: 2 * stated.size, by: 2)), "up", &source)
    } else if let gate = names.gate {
      gates = try products(inBlock(gate), stated.count, &source)
      ups = try products(inBlock(names.up), stated.count, &source)
    } else {
      let both = try products(inBlock(names.up), stated.count, &source)
      gates = try both.map { product throws(ModelError) in
        try part(of: product, 0..<stated.size, all: 2 * stated.size)
      }
      ups = try both.map { product throws(ModelError) in
        try part(of: product, stated.size..<2 * stated.size, all: 2 * stated.size)
      }
    }
    let downs =
      names.isInterleaved
      ? try stack(inBlock(names.down), stated.count, rows: nil, &source).products(rows: nil, "down", &source)
      : try products(inBlock(names.down), stated.count, &source)
    let experts = gates.indices.map {
      GatedFeedForwardLayer(gate: gates[$0], up: ups[$0], down: downs[$0], activation: activation, clamp: clamp)
    }
    var shared: SharedExpert?
    if stated.sharedSize != nil {
      let layer = GatedFeedForwardLayer(
        gate: try source.linear(inBlock(names.sharedGate)), up: try source.linear(inBlock(names.sharedUp)),
        down: try source.linear(inBlock(names.sharedDown)), activation: activation)
      shared = SharedExpert(feedForward: layer)
      if !names.sharedWeight.isEmpty {
        // A file has the one row as a vector.
        let gate = try source.take("\(inBlock(names.sharedWeight)).weight")
        shared?.gate = LinearLayer(weight: gate.shape.count == 1 ? gate.asRow : gate)
      }
    }
    return .experts(ExpertsMixer(router: router, experts: experts, shared: shared))
  }

  /// The product of each of `count` experts called `name`.
  private func products(
    _ name: String, _ count: Int, _ source: inout TensorSource
  ) throws(ModelError) -> [LinearLayer] {
    guard !name.contains("{expert}") else {
      var products: [LinearLayer] = []
      for expert in 0..<count {
        products.append(try source.linear(name.replacing("{expert}", with: "\(expert)")))
      }
      return products
    }
    let stack = try source.take("\(name).weight")
    guard stack.shape.count == 3, stack.shape[0] == count else {
      throw ModelError(
        file: file, problem: "tensor '\(stack.name)' has shape \(stack.shape), but there are \(count) experts",
        remedy: "the model contradicts itself: fetch or convert it again")
    }
    let biases = source.takeIfPresent("\(name).bias")
    var products: [LinearLayer] = []
    for expert in 0..<count {
      guard let weight = stack.matrix(expert) else { throw wrongSize(stack, stack.rows) }
      var own: Tensor?
      if let biases {
        own = try bias(biases, expert, of: count, rows: Array(0..<weight.rows), "\(name).bias[\(expert)]")
      }
      products.append(LinearLayer(weight: weight, bias: own))
    }
    return products
  }

  /// The elements `rows` of the bias of `expert`, of which `stack` holds those of all.
  func bias(
    _ stack: Tensor, _ expert: Int, of count: Int, rows: [Int], _ name: String
  ) throws(ModelError) -> Tensor {
    guard stack.shape.count == 2, stack.rows == count,
      let bias = stack.asVector?.gathered(rows.map { expert * stack.columns + $0 }, name: name)
    else { throw wrongSize(stack, count) }
    return bias.standing(at: stack.place?.matrix(expert)?.part(rows))
  }
}
