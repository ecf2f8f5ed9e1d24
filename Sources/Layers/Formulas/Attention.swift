import PlumbModel

/// y = Σₛ softmax(scores)[s] · value[s, g(h)], over the positions that the token sees; scores and weights may be stored.
///
/// The exponentials are divided by their sum before they meet the values, or the sum of the products is.
package struct Attention<Context: ArithmeticContext>: LayerFormula {
  package var scores: AttentionScores<Context>
  /// The softmax of the scores, which it is given later, as are the values' weights.
  package var softmax: Softmax<Context>
  package var values: AttentionValues<Context>
  /// The softmax and the sums of values over tiles of keys, in place of the two; `nil` where the arithmetic says which.
  package var online: OnlineSoftmax<Context>?

  package var context: Context { scores.context }

  package var round: RowFunction<Context> {
    get { values.round }
    set { values.round = newValue }
  }

  package init(
    _ query: Activation<Context.Number>, _ key: Activation<Context.Number>, _ value: Activation<Context.Number>,
    _ layer: AttentionLayer, firstPosition: Int, in context: Context
  ) {
    scores = AttentionScores(query, key, layer, firstPosition: firstPosition, in: context).inside
    softmax = Softmax(.none, in: context).inside
    let tokens = query.shape[0]
    if let sinks = layer.sinks?.logits.map({ context.read($0) }) { softmax.sink = { sinks[$0 / tokens] } }
    values = AttentionValues(softmax.x, value, layer, firstPosition: firstPosition, in: context)
  }

  package func forward() -> Activation<Context.Number> {
    var (softmax, values) = (softmax, values)
    let (tokens, seen) = (scores.query.shape[0], (0..<scores.query.shape[0]).map { scores.seen(by: $0) })
    softmax.x = scores.forward()
    softmax.counted = { seen[$0 % tokens] }
    if let online {
      return Activation(
        shape: [tokens, scores.query.shape[1], values.value.shape[2]], elements: attended(online, softmax.x, seen))
    }
    let first = values.firstPosition
    values.seen = { position, _ in seen[position - first] }
    let result = Row<Context>.oneOf(
      context,
      (
        [.normalisedFirst],
        {
          values.weights = softmax.forward()
          return context.row(values.forward().elements)
        }
      ),
      (
        [.normalisedLast],
        {
          guard softmax.sink != nil else { return normalisedLast(softmax, values) }
          var shifted = softmax
          shifted.sinkIsShifted = true
          return normalisedLast(softmax, values).or(normalisedLast(shifted, values))
        }
      ),
      (
        [.online],
        {
          var kept = AttentionScores(
            scores.query, scores.key, scores.layer, firstPosition: scores.firstPosition, in: context.unstored)
          kept.round = { $0 }
          return context.row(attended(OnlineSoftmax(), kept.forward(), seen))
        }
      ))
    let shape = [tokens, scores.query.shape[1], values.value.shape[2]]
    return Activation(shape: shape, elements: Array(result.numbers))
  }

  /// The results of `online`, from `scores` of which each token has seen some.
  private func attended(
    _ online: OnlineSoftmax<Context>, _ scores: Activation<Context.Number>, _ seen: [Range<Int>]
  ) -> [Context.Number] {
    let (tokens, heads, size) = (scores.shape[1], scores.shape[0], values.value.shape[2])
    let (valueHeads, factors) = (values.value.shape[1], context.factors(values.value).elements)
    return context.map(tokens * heads) { index -> [Context.Number] in
      let (token, head) = (index / heads, index % heads)
      guard !seen[token].isEmpty else { return [Context.Number](repeating: context.exact(0), count: size) }
      let row = context.row(scores.row(head * tokens + token))[seen[token]]
      let column = values.valueHead(head, heads, valueHeads) * size
      let columns = (0..<size).map { element in
        context.row(context.gathered(factors, at: seen[token].map { $0 * valueHeads * size + column + element }))
      }
      let sink = softmax.sink?(head * tokens + token)
      let known = context.online(row.numbers, columns.map(\.numbers), sink: sink).map { context.row($0) }
      return Array(round(known ?? online.attended(row, columns, sink: sink)).numbers)
    }.flattened
  }

  /// The result where the sums of products with the values are divided by the sums of the exponentials.
  private func normalisedLast(_ softmax: Softmax<Context>, _ values: AttentionValues<Context>) -> Row<Context> {
    var (exponentials, sums) = (softmax, values)
    exponentials.quotient = { exponentials, _ in exponentials }
    exponentials.dividesHere = false
    sums.weights = exponentials.forward()
    sums.round = { $0 }
    let (tokens, heads) = (scores.query.shape[0], scores.query.shape[1])
    let products = sums.forward()
    let sinks = softmax.sink.map { _ in exponentials.sinkExponentials }
    let rows = (0..<tokens * heads).map { index -> Row<Context> in
      let (token, head) = (index / heads, index % heads)
      let seen = softmax.counted?(head * tokens + token) ?? 0..<0
      let row = context.row(products.row(index))
      let weights = context.row(sums.weights.row(head * tokens + token))[seen]
      let all = sinks.map { weights.joining($0[head * tokens + token]) } ?? weights
      return round(seen.isEmpty ? row : row / all.total)
    }
    return context.row(rows.map { Array($0.numbers) }.flattened)
  }
}
