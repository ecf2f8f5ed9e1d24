import PlumbModel

/// The gradient of one of the inputs of an attention.
package protocol AttentionBackward<Context>: LayerFormula {
  var gradients: AttentionGradients<Context> { get set }

  init(_ gradients: AttentionGradients<Context>)
}

extension AttentionBackward {
  package var context: Context { gradients.context }
}

/// dquery[t, h, i] = scale · Σₛ ds[h, t, s] · key[s, g(h), i], the scale before or after the sum.
package struct AttentionQueryBackward<Context: ArithmeticContext>: AttentionBackward {
  package var gradients: AttentionGradients<Context>
  /// Whether the sums are scaled.
  package var isScaled = true
  package var round: RowFunction<Context> = { $0.result }

  package init(_ gradients: AttentionGradients<Context>) { self.gradients = gradients }

  package func forward() -> Activation<Context.Number> {
    let (shape, key) = (gradients.attention.scores.query.shape, gradients.attention.scores.key)
    let (tokens, heads, size) = (shape[0], shape[1], shape[2])
    let (parts, keys, keyHeads) = (gradients.parts(), context.factors(key), key.shape[1])
    let rows = (0..<tokens * heads).map { index -> Row<Context> in
      let (token, head) = (index / heads, index % heads)
      let part = parts[head * tokens + token]
      let keyHead = gradients.attention.scores.keyHead(head, heads, keyHeads)
      func sums(_ factors: Row<Context>) -> Row<Context> {
        context.row(
          (0..<size).map { element in
            let places = part.seen.map { ($0 * keyHeads + keyHead) * size + element }
            return factors.matrixDot(context.row(context.gathered(keys.elements, at: places))).number
          })
      }
      let after = sums(part.gradients.factors)
      if !isScaled { return round(after) }
      return round(gradients.scaled(after).or(sums(gradients.scaled(part.gradients).stored.factors)))
    }
    return Row.tensor(rows, shape: shape)
  }
}

/// dkey[s, k, i] = scale · Σ ds[h, t, s] · query[t, h, i] over the heads h that share k and the tokens t that see s, the scale
/// before or after the sum.
package struct AttentionKeyBackward<Context: ArithmeticContext>: AttentionBackward {
  package var gradients: AttentionGradients<Context>
  /// Whether the sums are scaled.
  package var isScaled = true
  package var round: RowFunction<Context> = { $0.result }

  package init(_ gradients: AttentionGradients<Context>) { self.gradients = gradients }

  package func forward() -> Activation<Context.Number> {
    let scores = gradients.attention.scores
    let parts = gradients.parts()
    let sums = gradients.sums(of: parts, { $0.gradients }, with: scores.query, like: scores.key)
    if !isScaled { return Row.tensor(sums.map(round), shape: scores.key.shape) }
    let after = context.row(sums.map { gradients.scaled($0).numbers }.flattened)
    let both = after.or(context.row(scaledFirst(parts, scores).flattened))
    return Row.tensor([round(both)], shape: scores.key.shape)
  }

  private func scaledFirst(
    _ parts: [AttentionGradients<Context>.Part], _ scores: AttentionScores<Context>
  ) -> [ArraySlice<Context.Number>] {
    gradients.sums(of: parts, { gradients.scaled($0.gradients).stored }, with: scores.query, like: scores.key).map(
      \.numbers)
  }
}

/// dvalue[s, k, i] = Σ p[h, t, s] · gradient[t, h, i] over the heads h that share k and the tokens t that see s.
package struct AttentionValueBackward<Context: ArithmeticContext>: AttentionBackward {
  package var gradients: AttentionGradients<Context>
  package var round: RowFunction<Context> = { $0.result }

  package init(_ gradients: AttentionGradients<Context>) { self.gradients = gradients }

  package func forward() -> Activation<Context.Number> {
    let value = gradients.attention.values.value
    let sums = gradients.sums(of: gradients.parts(), { $0.weights }, with: gradients.gradient, like: value)
    return Row.tensor(sums.map(round), shape: value.shape)
  }
}

/// dsinks[h] = −Σ_t p[sink] · Σₛ p[s] · dp[s]: the gradients of the scores that the sinks are, whose values are 0, added up over tokens.
package struct AttentionSinksBackward<Context: ArithmeticContext>: AttentionBackward {
  package var gradients: AttentionGradients<Context>
  /// The change of the weights of a head's sink.
  package var shares: RowFunction<Context> = { $0 }
  /// The tokens whose gradients are added.
  package var counted: Range<Int>
  package var total: @Sendable (_ terms: Row<Context>) -> Scalar<Context> = { $0.total }
  package var round: RowFunction<Context> = { $0.result }

  package init(_ gradients: AttentionGradients<Context>) {
    self.gradients = gradients
    counted = 0..<gradients.gradient.shape[0]
  }

  package func forward() -> Activation<Context.Number> {
    let (tokens, heads) = (gradients.gradient.shape[0], gradients.gradient.shape[1])
    let (parts, shares) = (gradients.parts(), context.row(gradients.softmax.sinkShares))
    let sums = (0..<heads).map { head -> Context.Number in
      let rows = head * tokens..<(head + 1) * tokens
      let own = context.row(rows.map { parts[$0].sum.number })
      return total((-self.shares(shares[rows]) * own).stored[counted]).number
    }
    return Row.tensor([round(context.row(sums))], shape: [heads])
  }
}
