import PlumbExact
import PlumbModel

extension Reference {
  /// The weighted sums Σₛ weights[h, t, s] · value[s, g(h), i], `[tokens, heads, headSize]`.
  ///
  /// `weights` is `[heads, tokens, positions]`, `value` `[positions, keyValueHeads, headSize]`; row 0 of the tokens stands
  /// at `firstPosition`. Positions that the mask excludes are left out; 0 where it excludes all.
  /// *Error bound*: exact for exact inputs; otherwise encloses the true values, to `precision` bits.
  package static func attentionValues(
    _ weights: Activation<Ball>, _ value: Activation<Ball>, _ layer: AttentionLayer, firstPosition: Int = 0,
    precision: Int
  ) -> Activation<Ball> {
    let (tokens, positions) = (weights.shape[1], weights.shape[2])
    let rows = concurrentMap(tokens * layer.heads) { row -> [Ball] in
      let (token, head) = (row / layer.heads, row % layer.heads)
      let weight = weights.row(head * tokens + token)
      let allowed = (0..<positions).filter { layer.allows(query: firstPosition + token, key: $0) }
      let keyValueHead = layer.keyValueHead(of: head)
      return (0..<layer.headSize).map { element in
        var sum = BallSum()
        for position in allowed {
          let row = value.row(position * layer.keyValueHeads + keyValueHead)
          sum.addProduct(weight[weight.startIndex + position], row[row.startIndex + element])
        }
        return sum.value.settled(precision)
      }
    }
    return Activation(shape: [tokens, layer.heads, layer.headSize], elements: Array(rows.joined()))
  }
}
