/// A text as scalars, each with the number of its category.
struct ScalarText: Sendable {
  private(set) var scalars: [Unicode.Scalar]
  private(set) var categories: [UInt8]

  init(_ text: String) { self.init(Array(text.unicodeScalars)) }

  init(_ scalars: [Unicode.Scalar]) {
    self.scalars = scalars
    categories = scalars.map(ScalarCategory.number(of:))
  }

  /// The string of the scalars in `range`.
  func string(_ range: Range<Int>) -> String { String(String.UnicodeScalarView(scalars[range])) }

  /// The matches of `expression` in `range`, of which nothing outside is seen, in at most `steps` steps, of which those that it takes
  /// are taken away.
  ///
  /// - Throws: `TokenizerError` where they are not enough.
  func matches(
    of expression: RegularExpression, in range: Range<Int>, steps: inout Int
  ) throws(TokenizerError) -> [Range<Int>] {
    var matcher = RegularExpressionMatcher(expression, self, in: range, steps: steps)
    do {
      let found = try matcher.matches()
      steps = matcher.steps
      return found
    } catch {
      throw .tooManySteps(pattern: expression.pattern)
    }
  }

  /// The steps that an expression may take on the text: some ten a scalar are usual, and what takes more than a thousand grows with the
  /// square of a text of any length.
  var greatestSteps: Int { 20_000_000 + 1000 * scalars.count }
}
