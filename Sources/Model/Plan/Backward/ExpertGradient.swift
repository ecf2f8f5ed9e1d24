/// The gradient of one part of a mixture of experts.
///
/// The experts of a token are those whose weights are not 0; the choice of them is constant, and has no gradient.
package enum ExpertGradient: Sendable {
  /// The gradient of a router's logits, from these.
  case router(RouterLayer)
  /// The gradient of the router's weights, from these and what the experts give.
  case weights
  /// The gradient of what a token's experts give, from the router's weights; `isOfOne` where it has no axis of places.
  case given(places: Int, isOfOne: Bool)
  /// The gradient of the input of the experts' products, from the router's weights: of a token's row, which all of its experts
  /// read, or of the row of each place.
  case linear(ExpertLinearLayer, isOfTokens: Bool)
  /// The gradient of the weight of the product of expert `expert`, from the input and the router's weights.
  case linearWeight(expert: Int, chosen: Int)
  /// The gradient of the bias of that product, from the router's weights.
  case bias(expert: Int, chosen: Int)

  /// The catalogue's name of the layer; `nil` where the catalogue has none.
  package var layer: LayerKind? {
    switch self {
    case .router: .routerBackward
    case .linearWeight: .linearWeightBackward
    case .bias: .biasBackward
    case .weights, .given, .linear: nil
    }
  }

  /// The name of the operation in reports: the catalogue's where it has one.
  package var name: String {
    switch self {
    case .weights: "router-weights-backward"
    case .given: "expert-sum-backward"
    case .linear: "expert-linear-backward"
    case .router, .linearWeight, .bias: layer?.rawValue ?? ""
    }
  }

  /// The index, among the activations that a step takes, of the router's weights, which tell the experts of each token.
  package var weightsIndex: Int {
    switch self {
    case .router, .linearWeight: 1
    case .weights, .given, .linear, .bias: 0
    }
  }

  /// The number of experts of a token; `nil` where what the experts give says it.
  package var chosen: Int? {
    switch self {
    case .router(let layer): layer.chosen
    case .weights: nil
    case .given(let places, _): places
    case .linear(let layer, _): layer.chosen
    case .linearWeight(_, let chosen), .bias(_, let chosen): chosen
    }
  }

  /// Whether it is of one expert's weight or bias, a sum over the tokens that it was given.
  package var isOfOneExpert: Bool {
    switch self {
    case .linearWeight, .bias: true
    case .router, .weights, .given, .linear: false
    }
  }
}

extension ExpertChoice {
  /// The rows, of one a place of each of `chosen` places a token, that belong to `expert`.
  package func rows(of expert: Int, chosen: Int) -> [Int] {
    experts.enumerated().compactMap { token, experts in experts.firstIndex(of: expert).map { token * chosen + $0 } }
  }
}

extension Activation {
  /// The rows at `places`.
  package func rows(at places: [Int]) -> Activation {
    Activation(shape: [places.count, columns], elements: places.flatMap { row($0) })
  }

  /// The rows that an expert's product read, at `places` of `chosen` places a token: a token's own where it has one for all.
  package func expertRows(at places: [Int], chosen: Int) -> Activation {
    rows(at: shape.count == 2 ? places.map { $0 / chosen } : places)
  }

  /// The elements `range` of each head.
  package func part(of range: Range<Int>) -> Activation {
    Activation(
      shape: shape.dropLast() + [range.count],
      elements: (0..<rows).flatMap { row($0).dropFirst(range.lowerBound).prefix(range.count) })
  }

  /// `[tokens, heads, size]` as a row for each head, `[heads, tokens · size]`.
  package var headsAsRows: Activation {
    let (tokens, heads) = (shape[0], shape[1])
    return Activation(
      shape: [heads, tokens * columns],
      elements: (0..<heads).flatMap { head in (0..<tokens).flatMap { row($0 * heads + head) } })
  }
}
