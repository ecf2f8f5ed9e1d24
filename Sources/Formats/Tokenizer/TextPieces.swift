/// A stretch of text between whole tokens, cut into pieces, as a pre-tokenizer goes over it.
struct TextPieces {
  /// The use of what a pattern matches: where the text is cut, and what is left out.
  enum Behavior: String, Sendable {
    case removed = "Removed"
    case isolated = "Isolated"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    case contiguous = "Contiguous"
  }

  private(set) var text: ScalarText
  /// The places of the pieces, in order; none is empty.
  private(set) var ranges: [Range<Int>]
  /// Whether the stretch begins the text.
  let isFirst: Bool
  /// The scalars that stand in front of the stretch and are not of the text.
  private(set) var added = 0

  /// One piece: the whole of `text`.
  init(_ text: String, isFirst: Bool) {
    self.text = ScalarText(text)
    ranges = self.text.scalars.isEmpty ? [] : [0..<self.text.scalars.count]
    self.isFirst = isFirst
  }

  /// Cuts each piece where `find` finds something in it.
  mutating func split(
    _ behavior: Behavior, inverted: Bool = false,
    _ find: (ScalarText, Range<Int>) throws(TokenizerError) -> [Range<Int>]
  ) throws(TokenizerError) {
    var result: [Range<Int>] = []
    for range in ranges {
      var parts: [(range: Range<Int>, isMatch: Bool)] = []
      var place = range.lowerBound
      for match in try find(text, range) {
        if place < match.lowerBound { parts.append((place..<match.lowerBound, inverted)) }
        parts.append((match, !inverted))
        place = match.upperBound
      }
      if place < range.upperBound { parts.append((place..<range.upperBound, inverted)) }
      result += Self.joined(parts, behavior).filter { !$0.isEmpty }
    }
    ranges = result
  }

  /// The pieces that `behavior` makes of `parts`.
  private static func joined(_ parts: [(range: Range<Int>, isMatch: Bool)], _ behavior: Behavior) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var wasMatch = false
    func isJoined(_ isMatch: Bool) -> Bool {
      switch behavior {
      case .removed, .isolated: false
      case .mergedWithPrevious: isMatch && !wasMatch
      case .mergedWithNext: wasMatch && !isMatch
      case .contiguous: isMatch == wasMatch
      }
    }
    for (range, isMatch) in parts where !(behavior == .removed && isMatch) {
      if let last = result.last, isJoined(isMatch) {
        result[result.count - 1] = last.lowerBound..<range.upperBound
      } else {
        result.append(range)
      }
      wasMatch = isMatch
    }
    return result
  }

  /// Cuts each piece at the runs of scalars that satisfy `isDelimiter`, or at each of them.
  mutating func split(
    _ behavior: Behavior, inRuns: Bool = false, at isDelimiter: (Unicode.Scalar, UInt8) -> Bool
  ) throws(TokenizerError) {
    try split(behavior) { text, range throws(TokenizerError) in
      var found: [Range<Int>] = []
      for place in range where isDelimiter(text.scalars[place], text.categories[place]) {
        if inRuns, let last = found.last, last.upperBound == place {
          found[found.count - 1] = last.lowerBound..<place + 1
        } else {
          found.append(place..<place + 1)
        }
      }
      return found
    }
  }

  /// Puts `scalar` in front of each piece that `needsIt`, which is asked with its first scalar and whether it begins the text.
  mutating func prepend(
    _ scalar: Unicode.Scalar, where needsIt: (_ first: Unicode.Scalar, _ isFirst: Bool) -> Bool
  ) {
    let (old, begins) = (text.scalars, isFirst)
    let first = ranges.first?.lowerBound ?? 0
    rewrite { range, scalars in
      if needsIt(old[range.lowerBound], begins && range.lowerBound == 0) { scalars.append(scalar) }
      scalars += old[range]
    }
    if first == 0, let range = ranges.first, range.count > 0, old.first != text.scalars.first { added = 1 }
  }

  /// Puts `change` of the scalars of each piece in its place.
  mutating func map(_ change: (ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar]) {
    let old = text.scalars
    rewrite { range, scalars in scalars += change(old[range]) }
  }

  private mutating func rewrite(_ append: (Range<Int>, inout [Unicode.Scalar]) -> Void) {
    var scalars: [Unicode.Scalar] = []
    scalars.reserveCapacity(text.scalars.count)
    ranges = ranges.map { range in
      let start = scalars.count
      append(range, &scalars)
      return start..<scalars.count
    }
    text = ScalarText(scalars)
  }
}
