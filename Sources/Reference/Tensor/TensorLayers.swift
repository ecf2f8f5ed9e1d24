import PlumbExact
import PlumbModel

// The layers of a transformer on tensors: the formulas of the functions of the same names over `Activation<Ball>`, whose
// enclosures theirs overlap, with bounds on the spread that are proved beside the operations of `BallRow`. Midpoints carry
// `precision` bits from the greatest in their row on, or fewer where radii are wide.
extension Reference {
  /// Root-mean-square normalisation along the rows of `x`.
  ///
  /// - Throws: as the function over activations.
  static func rmsNorm(_ x: BallTensor, _ layer: RMSNormLayer, precision: Int) throws(EnclosureError) -> BallTensor {
    guard let epsilon = Rational(exactly: layer.epsilon) else {
      throw .argumentOutsideDomain(function: "rmsNorm: epsilon \(layer.epsilon)")
    }
    let numbers = try rationals(layer.weight).map { Ball(layer.addsOne ? 1 + $0 : $0) }
    let weights = BallRow(numbers, precision: exactly)
    return try x.map { _, row throws(EnclosureError) in
      guard row.count > 0 else { return row }
      let meanSquare = row.sumOfSquares * Ball(Rational(1, over: Integer(row.count)))
      let scale = try Ball.reciprocalSquareRoot(meanSquare + Ball(epsilon), precision: precision)
      return row.scaled(by: scale, precision: precision).multiplied(by: weights, precision: precision)
    }
  }

  /// More bits than lie between the greatest and the least binary32 number: rows of them are held without error.
  private static var exactly: Int { 1 << 10 }

  /// The matrix product with the weights of `layer`, and its bias, for rows that were `packed`.
  ///
  /// - Throws: as the function over activations.
  static func linear(
    _ packed: [PackedRow], _ layer: LinearLayer, precision: Int
  ) throws(EnclosureError) -> BallTensor {
    let weight = layer.weight
    let panelRows = 32
    let panels = try concurrentMap((weight.rows + panelRows - 1) / panelRows) {
      panel throws(EnclosureError) -> [WideRow] in
      let outputs = panel * panelRows..<min((panel + 1) * panelRows, weight.rows)
      return PackedRow.products(
        try outputs.map { output throws(EnclosureError) in try row(output, of: weight) }, packed)
    }
    let bias = try layer.bias.map { bias throws(EnclosureError) in
      BallRow(try rationals(bias).map { Ball($0) }, precision: exactly)
    }
    let rows = concurrentMap(packed.count) { token -> BallRow in
      let row = BallRow(panels.map { $0[token] }, precision: precision)
      return bias.map { row.adding($0, precision: precision) } ?? row
    }
    return BallTensor(shape: [packed.count, weight.rows], rows: rows)
  }

  /// The scaled scores of queries and keys, `[heads, tokens, positions]`; 0 where the mask excludes.
  ///
  /// - Throws: as the function over activations.
  static func attentionScores(
    _ query: BallTensor, _ key: BallTensor, _ layer: AttentionLayer, precision: Int
  ) throws(EnclosureError) -> BallTensor {
    let tokens = query.rows.count
    let scale = try scale(of: layer, precision: precision)
    let (queries, keys) = (query.rows.map { SignedRow($0) }, key.rows.map { SignedRow($0) })
    let rows = concurrentMap(layer.heads * tokens) { index -> BallRow in
      let (head, token) = (index / tokens, index % tokens)
      let scores = keys.indices.map { position -> WideRow in
        guard layer.allows(query: token, key: position) else { return .zero }
        return SignedRow.dot(
          queries[token], from: head * layer.headSize, keys[position],
          from: layer.keyValueHead(of: head) * layer.headSize, count: layer.headSize)
      }
      return BallRow(scores, precision: precision).scaled(by: scale, precision: precision)
    }
    let scores = BallTensor(shape: [layer.heads, tokens, keys.count], rows: rows)
    let capped = try layer.softCap.map { cap throws(EnclosureError) in
      BallTensor(try softCapped(scores.activation, cap, precision: precision), rows: rows.count, precision: precision)
    }
    return try biased(capped ?? scores, by: layer, precision: precision)
  }

