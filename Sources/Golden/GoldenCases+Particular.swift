import PlumbModel
import PlumbVerdicts

// What is particular to each layer: its edges, its cliffs, and where kernels are known to go wrong.
extension GoldenCases {
  static func tables(_ layer: LayerKind) -> [GoldenCase] {
    let weight = CaseTensor.rows(
      [0x1p-149, -0x1p-149, 0x1.fffffep+127], [-0.0, 0x1p-126, -0x1.fffffep+127], [1, 0x1.000002p+0, 0x1.fffffep-1])
    if layer == .embedding {
      return [
        .given(
          "bits", "rows of extreme numbers, some asked for twice", layer,
          ["tokens": .indices(2, 0, 1, 0), "weight": weight])
      ]
    }
    return [
      .given(
        "bits", "extreme rows; the last position", layer,
        ["x": .rows([1, 1, 1]), "weight": weight], attributes: ["firstPosition": .integer(2)])
    ]
  }

  static func norms(_ layer: LayerKind) -> [GoldenCase] {
    let weight = CaseTensor.vector(1, 1, 1, 1)
    func row(_ name: String, _ note: String, _ x: [Float], epsilon: Float) -> GoldenCase {
      .given(name, note, layer, ["x": .rows(x), "weight": weight], attributes: ["epsilon": .real(epsilon)])
    }
    return [
      row("constant", "a constant row: its variance is 0", [3, 3, 3, 3], epsilon: 1e-5),
      row("constant-no-epsilon", "a constant row and epsilon 0", [3, 3, 3, 3], epsilon: 0),
      row("zeros-no-epsilon", "0/0: nothing is defined", [0, 0, 0, 0], epsilon: 0),
      row("offset", "a great mean and a small variance", [1000, 1000.0625, 999.9375, 1000], epsilon: 1e-5),
      row("outlier", "one element dwarfs the others", [1e4, 1e-4, -1e-4, 0], epsilon: 1e-6),
      row("one-hot", "one element alone", [0, 0, 1, 0], epsilon: 1e-12),
      row("vanishing-squares", "squares below the least subnormal, epsilon 0", [1e-30, 2e-30, -1e-30, 0], epsilon: 0),
      row("overflowing-squares", "squares above the greatest number", [1e30, -2e30, 1e30, 0], epsilon: 1e-5),
      .drawn("long", "a row of 256", layer, seed: 30, extents: ["tokens": 1, "hidden": 256]),
    ]
  }

  static func products(_ layer: LayerKind) -> [GoldenCase] {
    let inputs = layer == .linear ? "inputs" : "hidden"
    func product(_ name: String, _ note: String, x: [Float], weight: [Float]) -> GoldenCase {
      .given(name, note, layer, ["x": .rows(x), "weight": .rows(weight)])
    }
    return [
      product("swallowed", "1 between 2^30 and -2^30", x: [0x1p30, 1, -0x1p30], weight: [1, 1, 1]),
      product(
        "underflow", "every product vanishes, the sum would too", x: [0x1p-100, 0x1p-100], weight: [0x1p-60, 0x1p-60]),
      product(
        "overflow", "partial sums overflow, the sum does not", x: [0x1p127, 0x1p127, -0x1p127], weight: [1, 1, 1]),
      product("tie", "exactly between two Float32s", x: [1, 0x1p-24], weight: [1, 1]),
      product("nothing", "terms that cancel exactly", x: [1, -1, 0.5, -0.5], weight: [3, 3, 7, 7]),
      .drawn(
        "long", "sums of 256 terms", layer, seed: 31,
        extents: ["tokens": 1, inputs: 256, "outputs": 3, "vocabulary": 3]),
      .drawn("odd", "sums of 17 terms: one beyond a vector", layer, seed: 32, extents: [inputs: 17]),
    ]
  }

  static func feedForwards(_ layer: LayerKind) -> [GoldenCase] {
    [
      .drawn(
        "odd", "sizes that are no multiple of a vector", layer, seed: 33,
        extents: ["hidden": 17, "feedForward": 19, "tokens": 1]),
      .drawn(
        "deaf", "inputs so negative that the activation is nearly 0", layer, seed: 34, .constant(-40),
        parameters: .constant(0.5)),
    ]
  }

