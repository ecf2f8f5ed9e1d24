import PlumbExact
import PlumbModel

extension Reference {
  /// The gradients of the scores of an attention, `[heads, tokens, positions]`: scale · p·(dp − Σ p·dp) with p the softmax and
  /// dp[h, t, s] = Σ_i gradient[t, h, i]·value[s, g(h), i]; with a soft cap times 1 − (score/softCap)², of the score without a linear
  /// bias.
  ///
  /// They have the factor `scale` already: the gradients of queries and keys are products of these with keys and queries.
  ///
  /// - Throws: as `attentionScores`.
  static func scoreGradients(
    _ scores: BallTensor, _ weights: BallTensor, value: BallTensor, gradient: BallTensor, _ layer: AttentionLayer,
    precision: Int
  ) throws(EnclosureError) -> BallTensor {
    let scale = try scale(of: layer, precision: precision)
    let products = weightGradients(weights, value: value, gradient: gradient, layer, precision: precision)
    let scores = layer.softCap == nil ? scores : try biased(scores, by: layer, removing: true, precision: precision)
    return weights.map { index, weights in
      let (products, sum) = (products[index], weights.dot(products[index]))
      let differences = products.adding(
        BallRow(repeatElement(-sum, count: products.count), precision: precision), precision: precision)
      let result = weights.multiplied(by: differences, precision: precision).scaled(by: scale, precision: precision)
      guard let cap = layer.softCap, let limit = Rational(exactly: cap), !limit.isZero else { return result }
      return result.multiplied(by: scores.rows[index].capSlopes(limit, precision: precision), precision: precision)
    }
  }

  /// dp[h, t, s] = Σ_i gradient[t, h, i]·value[s, g(h), i], a row for each head and token.
  private static func weightGradients(
    _ weights: BallTensor, value: BallTensor, gradient: BallTensor, _ layer: AttentionLayer, precision: Int
  ) -> [BallRow] {
    let (tokens, size) = (gradient.rows.count, value.shape.last ?? 0)
    let (incoming, values) = (gradient.rows.map { SignedRow($0) }, value.rows.map { SignedRow($0) })
    return concurrentMap(weights.rows.count) { index in
      let (head, token) = (index / tokens, index % tokens)
      return BallRow(
        values.indices.map { position -> WideRow in
          guard layer.allows(query: token, key: position) else { return .zero }
          return SignedRow.dot(
            incoming[token], from: head * size, values[position], from: layer.keyValueHead(of: head) * size, count: size
          )
        }, precision: precision)
    }
  }

  /// dsinks[h] = −Σ_t (1 − Σ p)·Σ p·dp: what a head's softmax leaves the positions is the weight of its sink less than 1.
  static func sinkGradients(
    _ weights: BallTensor, value: BallTensor, gradient: BallTensor, _ layer: AttentionLayer, precision: Int
  ) -> BallTensor {
    let products = weightGradients(weights, value: value, gradient: gradient, layer, precision: precision)
    let tokens = gradient.rows.count
    let sums = concurrentMap(layer.heads) { head -> Ball in
      (head * tokens..<(head + 1) * tokens).reduce(Ball.zero) { sum, index in
        let row = weights.rows[index]
        return sum - (Ball.one - row.balls.reduce(Ball.zero, +)) * row.dot(products[index])
      }
    }
    return BallTensor(shape: [layer.heads], rows: [BallRow(sums, precision: precision)])
  }

  /// dquery[t, h, i] = Σₛ ds[h, t, s]·key[s, g(h), i], from the gradients ds of the scores.
  static func queryGradient(
    _ scores: BallTensor, key: BallTensor, _ layer: AttentionLayer, precision: Int
  ) -> BallTensor { attentionValues(scores, key, layer, precision: precision) }

  /// dkey[s, k, i] = Σ ds[h, t, s]·query[t, h, i] over the heads h that share k and the tokens t that see s; with p for ds and the
  /// output's gradient for the query, that of the value.
  static func keyGradient(
    _ factors: BallTensor, _ query: BallTensor, _ layer: AttentionLayer, precision: Int
  ) -> BallTensor {
    let tokens = query.rows.count
    let queries = SignedRow.aligned(query.rows)
    let shared = layer.heads / layer.keyValueHeads
    let rows = concurrentMap(tokens) { position -> BallRow in
      let seeing = (0..<tokens).filter { layer.allows(query: $0, key: position) }
      func part(_ head: Int) -> BallRow {
        let column = BallRow(
          (0..<tokens).map { factors.rows[head * tokens + $0].part(position..<position + 1) }, precision: 1 << 40)
        let sum = SignedRow.weightedSum(
          SignedRow(column), queries, included: seeing, from: head * layer.headSize, count: layer.headSize)
        return BallRow([sum], precision: precision)
      }
      let heads = (0..<layer.keyValueHeads).map { head -> WideRow in
        let parts = (head * shared..<(head + 1) * shared).map(part)
        return parts.dropFirst().reduce(parts[0]) { $0.adding($1, precision: precision) }.part(0..<layer.headSize)
      }
      return BallRow(heads, precision: precision)
    }
    return BallTensor(shape: [tokens, layer.keyValueHeads, layer.headSize], rows: rows)
  }
}

extension BallRow {
  /// 1 − (x/cap)², the slope of a soft cap from its results.
  func capSlopes(_ cap: Rational, precision: Int) -> BallRow {
    let row = scaled(by: Ball(1 / cap), precision: precision)
    let squares = row.multiplied(by: row, precision: precision).scaled(by: Ball(-1), precision: precision)
    return squares.adding(BallRow(repeatElement(Ball(1), count: row.count), precision: precision), precision: precision)
  }
}
