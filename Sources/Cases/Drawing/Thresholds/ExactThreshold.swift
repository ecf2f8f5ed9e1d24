import PlumbModel
import PlumbVerdicts

/// Cases that meet a threshold of their layer exactly, or miss it by the least there is: sums, ties and edges that numbers
/// drawn at random do not meet.
enum ExactThreshold {
  /// Changes `input` so that it meets one, where its layer has any; its shape stays.
  static func meet(_ input: inout LayerCase, using source: inout SeededSource) {
    switch input.layer {
    case .custom: break
    case .sampling: meetSampling(&input, using: &source)
    case .attentionScores, .attention, .sinkAttention:
      if source.oneIn(2) {
        meetSoftCap(&input, first: "query", second: "key", using: &source)
      } else {
        meetMask(&input, using: &source)
      }
    case .attentionValues, .block: meetMask(&input, using: &source)
    case .unembedding: meetSoftCap(&input, first: "x", second: "weight", using: &source)
    case .relu, .gelu, .geluTanh, .silu, .scale: meetTurns(&input, ["x"], using: &source)
    case .feedForward, .gatedFeedForward:
      input.fill("x", firstOfRow: 1, others: 0)
      meetTurns(&input, ["up", "gate"], using: &source)
    case .softmax, .logSoftmax: meetDifferences(&input, "x", using: &source)
    case .crossEntropy:
      meetDifferences(&input, "logits", using: &source)
      meetEnds(&input, "targets", below: "vocabulary", using: &source)
    case .rmsNorm, .layerNorm: meetEpsilon(&input, using: &source)
    case .cosineSimilarity: meetParallels(&input, using: &source)
    case .residualAdd: meetTies(&input, "x", "residual", using: &source)
    case .learnedPosition:
      meetTies(&input, "x", "weight", using: &source)
      meetLastPosition(&input)
    case .linear: meetTiesOfSums(&input, using: &source)
    case .clampedGate, .clamp: meetLimit(&input, using: &source)
    case .gate: meetTiesOfProducts(&input, using: &source)
    case .embedding: meetEnds(&input, "tokens", below: "vocabulary", using: &source)
    case .rotaryEmbedding, .rotaryEmbeddingBackward: meetWholeRotation(&input, using: &source)
    case .rmsNormBackward, .rmsNormWeightBackward, .layerNormBackward, .layerNormWeightBackward:
      meetEpsilon(&input, using: &source)
    case .reluBackward, .geluBackward, .geluTanhBackward, .siluBackward: meetTurns(&input, ["x"], using: &source)
    case .softmaxBackward, .logSoftmaxBackward: meetDifferences(&input, "x", using: &source)
    case .crossEntropyBackward:
      meetDifferences(&input, "logits", using: &source)
      meetEnds(&input, "targets", below: "vocabulary", using: &source)
      input.attributes["ignored"] = .integer(0)
    case .biasBackward: meetTiesOfColumns(&input, "gradient", using: &source)
    case .linearBackward, .linearWeightBackward: input.fill("gradient", firstOfRow: 1, others: 0)
    case .unembeddingBackward, .unembeddingWeightBackward:
      meetSoftCap(&input, first: "x", second: "weight", using: &source)
    case .embeddingBackward: meetEnds(&input, "tokens", below: "vocabulary", using: &source)
    case .attentionQueryBackward, .attentionKeyBackward, .attentionValueBackward, .attentionSinksBackward:
      meetMask(&input, using: &source)
    case .clampedGateBackward, .clampedGateUpBackward: meetLimit(&input, using: &source)
    case .quantize, .quantizeScale: meetTiesOfGrid(&input, using: &source)
    case .router: meetEqualLogits(&input, using: &source)
    case .routerBackward: meetDifferences(&input, "logits", using: &source)
    case .gatedFeedForwardBackward, .experts, .expertsBackward, .expertsWeightsBackward:
      input.fill("x", firstOfRow: 1, others: 0)
      meetTurns(&input, ["up", "gate"], using: &source)
    }
  }

  /// A window of as many positions as there are, or as the last query has up to its own; the first query at the start, or
  /// the last one at the end.
  private static func meetMask(_ input: inout LayerCase, using source: inout SeededSource) {
    guard let extents = try? CheckedCase(input).extents, let tokens = extents["tokens"] else { return }
    let positions = extents["positions"] ?? tokens
    var first = 0
    if case .integer? = input.attributes["firstPosition"], positions >= tokens {
      first = source.oneIn(3) ? 0 : positions - tokens
      input.attributes["firstPosition"] = .integer(first)
    }
    let edge = [positions, first + tokens, first + 1, 1].randomElement(using: &source) ?? 1
    input.attributes["window"] = .integer(max(1, edge + Int.random(in: -1...1, using: &source)))
  }

  /// Scores or logits that are the cap itself, next to it, or twice it, before it is applied.
  private static func meetSoftCap(
    _ input: inout LayerCase, first: String, second: String, using source: inout SeededSource
  ) {
    let caps: [Float] = [0.5, 1, 30, 50]
    let cap = caps.randomElement(using: &source) ?? 1
    let results: [Float] = [cap, cap.nextUp, cap.nextDown, 2 * cap, 0]
    input.fill(first, firstOfRow: 1, others: 0)
    input.change(second) { _, _ in
      let result = results.randomElement(using: &source) ?? cap
      return source.oneIn(2) ? -result : result
    }
    input.attributes["softCap"] = .real(cap)
    if input.attributes["scale"] != nil { input.attributes["scale"] = .real(1) }
    if input.attributes["alibi"] != nil { input.attributes["alibi"] = .real(0) }
  }

