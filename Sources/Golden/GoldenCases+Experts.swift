import PlumbModel
import PlumbVerdicts

// Cases that only routers and experts have: ties, groups and biases that decide, and gates at their limits.
extension GoldenCases {
  static func routers(_ layer: LayerKind) -> [GoldenCase] {
    func row(
      _ name: String, _ note: String, _ logits: [Float], bias: [Float]? = nil, _ attributes: [String: AttributeValue]
    ) -> GoldenCase {
      var tensors = ["logits": CaseTensor.rows(logits)]
      if let bias { tensors["bias"] = .shaped([bias.count], bias) }
      return .given(name, note, layer, tensors, attributes: attributes)
    }
    let sigmoids: [String: AttributeValue] = ["score": .word("sigmoid"), "chosen": .integer(2)]
    let groups = sigmoids.merging(["groups": .integer(2), "keptGroups": .integer(1)]) { $1 }
    let sums = groups.merging(["groupScore": .word("sum-of-two")]) { $1 }
    return [
      row("equal", "equal logits: the lowest index", [1, 2, 2, 2], ["chosen": .integer(2)]),
      row(
        "next", "logits that are neighbours, below and above", [1, 0x1.000002p+0, 0x1.fffffep-1, 1],
        ["chosen": .integer(1)]),
      row("all", "all experts are chosen", [3, -1, 0.5], ["chosen": .integer(3)]),
      row(
        "not-renormalised", "weights that are parts of a softmax over all", [1, 2, 0, -1],
        ["renormalised": .flag(false)]),
      row("bias", "a bias that moves the choice and not the weights", [0, 2, 3, 1], bias: [2, 0, 0, -1], sigmoids),
      row("equal-with-bias", "equal sums of equal logits", [2, 1, 1, 1], bias: [-2, 0.5, 0.5, 0.5], sigmoids),
      row("groups", "a group by its greatest", [2, 2, 3, -2], groups),
      row(
        "groups-of-one", "two groups of four, each of one expert", [2, 1, 3, -2],
        sigmoids.merging(["groups": .integer(4), "keptGroups": .integer(2)]) { $1 }),
      row(
        "groups-two-kept", "three experts of two groups of three", [1, 2, 3, -2, 4, 0],
        ["chosen": .integer(3), "groups": .integer(3), "keptGroups": .integer(2)]),
      row(
        "groups-all-kept", "as many groups as there are", [1, 2, 3, -2, 4, 0],
        ["chosen": .integer(3), "groups": .integer(3), "keptGroups": .integer(3)]),
      row("groups-by-sum", "a group by the sum of its two greatest", [2, 2, 3, -2], sums),
      row("groups-with-bias", "groups of negative numbers", [2, 2, 3, -2], bias: [-3, -3, -2.5, -2.5], sums),
      row(
        "vanishing", "sigmoids that are less than what is added to their sum", [-60, -70, -80, -90],
        sigmoids.merging(["addsToSum": .flag(true)]) { $1 }),
      row("far", "logits whose exponentials vanish", [0, -200, -1e4, 50], ["chosen": .integer(3)]),
      row("factor", "weights with a factor", [1, 2, 0, -1], sigmoids.merging(["factor": .real(2.5)]) { $1 }),
    ]
  }

  static func mixtures(_ layer: LayerKind) -> [GoldenCase] {
    func mixture(
      _ name: String, _ note: String, _ weights: [Float], choice: [Int], _ given: [Float],
      _ attributes: [String: AttributeValue] = [:]
    ) -> GoldenCase {
      let ones = CaseTensor.shaped([given.count, 1, 1], given.map { _ in 1 })
      return .given(
        name, note, layer,
        [
          "x": .rows([1]), "weights": .rows(weights),
          "choice": .integer(Activation(shape: [1, choice.count], elements: choice)),
          "gate": ones, "up": ones, "down": .shaped([given.count, 1, 1], given),
        ], attributes: ["activation": .word("relu")].merging(attributes) { $1 })
    }
    let most = Float.greatestFiniteMagnitude
    return [
      mixture("order", "the second expert first", [0.75, 0.25], choice: [1, 0], [2, 3]),
      mixture("weight-of-zero", "an expert whose weight is 0", [0, 1], choice: [0, 1], [5, 3]),
      mixture("opposite", "what experts give cancels", [0.5, 0.5], choice: [0, 1], [1, -1]),
      mixture("overflow", "products overflow, their sum does not", [2, -2], choice: [0, 1], [most, most]),
      mixture("alone", "one expert of many", [1], choice: [2], [1, 2, 3, 4]),
      mixture(
        "limits", "a clamped gate at its limit", [0.5, 0.5], choice: [0, 1], [1, 2],
        ["activation": .word("clamped-gate"), "limit": .real(1)]),
    ]
  }
}
