import PlumbModel

/// y[h, t, s] = scale · Σᵢ query[t, h, i] · key[s, g(h), i], soft-capped and with a linear bias, for the positions that the token sees.
///
/// A product of the sum with the scale, a parameter or the rounded 1/√headSize, or a division by the rounded root; or the
/// query is scaled before the products, and stored. The square of a stretch multiplies the scale, or the quotient. The soft cap is the next step, and the linear
/// bias the last.
package struct AttentionScores<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package var query: Activation<Context.Number>
  package var key: Activation<Context.Number>
  package var layer: AttentionLayer
  /// The position of row 0.
  package var firstPosition: Int
  /// The positions that a token sees, from its own and from how many there are; `nil` for those of the mask.
  package var seen: (@Sendable (_ position: Int, _ positions: Int) -> Range<Int>)?
  /// The factor of a slope that is added to a score, from the positions of its token and of its key.
  package var distance: @Sendable (_ position: Int, _ key: Int) -> Int = { -abs($0 - $1) }
  /// The number added to a score, from the positions of its token and of its key.
  package var added: (@Sendable (_ position: Int, _ key: Int) -> Scalar<Context>)?
  /// The head of keys for a query head, from the number of heads and of those of keys.
  package var keyHead: @Sendable (_ head: Int, _ heads: Int, _ keyHeads: Int) -> Int = { $0 / ($1 / $2) }
  /// The elements of a head whose products are added.
  package var counted: Range<Int>
  package var dot: @Sendable (_ query: Row<Context>, _ key: Row<Context>) -> Scalar<Context> = { $0.matrixDot($1) }
  /// The change of the sums, which the head's size or the layer's own scale scales.
  package var scaled: @Sendable (_ sums: Row<Context>, _ size: Scalar<Context>) -> Row<Context>
  /// The change of the scores, from the soft cap.
  package var capped: @Sendable (_ scores: Row<Context>, _ cap: Float) -> Row<Context> = { SoftCap.capped($0, $1) }
  /// Whether sums are capped before they are scaled.
  package var isCappedFirst = false
  package var round: RowFunction<Context> = { $0.result }
  /// The factor of the sums.
  let scale: Scalar<Context>

  package init(
    _ query: Activation<Context.Number>, _ key: Activation<Context.Number>, _ layer: AttentionLayer,
    firstPosition: Int, in context: Context
  ) {
    self.context = context
    self.query = query
    self.key = key
    self.layer = layer
    self.firstPosition = firstPosition
    counted = 0..<layer.headSize
    let square = layer.stretch.multiplier(in: context).map { $0 * $0 }
    func stretched(_ scale: Scalar<Context>) -> Scalar<Context> { square.map { scale * $0 } ?? scale }
    if let own = layer.scale {
      let scale = stretched(context.scalar(context.parameter(Double(own))))
      self.scale = scale
      scaled = { sums, _ in sums * scale }
    } else {
      let scale = stretched(context.scalar(context.reciprocalRoot(ofCount: layer.sizeOfScale)))
      self.scale = scale
      scaled = { sums, size in
        let quotients = sums.divided(by: size.squareRoot())
        return (square.map { quotients * $0 } ?? quotients).or(sums * scale)
      }
    }
  }

  package func forward() -> Activation<Context.Number> {
    let (tokens, heads, positions, keyHeads) = (query.shape[0], query.shape[1], key.shape[0], key.shape[1])
    let size = exact(layer.sizeOfScale)
    let (queries, keys) = (context.factors(query), context.factors(key))
    let rows = context.map(heads * tokens) { index -> [Context.Number] in
      let (head, token) = (index / tokens, index % tokens)
      let row = token * heads + head
      let seen = seen(by: token)
      let keys = seen.map { context.row(keys.row($0 * keyHeads + keyHead(head, heads, keyHeads)))[counted] }
      func sums(_ query: Row<Context>) -> Row<Context> {
        let query = query[counted]
        return context.row(keys.map { dot(query, $0).number })
      }
      let products = sums(context.row(queries.row(row))).stored
      var scores = score(products, size) { sums((context.row(query.row(row)) * scale).stored.factors) }
      if let bias = layer.linearBias {
        let place = BiasedRow(
          scores: scores, sums: products, position: firstPosition + token, seen: seen, end: positions)
        scores = biased(place, slope(of: head, bias), isScaled: bias.isScaled)
      }
      if let added { scores = scores + context.row(seen.map { added(firstPosition + token, $0).number }) }
      func hidden(_ count: Int) -> [Context.Number] { [Context.Number](repeating: context.hidden, count: count) }
      return hidden(seen.lowerBound) + round(scores).numbers + hidden(positions - seen.upperBound)
    }
    return Activation(shape: [heads, tokens, positions], elements: rows.flattened)
  }

  /// The positions that the token of row `token` sees.
  package func seen(by token: Int) -> Range<Int> {
    let (position, positions) = (firstPosition + token, key.shape[0])
    return seen.map { $0(position, positions).clamped(to: 0..<positions) } ?? layer.seen(from: position, of: positions)
  }

  /// The scores from the sums of products, or from the sums of `prescaled` ones.
  private func score(
    _ sums: Row<Context>, _ size: Scalar<Context>, or prescaled: () -> Row<Context>
  ) -> Row<Context> {
    guard let cap = layer.softCap else { return scaled(sums, size).or(prescaled()) }
    if isCappedFirst { return scaled(capped(sums, cap), size) }
    return capped(scaled(sums, size).or(prescaled()), cap)
  }
}
