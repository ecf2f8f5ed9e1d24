import PlumbExact
import PlumbModel

extension Reference {
  /// The gradients of the scores of an attention, `[heads, tokens, positions]`: scale · p·(dp − Σ p·dp) with p the softmax and
  /// dp[h, t, s] = Σ_i gradient[t, h, i]·value[s, g(h), i]; with a soft cap times 1 − (score/softCap)².
  ///
  /// They have the factor `scale` already: the gradients of queries and keys are products of these with keys and queries.
  ///
  /// - Throws: as `attentionScores`.
  static func scoreGradients(
    _ scores: BallTensor, _ weights: BallTensor, value: BallTensor, gradient: BallTensor, _ layer: AttentionLayer,
    precision: Int
  ) throws(EnclosureError) -> BallTensor {
    let tokens = gradient.rows.count
    let scale = try scale(of: layer, precision: precision)
    let (incoming, values) = (gradient.rows.map { SignedRow($0) }, value.rows.map { SignedRow($0) })
    return weights.map { index, weights in
      let (head, token) = (index / tokens, index % tokens)
      let products = BallRow(
        values.indices.map { position -> WideRow in
          guard layer.allows(query: token, key: position) else { return .zero }
          return SignedRow.dot(
            incoming[token], from: head * layer.headSize, values[position],
            from: layer.keyValueHead(of: head) * layer.headSize, count: layer.headSize)
        }, precision: precision)
      let sum = weights.dot(products)
      let differences = products.adding(
        BallRow(repeatElement(-sum, count: products.count), precision: precision), precision: precision)
      let result = weights.multiplied(by: differences, precision: precision).scaled(by: scale, precision: precision)
      guard let cap = layer.softCap, let limit = Rational(exactly: cap), !limit.isZero else { return result }
      let row = scores.rows[index].scaled(by: Ball(1 / limit), precision: precision)
      let squares = row.multiplied(by: row, precision: precision).scaled(by: Ball(-1), precision: precision)
      let slopes = squares.adding(
        BallRow(repeatElement(Ball(1), count: row.count), precision: precision), precision: precision)
      return result.multiplied(by: slopes, precision: precision)
    }
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