  /// The scalings of frequencies with the numbers of models that have them.
  static func scaledRotations(_ layer: LayerKind) -> [GoldenCase] {
    func scaled(
      _ name: String, _ note: String, _ attributes: [String: AttributeValue], seed: UInt64, divisors: [Float]? = nil
    ) -> GoldenCase {
      .drawn(
        name, note, layer, seed: seed, extents: ["tokens": 3, "headSize": 8],
        attributes: attributes.merging(["interleaved": .flag(false), "firstPosition": .integer(4000)]) { $1 },
        given: divisors.map { [RotaryScalingPart.divisors: .shaped([$0.count], $0)] } ?? [:])
    }
    let yarn: [String: AttributeValue] = [
      "theta": .real(150_000), "contextFactor": .real(32), "originalContext": .integer(4096), "highTurns": .real(32),
      "magnitude": .real(1.3465736),
    ]
    return [
      scaled("llama-3.1", "Llama 3.1's scaling", ["scaling": .word("llama3"), "theta": .real(500_000)], seed: 44),
      scaled("yarn-ramp", "YaRN between whole pairs", yarn.merging(["scaling": .word("yarn")]) { $1 }, seed: 45),
      scaled(
        "yarn-places", "YaRN between the very places, as gpt-oss",
        yarn.merging(["scaling": .word("yarn-untruncated")]) { $1 }, seed: 46),
      scaled(
        "divisors", "a divisor for each pair, one more than there are, as LongRoPE", ["magnitude": .real(1.1902381)],
        seed: 47, divisors: [1, 1.25, 8, 64.5, 0.5]),
    ]
  }

  static func rotations(_ layer: LayerKind) -> [GoldenCase] {
    func turned(_ name: String, _ note: String, _ attributes: [String: AttributeValue], seed: UInt64) -> GoldenCase {
      .drawn(name, note, layer, seed: seed, extents: ["tokens": 3, "headSize": 8], attributes: attributes)
    }
    return [
      turned("halves", "pairs half a head apart", ["interleaved": .flag(false)], seed: 35),
      turned(
        "partial-halves", "half a head turned, in halves",
        ["interleaved": .flag(false), "rotatedSize": .integer(4)], seed: 36),
      turned("far", "positions far beyond what models are trained for", ["firstPosition": .integer(131_071)], seed: 37),
      turned("farthest", "the last positions that a Float32 counts", ["firstPosition": .integer(16_777_213)], seed: 38),
      turned(
        "long-theta", "theta of long contexts", ["theta": .real(5_000_000), "firstPosition": .integer(8191)], seed: 39),
    ] + scaledRotations(layer)
  }

  static func attentions(_ layer: LayerKind) -> [GoldenCase] {
    func shaped(
      _ name: String, _ note: String, seed: UInt64, _ extents: (tokens: Int, positions: Int, heads: Int, shared: Int),
      headSize: Int = 4, _ numbers: GoldenNumbers = .ordinary
    ) -> GoldenCase {
      .drawn(
        name, note, layer, seed: seed, numbers,
        extents: [
          "tokens": extents.tokens, "positions": extents.positions, "heads": extents.heads,
          "keyValueHeads": extents.shared, "headSize": headSize,
        ], attributes: ["firstPosition": .integer(extents.positions - extents.tokens)])
    }
    return [
      shaped("prompt", "a prompt of four tokens", seed: 40, (4, 4, 2, 2)),
      shaped("next", "one token after six others", seed: 41, (1, 7, 2, 2)),
      shaped("grouped", "four heads share two of keys and values", seed: 42, (2, 3, 4, 2)),
      shaped("multi-query", "four heads share one of keys and values", seed: 43, (2, 3, 4, 1)),
      shaped("odd-head", "heads of 17", seed: 44, (1, 2, 1, 1), headSize: 17),
      shaped("decided", "scores so far apart that one position has all the weight", seed: 45, (2, 4, 1, 1), .scaled(4)),
      shaped("long", "40 positions", seed: 46, (1, 40, 1, 1)),
    ] + biases(layer)
  }