  /// Gates and what they let through at the limit on either side, next to it, and where what is let through is 0 with the 1 that is added.
  private static func meetLimit(_ input: inout LayerCase, using source: inout SeededSource) {
    guard case .real(let limit)? = input.attributes["limit"] else { return }
    let edges: [Float] = [limit, limit.nextUp, limit.nextDown, 2 * limit, 1, Float(1).nextUp, Float(1).nextDown, 0]
    for name in ["gate", "up", "x"] where input.tensors[name] != nil {
      input.change(name) { _, _ in
        let edge = edges.randomElement(using: &source) ?? limit
        return source.oneIn(2) ? -edge : edge
      }
    }
  }

  /// Numbers halfway between two of a grid, next to these, and zeros, in rows whose scale is a power of two, or at the edge of another where
  /// all scales are.
  private static func meetTiesOfGrid(_ input: inout LayerCase, using source: inout SeededSource) {
    guard let columns = input.tensors["x"]?.shape.last, columns > 0 else { return }
    let scale = Float(sign: .plus, exponent: Int.random(in: -20...20, using: &source), significand: 1)
    guard case .word(let word)? = input.attributes["scheme"], let scheme = QuantizeLayer.Scheme(rawValue: word) else {
      return
    }
    let layer = QuantizeLayer(scheme)
    let (greatest, isFloat) = (Float(layer.grid.greatest), layer.grid != .int8)
    let power = Float(sign: .plus, exponent: greatest.exponent, significand: 1)
    let edges = [greatest, greatest, greatest.nextUp, greatest.nextDown, power, power.nextDown]
    let roots = [greatest, power].map { $0 * 0x1.6A09E6p+0 }.flatMap { [$0, $0.nextUp, $0 / 2, $0.nextUp / 2] }
    input.attributes["least"] = .real(0)
    input.change("x") { index, _ in
      if index.isMultiple(of: columns) {
        let first = layer.rule == nil ? greatest : (edges + roots).randomElement(using: &source) ?? greatest
        return scheme == .q8K && source.oneIn(2) ? -first * scale : first * scale
      }
      // Numbers of 5 bits have among them those halfway between two of E2M1, E4M3 or E5M2.
      let exponent = !isFloat ? -1 : greatest < 8 ? -2 : Int.random(in: -14...4, using: &source)
      let significand = Int.random(in: 0...(isFloat ? 28 : 254), using: &source)
      let unit = Float(sign: .plus, exponent: exponent, significand: scale)
      let tie = Float(source.oneIn(2) ? -significand : significand) * unit
      return [tie, tie, tie, tie.nextUp, tie.nextDown, 0].randomElement(using: &source) ?? tie
    }
  }

  /// Logits that are equal or next to each other, and biases that are.
  private static func meetEqualLogits(_ input: inout LayerCase, using source: inout SeededSource) {
    let numbers: [Float] = [1, 1, 1, Float(1).nextUp, Float(1).nextDown, -2]
    for name in ["logits", "bias"] where name == "logits" || source.oneIn(2) {
      input.change(name) { _, _ in numbers.randomElement(using: &source) ?? 1 }
    }
  }

  /// The first and the last of what indices may be.
  private static func meetEnds(
    _ input: inout LayerCase, _ name: String, below extent: String, using source: inout SeededSource
  ) {
    guard case .integer(let indices)? = input.tensors[name],
      let last = (try? CheckedCase(input))?.extents[extent].map({ $0 - 1 })
    else { return }
    input.tensors[name] = .integer(indices.map { _ in source.oneIn(2) ? 0 : last })
  }

  /// The last token in the last row of the table.
  private static func meetLastPosition(_ input: inout LayerCase) {
    guard let extents = try? CheckedCase(input).extents, let tokens = extents["tokens"],
      let positions = extents["positions"], positions >= tokens
    else { return }
    input.attributes["firstPosition"] = .integer(positions - tokens)
  }

  /// Every pair is turned, or every pair but one; by the same angle where theta is 1, from no angle at all on.
  private static func meetWholeRotation(_ input: inout LayerCase, using source: inout SeededSource) {
    guard let size = (try? CheckedCase(input))?.extents["headSize"] else { return }
    var candidate = input
    candidate.attributes["rotatedSize"] = .integer(source.oneIn(2) || size < 4 ? size : size - 2)
    candidate.attributes["firstPosition"] = .integer(0)
    if source.oneIn(2) { candidate.attributes["theta"] = .real(1) }
    // A scaling by pairs may not fit.
    if (try? CheckedCase(candidate)) != nil { input = candidate }
  }
}

extension LayerCase {
  /// Replaces each element of the real tensor `name`, given its number and itself.
  mutating func change(_ name: String, _ replacement: (_ index: Int, _ value: Float) -> Float) {
    guard case .real(var numbers)? = tensors[name] else { return }
    for index in numbers.elements.indices { numbers.elements[index] = replacement(index, numbers.elements[index]) }
    tensors[name] = .real(numbers)
  }

  /// Makes each row of the real tensor `name` one number and zeros: products with it choose a column.
  mutating func fill(_ name: String, firstOfRow first: Float, others: Float) {
    guard let columns = tensors[name]?.shape.last, columns > 0 else { return }
    change(name) { index, _ in index.isMultiple(of: columns) ? first : others }
  }
}
