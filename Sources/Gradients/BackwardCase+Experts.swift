import PlumbModel
import PlumbVerdicts

// The parts of a mixture of experts backwards that are layers of the catalogue.
extension BackwardCase {
  /// The gradient of a router's logits, of which the `weights` tell the experts; `nil` where a token has fewer than are chosen, as one
  /// whose weight is too small for a Float32.
  static func router(
    _ layer: RouterLayer, logits: Activation<Float>, weights: Activation<Float>, _ gradient: Activation<Float>
  ) -> LayerCase? {
    let experts = ExpertChoice(of: weights, chosen: layer.chosen) { $0 == 0 }.experts
    guard experts.allSatisfy({ $0.count == layer.chosen }) else { return nil }
    let shape = [experts.count, layer.chosen]
    let chosen = experts.enumerated().flatMap { token, experts in
      experts.map { gradient.elements[token * gradient.columns + $0] }
    }
    return LayerCase(
      layer: .routerBackward,
      attributes: [
        "score": .word(layer.score.rawValue), "renormalised": .flag(layer.isRenormalised),
        "addsToSum": .flag(layer.addsToSum), "factor": .real(layer.factor),
      ],
      tensors: [
        "logits": .real(logits), "choice": .integer(Activation(shape: shape, elements: experts.flatMap { $0 })),
        "gradient": .real(Activation(shape: shape, elements: chosen)),
      ])
  }

  /// The gradient of what the experts at `places` places of each token give, as a product with the router's `weights`; 0 at a place
  /// without an expert.
  static func given(_ weights: Activation<Float>, _ gradient: Activation<Float>, places: Int) -> LayerCase {
    let experts = ExpertChoice(of: weights, chosen: places) { $0 == 0 }.experts
    let columns = gradient.columns
    var (numbers, factors): ([Float], [Float]) = ([], [])
    for (token, experts) in experts.enumerated() {
      for place in 0..<places {
        let weight = place < experts.count ? weights.elements[token * weights.columns + experts[place]] : 0
        numbers += gradient.row(token)
        factors += [Float](repeating: weight, count: columns)
      }
    }
    let shape = [experts.count * places, columns]
    return LayerCase(
      layer: .gate,
      tensors: [
        "x": .real(Activation(shape: shape, elements: numbers)),
        "gate": .real(Activation(shape: shape, elements: factors)),
      ])
  }
}