  /// Slopes of six heads, four of which are those of a power of two, behind a soft cap; none where the layer has no scores.
  private static func biases(_ layer: LayerKind) -> [GoldenCase] {
    guard Catalogue.signature(of: layer).attributes.contains(where: { $0.name == "alibi" }) else { return [] }
    return [
      .drawn(
        "six-slopes", "two heads beyond a power of two, and a soft cap", layer, seed: 47,
        extents: ["tokens": 2, "positions": 4, "heads": 6, "keyValueHeads": 2, "headSize": 4],
        attributes: ["firstPosition": .integer(2), "alibi": .real(8), "softCap": .real(5)])
    ]
  }

  static func distributions(_ layer: LayerKind) -> [GoldenCase] {
    func row(_ name: String, _ note: String, _ x: [Float]) -> GoldenCase { .given(name, note, layer, ["x": .rows(x)]) }
    let most = Float.greatestFiniteMagnitude
    return [
      row("equal", "equal elements", [7, 7, 7]),
      row("shifted", "the same differences at another place", [1000, 1001, 1002]),
      row(
        "spread", "from certainty to the last subnormal and beyond", [0, -1, -17, -87, -88, -103, -104, -150, -1000]),
      row("masked", "the numbers by which others mask", [1, 2, -1e4, -1e9, -most]),
      row("greatest", "the greatest numbers: their difference overflows", [most, -most, most]),
      row("all-masked", "every element at the number by which others mask", [-most, -most, -most, -most]),
      row("nearly-equal", "neighbours", [1, 0x1.000002p+0, 0x1.fffffep-1, 1]),
      row("two", "log 2 apart", [0, 0x1.62e43p-1]),
      .drawn("long", "200 elements", layer, seed: 50, extents: ["rows": 1, "columns": 200]),
    ]
  }

  static func losses(_ layer: LayerKind) -> [GoldenCase] {
    let most = Float.greatestFiniteMagnitude
    func loss(_ name: String, _ note: String, _ logits: [Float], _ target: Int) -> GoldenCase {
      .given(name, note, layer, ["logits": .rows(logits), "targets": .indices(target)])
    }
    return [
      loss("certain", "the target has nearly all the weight", [30, 0, 0, 1], 0),
      loss("improbable", "the target has nearly none", [30, 0, -100, 1], 2),
      loss("uniform", "log 4", [5, 5, 5, 5], 3),
      loss("greatest", "the greatest numbers", [most, -most], 0),
      loss("apart", "differences beyond every exponential", [0, -1e5, 1e5], 1),
    ]
  }

  /// Points where the activation functions turn, vanish or saturate.
  static func functions(_ layer: LayerKind) -> [GoldenCase] {
    let turning: [Float] = [0.75179, 1.27846, 1.41421, 0.5, 1, 2, 3, 0x1.fffffep-1, 0x1.000002p+0]
    let tails: [Float] = [4, 5.5, 8, 9, 10, 13, 13.5, 14, 14.5, 16, 17, 38, 87, 88, 89, 103, 104, 105, 1e4]
    let ends: [Float] = [0, 0x1p-149, 0x1p-126, 1e-30, 1e-8, 1e-4, 1e20, 1e38, .greatestFiniteMagnitude]
    func both(_ points: [Float]) -> CaseTensor { .rows(points.map { -$0 } + points) }
    return [
      .given("turning", "about the least value and 1", layer, ["x": both(turning)]),
      .given("tails", "where the function vanishes or becomes the identity", layer, ["x": both(tails)]),
      .given("ends", "the ends of the format", layer, ["x": both(ends)]),
    ]
  }

  static func pairs(_ layer: LayerKind) -> [GoldenCase] {
    let other = layer == .gate ? "gate" : "residual"
    let most = Float.greatestFiniteMagnitude
    func pair(_ name: String, _ note: String, _ x: [Float], _ y: [Float]) -> GoldenCase {
      .given(name, note, layer, ["x": .rows(x), other: .rows(y)])
    }
    return [
      pair(
        "ties", "sums and products exactly between two Float32s", [1, 0x1.000002p+0, 0x1.8p+0, 0x1.000002p+0],
        [0x1p-24, 0x1p-24, 0x1.000002p+0, 0x1.8p+0]),
      pair("opposite", "equal magnitudes", [1, -1, 0x1p-149, most], [-1, 1, -0x1p-149, -most]),
      pair(
        "ends", "beyond the greatest and below the least", [most, -most, 0x1p-149, 0x1p-126],
        [most, most, 0x1p-149, 0x1p-126]),
      pair("zeros-of-both-signs", "0 and -0", [0, -0.0, 0, -0.0], [-0.0, -0.0, 0, 1]),
    ]
  }