  /// The softmax of each row over the positions that `layer` allows, or over all.
  ///
  /// - Throws: as the function over activations.
  static func softmax(
    _ x: BallTensor, _ layer: AttentionLayer? = nil, precision: Int
  ) throws(EnclosureError) -> BallTensor {
    guard x.isNarrower(thanPowerOfTwo: -5) else {
      let wide = x.activation
      guard let layer else {
        return BallTensor(try softmax(wide, precision: precision), rows: x.rows.count, precision: precision)
      }
      return BallTensor(try softmax(wide, layer, precision: precision), rows: x.rows.count, precision: precision)
    }
    let tokens = layer == nil ? 1 : x.shape[1]
    let sinks = layer?.sinks?.balls(tokens: tokens)
    return x.map { index, row in
      let allowed = (0..<row.count).filter { layer?.allows(query: index % tokens, key: $0) ?? true }
      guard let sink = sinks?[index] else { return row.softmax(allowed: allowed, precision: precision) }
      // The row with one element more, which no radius widens.
      let joined = BallRow(
        [row.part(0..<row.count), BallRow([sink], precision: exactly).part(0..<1)], precision: exactly)
      return joined.softmax(allowed: allowed + [row.count], precision: precision)
        .row(0..<row.count, precision: precision)
    }
  }

  /// The values weighted by what each head and token gives their positions, `[tokens, heads, headSize]`.
  static func attentionValues(
    _ weights: BallTensor, _ value: BallTensor, _ layer: AttentionLayer, precision: Int
  ) -> BallTensor {
    let tokens = weights.shape[1]
    let values = SignedRow.aligned(value.rows)
    let rows = concurrentMap(tokens) { token -> BallRow in
      let allowed = values.indices.filter { layer.allows(query: token, key: $0) }
      let heads = (0..<layer.heads).map { head in
        SignedRow.weightedSum(
          SignedRow(weights.rows[head * tokens + token]), values, included: allowed,
          from: layer.keyValueHead(of: head) * layer.headSize, count: layer.headSize)
      }
      return BallRow(heads, precision: precision)
    }
    return BallTensor(shape: [tokens, layer.heads, layer.headSize], rows: rows)
  }

  /// Turns each pair of each head by its position's angle.
  static func rotated(
    _ x: BallTensor, _ layer: RotaryEmbeddingLayer, _ turns: [RotationRow], precision: Int
  ) -> BallTensor {
    let pairs = (0..<layer.rotatedSize / 2).map { layer.pair($0) }
    let (heads, headSize) = (x.shape[1], x.shape[2])
    let starts = (0..<heads).map { $0 * headSize }
    return x.map { token, row in turns[token].turning(row, pairs: pairs, starts: starts, precision: precision) }
  }

  /// The sums of two tensors of one shape.
  static func residualAdd(_ x: BallTensor, _ y: BallTensor, precision: Int) -> BallTensor {
    x.map { index, row in row.adding(y.rows[index], precision: precision) }
  }

  /// The sigmoid linear unit of each element.
  static func silu(_ x: BallTensor, precision: Int) -> BallTensor {
    x.map { _, row in row.silu(precision: precision) }
  }

  /// The Gaussian error linear unit of each element, x/2 · (1 + erf(x/√2)).
  ///
  /// - Throws: as the root of 2 does.
  static func gelu(_ x: BallTensor, precision: Int) throws(EnclosureError) -> BallTensor {
    let half = Ball(Rational(1, over: 2))
    let root = try Ball.reciprocalSquareRoot(Ball(2), precision: precision)
    return x.map { _, row in
      let ones = BallRow([Ball](repeating: Ball(1), count: row.count), precision: exactly)
      let erf = row.scaled(by: root, precision: precision).erf(precision: precision)
      return row.scaled(by: half, precision: precision)
        .multiplied(by: erf.adding(ones, precision: precision), precision: precision)
    }
  }

  /// The products of two tensors of one shape.
  static func gate(_ activatedGate: BallTensor, _ up: BallTensor, precision: Int) -> BallTensor {
    activatedGate.map { index, row in row.multiplied(by: up.rows[index], precision: precision) }
  }
}
