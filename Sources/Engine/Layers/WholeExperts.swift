import PlumbModel

// A mixture of experts as one layer, in Float64 and rounded once, and backwards.
// *Error bound*: that of the formula in Float64, rounded once.
extension Engine {
  /// The sum of what a token's experts give for `x` `[tokens, hidden]`, by `weights` `[tokens, chosen]`, whose places `choice` has the
  /// experts of, token by token.
  ///
  /// - Precondition: the shapes fit one another.
  package static func experts(
    _ x: Activation<Float>, choice: [Int], weights: Activation<Float>, _ experts: [GatedFeedForwardLayer]
  ) -> Activation<Float> {
    let given = WideExpert.of(choice, experts)
    let rows = (0..<x.rows).map { token -> [Double] in
      let row = x.wideRow(token)
      return places(of: token, weights.columns).reduce([Double](repeating: 0, count: x.columns)) { sum, place in
        let weight = Double(weights.elements[place])
        return zip(sum, given[choice[place]]?.given(row) ?? []).map { $0 + $1 * weight }
      }
    }
    return .rounded(rows, shape: x.shape)
  }

  /// The gradient of the input of `experts`.
  ///
  /// - Precondition: the shapes fit one another.
  package static func expertsBackward(
    _ x: Activation<Float>, choice: [Int], weights: Activation<Float>, _ experts: [GatedFeedForwardLayer],
    gradient: Activation<Float>
  ) -> Activation<Float> {
    let given = WideExpert.of(choice, experts)
    let rows = (0..<x.rows).map { token -> [Double] in
      let (row, incoming) = (x.wideRow(token), gradient.wideRow(token))
      return places(of: token, weights.columns).reduce([Double](repeating: 0, count: x.columns)) { sum, place in
        let weight = Double(weights.elements[place])
        let own = given[choice[place]]?.gradient(row, incoming.map { $0 * weight }) ?? []
        return zip(sum, own).map { $0 + $1 }
      }
    }
    return .rounded(rows, shape: x.shape)
  }

  /// The gradient of the weights of `experts`, `[tokens, chosen]`.
  ///
  /// - Precondition: the shapes fit one another.
  package static func expertsWeightsBackward(
    _ x: Activation<Float>, choice: [Int], _ experts: [GatedFeedForwardLayer], gradient: Activation<Float>
  ) -> Activation<Float> {
    let (given, chosen) = (WideExpert.of(choice, experts), x.rows == 0 ? 0 : choice.count / x.rows)
    let rows = (0..<x.rows).map { token in
      places(of: token, chosen).map { place in
        gradient.wideRow(token).dot(given[choice[place]]?.given(x.wideRow(token)) ?? [])
      }
    }
    return .rounded(rows, shape: [x.rows, chosen])
  }

  private static func places(of token: Int, _ chosen: Int) -> Range<Int> { token * chosen..<(token + 1) * chosen }
}

/// An expert whose weights are read.
private struct WideExpert {
  let gate, up, down: Activation<Float>
  let gateBias, upBias, downBias: [Double]
  let layer: GatedFeedForwardLayer

  /// The experts that `choice` names, by index.
  static func of(_ choice: [Int], _ experts: [GatedFeedForwardLayer]) -> [Int: WideExpert] {
    Dictionary(uniqueKeysWithValues: Set(choice).map { ($0, WideExpert(experts[$0])) })
  }

  private init(_ layer: GatedFeedForwardLayer) {
    func read(_ tensor: Tensor) -> Activation<Float> {
      Activation(shape: tensor.shape, elements: Engine.decoded(tensor))
    }
    func bias(_ product: LinearLayer) -> [Double] {
      product.bias.map { Engine.decoded($0).map { Double($0) } }
        ?? [Double](repeating: 0, count: product.weight.rows)
    }
    self.layer = layer
    (gate, up, down) = (read(layer.gate.weight), read(layer.up.weight), read(layer.down.weight))
    (gateBias, upBias, downBias) = (bias(layer.gate), bias(layer.up), bias(layer.down))
  }

  private func products(_ matrix: Activation<Float>, _ x: [Double], _ bias: [Double]) -> [Double] {
    bias.indices.map { x.dot(matrix.wideRow($0)) + bias[$0] }
  }

  private func opening(_ x: [Double]) -> (gate: [Double], up: [Double]) {
    (products(gate, x, gateBias), products(up, x, upBias))
  }

  /// The numbers that the expert gives for `x`.
  func given(_ x: [Double]) -> [Double] {
    let (opening, inner) = opening(x)
    guard let clamp = layer.clamp else {
      let open = Engine.values(layer.activation, opening)
      return products(down, inner.indices.map { open[$0] * inner[$0] }, downBias)
    }
    let clamped = ClampedRow(opening, inner, clamp)
    return products(down, inner.indices.map { (clamped.clampedUp[$0] + 1) * clamped.open[$0] }, downBias)
  }

  /// The gradient of `x`, from that of what the expert gives.
  func gradient(_ x: [Double], _ gradient: [Double]) -> [Double] {
    let ((opening, inner), incoming) = (opening(x), Engine.product(gradient, down))
    let through, around: [Double]
    if let clamp = layer.clamp {
      let clamped = ClampedRow(opening, inner, clamp)
      through = incoming.indices.map { clamped.gradientOfGate($0, incoming[$0]) }
      around = incoming.indices.map { clamped.gradientOfUp($0, incoming[$0]) }
    } else {
      let (slopes, values) = (Engine.derivatives(layer.activation, opening), Engine.values(layer.activation, opening))
      through = incoming.indices.map { incoming[$0] * inner[$0] * slopes[$0] }
      around = incoming.indices.map { incoming[$0] * values[$0] }
    }
    return zip(Engine.product(through, gate), Engine.product(around, up)).map { $0 + $1 }
  }
}