  static func clamps(_ layer: LayerKind) -> [GoldenCase] {
    [
      .given(
        "limits", "at the limit of 8, next to it and beyond, on both sides", layer,
        ["x": .rows([8, 0x1.000002p+3, 0x1.fffffep+2, 9, -8, -0x1.000002p+3, -0x1.fffffep+2, -9])])
    ]
  }

  /// Rows of which the greatest magnitude makes ties, is least or greatest, or is 0; each with a scale as it is and in binary16.
  static func quantised(_ layer: LayerKind) -> [GoldenCase] {
    let most = Float.greatestFiniteMagnitude
    let rows: [(name: String, note: String, x: [Float])] = [
      (
        "ties", "halfway between two integers, and next to it",
        [127, 0.5, 1.5, -2.5, 63.5, 0x1.400002p+1, -0x1.3ffffep+1]
      ),
      (
        "points", "numbers of E4M3 and E5M2, and halfway between two",
        [448, 2, 2.125, 2.25, 1.9375, 0x1p-9, 0x1p-10, 0x1.8p-10, 2.75]
      ),
      ("half-of-the-greatest", "63.5 whatever the greatest magnitude is", [3, 1.5, -1.5, 0x1p-149]),
      ("opposite", "the greatest magnitude on both sides", [1, -1, 0x1.fffffep-1, -0x1.fffffep-1]),
      ("one-of-many", "one great number, beside which the others are 0", [1e10, 1, -1, 1e-20, 0]),
      ("zeros", "a row of zeros of both signs", [0, -0.0, 0]),
      ("least", "subnormal numbers", [0x1p-149, -0x1p-148, 0x1p-147, 0x1p-126]),
      ("lost-in-binary16", "a scale that binary16 has no number above 0 for", [3e-6, -1e-6, 2e-6]),
      ("subnormal-in-binary16", "a scale that is subnormal in binary16", [0x1p-12, -0x1.8p-13, 1e-4]),
      ("greatest", "the greatest numbers, whose scale binary16 does not have", [most, -most, 1e38, 8.4e6]),
      ("greatest-in-binary16", "the greatest scale of binary16", [0x1.ff8p+15 * 127, -0x1p+15, 1]),
    ]
    return rows.flatMap { row in
      QuantizeLayer.Scheme.allCases.map { scheme in
        .given(
          "\(row.name)-\(scheme.rawValue)", row.note, layer, ["x": .rows(row.x)],
          attributes: ["scheme": .word(scheme.rawValue)])
      }
    } + powers(layer)
  }

  /// Rows of which the greatest magnitude is a power of two, 6 or next to √2 times one of these, by each rule.
  private static func powers(_ layer: LayerKind) -> [GoldenCase] {
    let edges: [Float] = [
      4, 0x1.FFFFFEp+1, 6, 0x1.800002p+2, 0x1.6A09E6p+2, 0x1.6A09E8p+2, 0x1.0F876Cp+3, 0x1.0F876Ep+3,
    ]
    return ScaleRule.Kind.allCases.map { rule in
      .given(
        "edges-\(rule.rawValue)", "greatest magnitudes at which an exponent changes", layer,
        ["x": .real(Activation(shape: [edges.count, 2], elements: edges.flatMap { [$0, -$0 / 3] }))],
        attributes: ["scheme": .word("mxfp4"), "rule": .word(rule.rawValue)])
    }
  }

