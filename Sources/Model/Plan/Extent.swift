/// One extent of an activation before it is known how many tokens there are.
package enum Extent: Sendable, Hashable {
  /// The tokens of the pass.
  case tokens
  /// The positions up to the last token's.
  case positions
  /// The last token alone.
  case last
  /// A number that the model fixes, with a word for it.
  case size(String, Int)

  /// The number of elements in a pass of `tokens` tokens, the last of which stands at position `positions` − 1.
  package func count(tokens: Int, positions: Int) -> Int {
    switch self {
    case .tokens: tokens
    case .positions: positions
    case .last: 1
    case .size(_, let count): count
    }
  }

  /// A word for it.
  package var name: String {
    switch self {
    case .tokens: "tokens"
    case .positions: "positions"
    case .last: "1"
    case .size(let name, _): name
    }
  }
}
