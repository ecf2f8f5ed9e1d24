package import PlumbModel

/// y[h, t, s] = scale · Σᵢ query[t, h, i] · key[s, g(h), i], soft-capped, for the positions that the token sees.
///
/// A product of the sum with the scale, a parameter or the rounded 1/√headSize, or a division by the rounded root; or the
/// query is scaled before the products, and stored. The soft cap is the last step.
package struct AttentionScores<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package var query: Activation<Context.Number>
  package var key: Activation<Context.Number>
  package var layer: AttentionLayer
  /// The position of row 0.
  package var firstPosition: Int
  /// The positions that a token sees, from its own and from how many there are; `nil` for those of the mask.
  package var seen: (@Sendable (_ position: Int, _ positions: Int) -> Range<Int>)?
  /// What is added to a score, from the positions of its token and of its key.
  package var added: (@Sendable (_ position: Int, _ key: Int) -> Scalar<Context>)?
  /// The head of keys for a query head, from the number of heads and of those of keys.
  package var keyHead: @Sendable (_ head: Int, _ heads: Int, _ keyHeads: Int) -> Int = { $0 / ($1 / $2) }
  /// The elements of a head whose products are added.
  package var counted: Range<Int>
  package var dot: @Sendable (_ query: Row<Context>, _ key: Row<Context>) -> Scalar<Context> = { $0.dot($1) }
  /// What becomes of the sum, which the head's size or the layer's own scale scales.
  package var scaled: @Sendable (_ sum: Scalar<Context>, _ size: Scalar<Context>) -> Scalar<Context>
  /// What becomes of the score, from the soft cap.
  package var capped: @Sendable (_ score: Scalar<Context>, _ cap: Float) -> Scalar<Context> = { SoftCap.capped($0, $1) }
  /// Whether sums are capped before they are scaled.
  package var isCappedFirst = false
  package var round: ScalarFunction<Context> = { $0.result }
  /// The factor of the sums.
  private let scale: Scalar<Context>

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
    if let own = layer.scale {
      let scale = context.scalar(context.parameter(Double(own)))
      self.scale = scale
      scaled = { sum, _ in sum * scale }
    } else {
      let scale = context.scalar(context.reciprocalRoot(ofCount: layer.headSize))
      self.scale = scale
      scaled = { sum, size in sum.divided(by: size.squareRoot()).or(sum * scale) }
    }
  }

  package func forward() -> Activation<Context.Number> {
    let (tokens, heads, positions, keyHeads) = (query.shape[0], query.shape[1], key.shape[0], key.shape[1])
    let size = exact(query.shape[2])
    let (queries, keys) = (context.factors(query), context.factors(key))
    let rows = context.map(heads * tokens) { index -> [Context.Number] in
      let (head, token) = (index / tokens, index % tokens)
      let query = context.row(queries.row(token * heads + head))[counted]
      lazy var prescaled = context.row(self.query.row(token * heads + head))[counted]
        .map { ($0 * scale).stored.factor }
      var row = [Context.Number](repeating: context.hidden, count: positions)
      for position in seen(by: token) {
        let key = context.row(keys.row(position * keyHeads + keyHead(head, heads, keyHeads)))[counted]
        let sum = dot(query, key).stored
        let score = score(sum, size, or: prescaled.dot(key))
        row[position] = round(added.map { score + $0(firstPosition + token, position) } ?? score).number
      }
      return row
    }
    return Activation(shape: [heads, tokens, positions], elements: Array(rows.joined()))
  }

  /// The positions that the token of row `token` sees.
  package func seen(by token: Int) -> Range<Int> {
    let (position, positions) = (firstPosition + token, key.shape[0])
    return seen.map { $0(position, positions).clamped(to: 0..<positions) } ?? layer.seen(from: position, of: positions)
  }

  /// The score from the sum of products, or from the sum of `prescaled` ones.
  private func score(
    _ sum: Scalar<Context>, _ size: Scalar<Context>, or prescaled: @autoclosure () -> Scalar<Context>
  ) -> Scalar<Context> {
    guard let cap = layer.softCap else { return scaled(sum, size).or(prescaled()) }
    if isCappedFirst { return scaled(capped(sum, cap), size) }
    return capped(scaled(sum, size).or(prescaled()), cap)
  }
}