  static func clampedGates(_ layer: LayerKind) -> [GoldenCase] {
    func pair(_ name: String, _ note: String, _ gate: [Float], _ up: [Float]) -> GoldenCase {
      .given(name, note, layer, ["gate": .rows(gate), "up": .rows(up)])
    }
    let most = Float.greatestFiniteMagnitude
    return [
      pair(
        "limits", "at the limit of 7, next to it and beyond", [7, 0x1.c00002p+2, 0x1.bffffep+2, 8, -7, -8],
        [1, 1, 1, 1, 1, 1]),
      pair(
        "limits-let-through", "the same of what is let through", [1, 1, 1, 1, 1, 1],
        [7, 0x1.c00002p+2, 0x1.bffffep+2, 8, -7, -8]),
      pair("nothing-let-through", "−1, and next to it", [1, 2, 3], [-1, -0x1.000002p+0, -0x1.fffffep-1]),
      pair("shut", "gates whose sigmoid vanishes", [-20, -50, -60, -100, -415, -1e4, -most], [1, 1, 1, 1, 1, 1, 1]),
      pair("ends", "the greatest and the least numbers", [most, 0x1p-149, -0x1p-149, most], [most, 1, 1, -most]),
    ]
  }

  static func similarities(_ layer: LayerKind) -> [GoldenCase] {
    func rows(_ name: String, _ note: String, _ x: [Float], _ y: [Float]) -> GoldenCase {
      .given(name, note, layer, ["x": .rows(x), "y": .rows(y)])
    }
    return [
      rows("parallel", "the same direction: 1", [1, 2, 3], [2, 4, 6]),
      rows("opposite", "the opposite direction: -1", [1, 2, 3], [-0.5, -1, -1.5]),
      rows("orthogonal", "nothing in common: 0", [1, 1, 0], [1, -1, 5]),
      rows("nearly-orthogonal", "a product of the last bits", [1, 1, 0], [1, -0x1.fffffep-1, 0]),
      rows("zero-row", "a row of zeros", [0, 0, 0], [1, 2, 3]),
      rows("vanishing-squares", "squares below the least subnormal", [1e-30, 2e-30, 0], [3e-30, 1e-30, 1e-30]),
      rows("overflowing-squares", "squares above the greatest number", [1e30, 2e30, 0], [3e30, 1e30, 1e30]),
    ]
  }

  /// Cases of what is kept and what is not: ties, limits that are reached exactly, and limits that are just missed.
  static func choices(_ layer: LayerKind) -> [GoldenCase] {
    func row(_ name: String, _ note: String, _ x: [Float], _ attributes: [String: AttributeValue]) -> GoldenCase {
      .given(name, note, layer, ["logits": .rows(x)], attributes: attributes)
    }
    let ties: [Float] = [1, 3, 2, 3, 0, 2]
    return [
      row("greedy-tie", "temperature 0: of two equal ones the first", ties, ["temperature": .real(0)]),
      row("top-k-tie", "of equal ones the lowest indices are kept", ties, ["topK": .integer(3)]),
      row("top-p-reached", "half the mass of four equal ones is two", [5, 5, 5, 5], ["topP": .real(0.5)]),
      row("top-p-below", "the first two hold 0.679 of the whole", ties, ["topP": .real(0.67)]),
      row("top-p-above", "the first two hold 0.679 of the whole", ties, ["topP": .real(0.69)]),
      row("min-p-below", "e^-1 is 0.3679", ties, ["minP": .real(0.36)]),
      row("min-p-above", "e^-1 is 0.3679", ties, ["minP": .real(0.37)]),
      row("hot", "temperature 4", ties, ["temperature": .real(4)]),
      row("cold", "a temperature at which quotients overflow", ties, ["temperature": .real(0x1p-149)]),
      row(
        "all-filters", "top-k, then top-p, then min-p, then the temperature", [0, 4, 3.5, 3, 2, 1, -1],
        ["temperature": .real(2), "topK": .integer(5), "topP": .real(0.95), "minP": .real(0.1)]),
    ]
  }

  static func blocks(_ layer: LayerKind) -> [GoldenCase] {
    [
      .drawn(
        "grouped", "four heads share two of keys and values", layer, seed: 60,
        extents: ["tokens": 3, "heads": 4, "keyValueHeads": 2]),
      .drawn(
        "gemma", "post-normalised, tanh GELU, a window and a soft cap", layer, seed: 61, extents: ["tokens": 4],
        attributes: [
          "postNormalised": .flag(true), "activation": .word("gelu-tanh"), "window": .integer(2), "softCap": .real(50),
        ]),
    ]
  }
}
