import PlumbModel

/// y[t, h, i] = Σₛ weights[h, t, s] · value[s, g(h), i], over the positions that the token sees.
package struct AttentionValues<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package var weights: Activation<Context.Number>
  package var value: Activation<Context.Number>
  package var layer: AttentionLayer
  /// The position of row 0.
  package var firstPosition: Int
  /// The positions that a token sees, from its own and from how many there are; `nil` for those of the mask.
  package var seen: (@Sendable (_ position: Int, _ positions: Int) -> Range<Int>)?
  /// The head of values for a query head, from the number of heads and of those of values.
  package var valueHead: @Sendable (_ head: Int, _ heads: Int, _ valueHeads: Int) -> Int = { $0 / ($1 / $2) }
  /// The sum of products of weights and values.
  package var sum: @Sendable (_ weights: Row<Context>, _ values: Row<Context>) -> Scalar<Context> = { $0.matrixDot($1) }
  /// Whether the result is written as `[heads, tokens, headSize]`.
  package var isHeadFirst = false
  package var round: RowFunction<Context> = { $0.result }

  package init(
    _ weights: Activation<Context.Number>, _ value: Activation<Context.Number>, _ layer: AttentionLayer,
    firstPosition: Int, in context: Context
  ) {
    self.context = context
    self.weights = weights
    self.value = value
    self.layer = layer
    self.firstPosition = firstPosition
  }

  package func forward() -> Activation<Context.Number> {
    let (heads, tokens, positions) = (weights.shape[0], weights.shape[1], weights.shape[2])
    let (valueHeads, headSize) = (value.shape[1], value.shape[2])
    let (factors, values) = (context.factors(weights), context.factors(value))
    let rows = context.map(tokens * heads) { index -> [Context.Number] in
      let (token, head) = isHeadFirst ? (index % tokens, index / tokens) : (index / heads, index % heads)
      let place = firstPosition + token
      let seen =
        seen.map { $0(place, positions).clamped(to: 0..<positions) } ?? layer.seen(from: place, of: positions)
      let weights = context.row(factors.row(head * tokens + token))[seen]
      let column = valueHead(head, heads, valueHeads) * headSize
      let sums = (0..<headSize).map { element in
        sum(
          weights,
          context.row(context.gathered(values.elements, at: seen.map { $0 * valueHeads * headSize + column + element }))
        ).number
      }
      return Array(round(context.row(sums)).numbers)
    }
    return Activation(shape: [tokens, heads, headSize], elements: rows.flattened)
  }
}
