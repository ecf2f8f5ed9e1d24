/// A token that is recognised in a text as a whole, beside whatever the vocabulary makes of its number.
struct WholeToken: Sendable {
  let text: String
  let id: Int
  /// Whether it steers the model and is no text.
  let isControl: Bool
  /// Whether it is looked for only in what the others leave, and the normalizer makes of it.
  var isLate = false
  /// The white space beside it that is part of it, and whether it counts only where no letter stands beside it.
  var sides = Sides()

  /// The rules for what stands beside a token.
  struct Sides: Sendable, Equatable {
    var takesSpaceBefore = false
    var takesSpaceBehind = false
    var isSingleWord = false
  }

  /// The most bytes of such a token: it is looked for at every place of a text, so that a long one that nearly stands there, again
  /// and again, would take that many times as long as the text.
  static let greatestLength = 1024
}
