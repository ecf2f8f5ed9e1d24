package import PlumbModel

/// y = Σₛ softmax(scores)[s] · value[s, g(h)], over the positions that the token sees; scores and weights may be stored.
package struct Attention<Context: ArithmeticContext>: LayerFormula {
  package var scores: AttentionScores<Context>
  /// The softmax of the scores, which it is given later, as are the values' weights.
  package var softmax: Softmax<Context>
  package var values: AttentionValues<Context>

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
    values = AttentionValues(softmax.x, value, layer, firstPosition: firstPosition, in: context)
  }

  package func forward() -> Activation<Context.Number> {
    var (softmax, values) = (softmax, values)
    let (tokens, seen) = (scores.query.shape[0], (0..<scores.query.shape[0]).map { scores.seen(by: $0) })
    softmax.x = scores.forward()
    softmax.counted = { seen[$0 % tokens] }
    values.weights = softmax.forward()
    let first = values.firstPosition
    values.seen = { position, _ in seen[position - first] }
    return values.forward()
  }
}
