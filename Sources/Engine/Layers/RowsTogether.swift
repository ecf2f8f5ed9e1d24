import PlumbModel

/// Rows that share keys and values, a row being one query head of one token: consecutive tokens of one head, or heads of one
/// token that have their keys and values in common.
struct RowsTogether {
  let heads: Range<Int>
  /// As the caller counts them.
  let tokens: Range<Int>

  /// Some consecutive tokens of one head.
  init(head: Int, tokens: Range<Int>) { (heads, self.tokens) = (head..<head + 1, tokens) }

  /// Some heads of one token, all with the same keys and values.
  init(heads: Range<Int>, token: Int) { (self.heads, tokens) = (heads, token..<token + 1) }

  var count: Int { heads.count * tokens.count }
  /// The token of a row.
  func token(_ row: Int) -> Int { heads.count == 1 ? tokens.lowerBound + row : tokens.lowerBound }
  /// The head of a row.
  func head(_ row: Int) -> Int { heads.count == 1 ? heads.lowerBound : heads.lowerBound + row }
  /// From one row to the next in `[tokens, heads, size]`.
  func stride(_ layer: AttentionLayer, _ size: Int) -> Int { heads.count == 1 ? layer.heads * size : size }
}
