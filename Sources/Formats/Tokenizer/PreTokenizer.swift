/// The rule by which a text is cut into pieces before a model makes tokens of them; no token crosses a cut.
package struct PreTokenizer: Sendable {
  /// One step, which works inside the pieces that the last one left.
  enum Step: Sendable {
    /// Cuts at the matches of an expression.
    case split(RegularExpression, TextPieces.Behavior, inverted: Bool)
    /// Cuts at numbers: each digit alone, or each run of them.
    case digits(individual: Bool)
    /// Writes bytes in their alphabet, with a space in front where there is none and `addsSpace`; cuts by GPT-2's pattern before,
    /// where `usesPattern`.
    case bytes(addsSpace: Bool, usesPattern: Bool)
    /// Writes a mark for each space, and one in front of pieces as `scheme` says; cuts before each where `splits`.
    case marks(Unicode.Scalar, MarkScheme, splits: Bool)
    /// Words, and runs of what is neither word nor white space.
    case words
    /// Cuts at white space, which is left out.
    case whiteSpace
    /// Cuts at marks of punctuation.
    case punctuation(TextPieces.Behavior)
    /// Cuts at a scalar, which is left out.
    case delimiter(Unicode.Scalar)
  }

  /// The pieces that get a mark in front although no space stands there.
  enum MarkScheme: String, Sendable { case always, first, never }

  var steps: [Step] = []

  /// Whether the pieces are bytes in their alphabet.
  var isByteLevel: Bool { steps.contains { if case .bytes = $0 { true } else { false } } }

  /// Whether it puts something in front of a text.
  var addsPrefix: Bool {
    steps.contains {
      switch $0 {
      case .bytes(let addsSpace, _): addsSpace
      case .marks(_, let scheme, _): scheme != .never
      default: false
      }
    }
  }

  /// GPT-2's pattern.
  ///
  /// Source: the code published with Radford et al. 2019.
  static let gpt2 = known(#"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#)
  private static let words = known(#"[\w\u200c\u200d]+|[^\w\u200c\u200d\s]+"#)
  private static let numbers = ScalarCategory.bits(named: "N")

  /// The expression `pattern`, which a test holds to be one that can be read.
  static func known(_ pattern: String) -> RegularExpression {
    (try? RegularExpression(pattern)) ?? RegularExpression(literal: pattern)
  }

  /// Cuts `pieces`.
  ///
  /// - Throws: `TokenizerError` where an expression takes too many steps.
  func apply(to pieces: inout TextPieces) throws(TokenizerError) {
    for step in steps { try Self.apply(step, to: &pieces) }
  }

  private static func apply(_ step: Step, to pieces: inout TextPieces) throws(TokenizerError) {
    switch step {
    case .split(let expression, let behavior, let inverted):
      try split(&pieces, at: expression, behavior, inverted: inverted)
    case .digits(let individual):
      try pieces.split(individual ? .isolated : .contiguous) { numbers >> UInt32($1) & 1 == 1 }
    case .bytes(let addsSpace, let usesPattern):
      if addsSpace { pieces.prepend(" ") { first, _ in first != " " } }
      if usesPattern { try split(&pieces, at: gpt2, .isolated) }
      pieces.map { $0.flatMap { UTF8.encode($0)?.map { ByteAlphabet.scalars[Int($0)] } ?? [] } }
    case .marks(let mark, let scheme, let splits):
      pieces.map { $0.map { $0 == " " ? mark : $0 } }
      if scheme != .never {
        pieces.prepend(mark) { first, isFirst in first != mark && (scheme == .always || isFirst) }
      }
      if splits { try pieces.split(.mergedWithNext) { scalar, _ in scalar == mark } }
    case .words: try split(&pieces, at: words, .removed, inverted: true)
    case .whiteSpace: try pieces.split(.removed) { scalar, _ in scalar.properties.isWhitespace }
    case .punctuation(let behavior): try pieces.split(behavior) { scalar, _ in BertNormalizer.isPunctuation(scalar) }
    case .delimiter(let delimiter): try pieces.split(.removed) { scalar, _ in scalar == delimiter }
    }
  }

  private static func split(
    _ pieces: inout TextPieces, at expression: RegularExpression, _ behavior: TextPieces.Behavior,
    inverted: Bool = false
  ) throws(TokenizerError) {
    var steps = pieces.text.greatestSteps
    try pieces.split(behavior, inverted: inverted) { text, range throws(TokenizerError) in
      try text.matches(of: expression, in: range, steps: &steps)
    }
  }
}
