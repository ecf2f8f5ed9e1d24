import PlumbModel

/// The numbers that the gradients of an attention's inputs are made of.
///
/// With p the softmax of the scores and dp[s] = Σ_i gradient[i] · value[s, i]: ds = p · (dp − D), where D = Σ p · dp, or the sum of
/// the products of the output and its gradient, each of which may be stored; with a soft cap, ds · (1 − (score / softCap)²), of the score without
/// a linear bias. Where a head
/// has a sink, p is what the softmax leaves the positions.
package struct AttentionGradients<Context: ArithmeticContext>: Sendable {
  /// The layer, whose output plays a part in one of the formulas.
  package var attention: Attention<Context>
  package var gradient: Activation<Context.Number>
  /// The sum of the products of weights and of their gradients, which is subtracted from the gradients.
  package var sum: @Sendable (_ weights: Row<Context>, _ gradients: Row<Context>) -> Scalar<Context> = { $0.dot($1) }
  /// The gradients of scores from the weights, their gradients and that sum.
  package var difference:
    @Sendable (_ weights: Row<Context>, _ gradients: Row<Context>, _ sum: Scalar<Context>) -> Row<Context> = {
      ($0 * ($1 - $2)).or($0 * $1 - $0 * $2)
    }
  /// The slope of the soft cap from scores divided by it.
  package var slope: RowFunction<Context> = { 1 - $0 * $0 }
  /// The positions that a token sees backwards, of those that it sees.
  package var seen: @Sendable (_ seen: Range<Int>, _ token: Int) -> Range<Int> = { seen, _ in seen }

  package var context: Context { attention.context }

  package init(_ attention: Attention<Context>, gradient: Activation<Context.Number>) {
    self.attention = attention
    self.gradient = gradient
  }

  /// The softmax's weights and the scores' gradients of a head and a token, over the positions that the token sees.
  package struct Part: Sendable {
    package let seen: Range<Int>
    package let weights: Row<Context>
    package let gradients: Row<Context>
    /// Σ p · dp.
    package let sum: Scalar<Context>
  }

  /// The parts of all heads and tokens, head by head.
  package func parts() -> [Part] {
    let (tokens, layer) = (gradient.shape[0], attention.scores)
    let (softmax, scores) = (softmax, softmax.x)
    let visible = (0..<scores.rows).map { layer.seen(by: $0 % tokens) }
    let shares = Row<Context>.oneOf(
      context, ([.softmaxAgain], { context.row(softmax.forward().elements) }),
      (
        [.logSumExp],
        {
          context.row(visible.indices.map { fromLogarithm(scores.row($0), visible[$0], softmax.sink?($0)) }.flattened)
        }
      ))
    let places = visible.indices.map { seen(visible[$0], $0 % tokens) }
    let weights = places.indices.map { shares[$0 * scores.columns..<($0 + 1) * scores.columns][places[$0]] }
    let products = weightGradients(places)
    let sums = Row<Context>.oneOf(
      context, ([.weightSum], { context.row(places.indices.map { sum(weights[$0], products[$0]).number }) }),
      ([.outputSum], { outputSums }))
    let capped = layer.layer.linearBias == nil || layer.layer.softCap == nil ? scores : unbiasedScores
    return places.indices.map { index in
      var gradients = difference(weights[index], products[index], sums[index])
      if let cap = layer.layer.softCap {
        let row = context.row(capped.row(index))[places[index]]
        let limit = row.parameter(Double(cap))
        gradients = SoftCap.backward(gradients, slope(row / limit), limit)
      }
      return Part(seen: places[index], weights: weights[index], gradients: gradients.stored, sum: sums[index])
    }
  }

  /// The scores without a linear bias.
  private var unbiasedScores: Activation<Context.Number> {
    var scores = attention.scores
    scores.layer = scores.layer.unbiased
    return scores.forward()
  }

  /// The softmax of the scores.
  package var softmax: Softmax<Context> {
    let (tokens, layer) = (gradient.shape[0], attention.scores)
    var softmax = attention.softmax
    softmax.x = layer.forward()
    softmax.counted = { layer.seen(by: $0 % tokens) }
    return softmax
  }

  /// The weights e^(score − L) of a row of scores at the places `seen`, with L the logarithm of the sum of the exponentials, that
  /// of the sink included, and 0 elsewhere.
  private func fromLogarithm(
    _ scores: ArraySlice<Context.Number>, _ seen: Range<Int>, _ sink: Context.Number?
  ) -> [Context.Number] {
    var weights = scores.map { _ in context.exact(0) }
    if seen.isEmpty { return weights }
    let row = context.row(scores)[seen]
    let logarithm = (sink.map { row.joining($0) } ?? row).logarithmOfExponentials
    weights.replaceSubrange(seen, with: (row - logarithm).exponentialsOfDifferences.stored.numbers)
    return weights
  }

  /// The gradients of the weights of each head and token at `places`.
  private func weightGradients(_ places: [Range<Int>]) -> [Row<Context>] {
    let (tokens, heads) = (gradient.shape[0], gradient.shape[1])
    let (gradients, values) = (context.factors(gradient), context.factors(attention.values.value))
    let keyHeads = attention.values.value.shape[1]
    return places.indices.map { index in
      let (head, token) = (index / tokens, index % tokens)
      let gradient = context.row(gradients.row(token * heads + head))
      let keyHead = attention.values.valueHead(head, heads, keyHeads)
      return context.row(
        places[index].map { gradient.matrixDot(context.row(values.row($0 * keyHeads + keyHead))).number }
      )
      .stored
    }
  }

  /// The sums of the products of the output, which may be stored, and its gradient, of each head and token.
  private var outputSums: Row<Context> {
    let (tokens, heads) = (gradient.shape[0], gradient.shape[1])
    let output = attention.inside.forward()
    return context.row(
      (0..<heads * tokens).map { index in
        let row = index % tokens * heads + index / tokens
        return context.row(gradient.row(row)).dot(context.row(output.row(row))).number
      })
  }

  /// For each element of a tensor like `like`, the sum of products of a number of the parts at its position and head with that
  /// element of the rows of `other`.
  ///
  /// The sums of the heads that share a head of keys and values may be made and stored apart.
  package func sums(
    of own: [Part], _ number: (Part) -> Row<Context>, with other: Activation<Context.Number>,
    like: Activation<Context.Number>
  ) -> [Row<Context>] {
    let (tokens, heads, keyHeads) = (gradient.shape[0], gradient.shape[1], like.shape[1])
    let (parts, rows) = (own.map { ($0.seen, number($0).factors) }, context.factors(other))
    return (0..<like.rows).map { index in
      let (position, keyHead) = (index / keyHeads, index % keyHeads)
      let sharing = (0..<heads).filter { attention.scores.keyHead($0, heads, keyHeads) == keyHead }
      // The places of the numbers of each head that belong to the position.
      let places = sharing.map { head in
        (0..<tokens).map { head * tokens + $0 }.filter { parts[$0].0.contains(position) }
      }
      let factors = places.map { places in
        context.row(places.map { parts[$0].1[position - parts[$0].0.lowerBound].number })
      }
      return context.row(
        (0..<like.columns).map { element in
          let columns = places.map { places in
            context.row(places.map { rows.row($0 % tokens * heads + $0 / tokens).at(element) })
          }
          return sum(factors, columns).number
        })
    }
  }

  private func sum(_ factors: [Row<Context>], _ columns: [Row<Context>]) -> Scalar<Context> {
    func joined(_ rows: [Row<Context>]) -> Row<Context> { context.row(rows.map(\.numbers).flattened) }
    let together = joined(factors).matrixDot(joined(columns))
    if factors.count == 1 { return together }
    return together.or(context.row(zip(factors, columns).map { $0.matrixDot($1).stored.number }).total)
  }

  /// The change of sums of products with the scores' gradients, from the head's size or the layer's own scale.
  package func scaled(_ sums: Row<Context>) -> Row<Context> {
    attention.scores.scaled(sums, context.scalar(context.exact(Double(attention.scores.layer.sizeOfScale))))
  }
}

extension ArraySlice {
  fileprivate func at(_ index: Int) -> Element { self[startIndex + index] }
}
