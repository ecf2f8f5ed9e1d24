/// Cuts a text into pieces by one rule after another, each rule working inside the pieces that the last one left.
///
/// A rule is asked what it matches at a place: the length of the match, 0 for none. The text is its scalars' classes.
struct PieceScanner {
  /// The ends of the pieces, ascending.
  private(set) var ends: [Int]
  private let scalars: [Unicode.Scalar]
  private let classes: [CharacterClass]
  /// The end of the piece that a rule now works in.
  private var limit = 0

  /// One piece: the whole of `scalars`.
  init(_ scalars: [Unicode.Scalar]) {
    self.scalars = scalars
    classes = scalars.map(CharacterClass.init)
    ends = scalars.isEmpty ? [] : [scalars.count]
  }

  /// Cuts every piece into the consecutive matches of `rule`, which matches everywhere.
  mutating func split(_ rule: (PieceScanner, Int) -> Int) { cut { max(rule($0, $1), 1) } }

  /// Cuts the matches of `rule` out of every piece; what lies between two matches stays together.
  mutating func isolate(_ rule: (PieceScanner, Int) -> Int) {
    cut { scanner, place in
      let matched = rule(scanner, place)
      if matched > 0 { return matched }
      var gap = 1
      while place + gap < scanner.limit, rule(scanner, place + gap) == 0 { gap += 1 }
      return gap
    }
  }

  private mutating func cut(_ length: (PieceScanner, Int) -> Int) {
    var result: [Int] = []
    var place = 0
    for end in ends {
      limit = end
      while place < end {
        place += length(self, place)
        result.append(place)
      }
    }
    ends = result
  }

  // MARK: - What rules are made of

  /// The class of the scalar at `place`, or `nil` at the piece's end.
  private func kind(_ place: Int) -> CharacterClass? { place < limit ? classes[place] : nil }

  /// The scalar at `place`, or `nil` at the piece's end.
  private func scalar(_ place: Int) -> Unicode.Scalar? { place < limit ? scalars[place] : nil }

  /// The number of scalars from `place` on whose class satisfies `accepts`.
  func run(_ place: Int, atMost most: Int = .max, _ accepts: (CharacterClass) -> Bool) -> Int {
    var end = place
    while end < limit, end - place < most, accepts(classes[end]) { end += 1 }
    return end - place
  }

  /// `[0-9]` repeated exactly `length` times.
  func asciiDigits(_ place: Int, exactly length: Int) -> Int {
    guard limit - place >= length else { return 0 }
    return scalars[place..<place + length].allSatisfy { ("0"..."9").contains($0) } ? length : 0
  }

  /// `[\p{P}\$\+<=>\^~\|]+`.
  func punctuationRun(_ place: Int) -> Int {
    var end = place
    while end < limit, classes[end] == .punctuation || "$+<=>^~|".unicodeScalars.contains(scalars[end]) { end += 1 }
    return end - place
  }

  // MARK: - The patterns

  /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
  func gpt2(_ place: Int) -> Int {
    let contraction = contraction(place, ignoringCase: false)
    if contraction > 0 { return contraction }
    let space = scalar(place) == " " ? 1 : 0
    switch kind(place + space) {
    case .letter: return space + run(place + space) { $0 == .letter }
    case .number: return space + run(place + space) { $0 == .number }
    case .punctuation, .other: return space + run(place + space, Self.isSymbol)
    case .space, nil: return spacesBeforeText(place)
    }
  }

  /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`.
  func llama3(_ place: Int, numbers: Int) -> Int {
    let contraction = contraction(place, ignoringCase: true)
    if contraction > 0 { return contraction }
    let first = kind(place)
    let lead = first == .letter || first == .number || isNewline(place) ? 0 : 1
    let letters = run(place + lead) { $0 == .letter }
    if letters > 0 { return lead + letters }
    let digits = run(place, atMost: numbers) { $0 == .number }
    if digits > 0 { return digits }
    let space = scalar(place) == " " ? 1 : 0
    let symbols = run(place + space, Self.isSymbol)
    if symbols > 0 {
      var end = place + space + symbols
      while isNewline(end) { end += 1 }
      return end - place
    }
    return spacesToNewline(place) ?? spacesBeforeText(place)
  }

  /// `[^\s\p{L}\p{N}]`.
  private static func isSymbol(_ kind: CharacterClass) -> Bool { kind == .punctuation || kind == .other }

  private func isNewline(_ place: Int) -> Bool { scalar(place) == "\r" || scalar(place) == "\n" }

  /// `'s|'t|'re|'ve|'m|'ll|'d`; without case, U+017F (long s) counts as an s, as case folding has it.
  private func contraction(_ place: Int, ignoringCase: Bool) -> Int {
    guard scalar(place) == "'" else { return 0 }
    func folded(_ place: Int) -> Unicode.Scalar? {
      guard ignoringCase, let found = scalar(place) else { return scalar(place) }
      return found == "\u{17f}" ? "s" : found.properties.lowercaseMapping.unicodeScalars.first
    }
    switch (folded(place + 1), folded(place + 2)) {
    case ("s", _), ("t", _), ("m", _), ("d", _): return 2
    case ("r", "e"), ("v", "e"), ("l", "l"): return 3
    default: return 0
    }
  }

  /// `\s*[\r\n]+`: the white space up to the last line end of the run.
  private func spacesToNewline(_ place: Int) -> Int? {
    let length = run(place) { $0 == .space }
    return (0..<length).last { isNewline(place + $0) }.map { $0 + 1 }
  }

  /// `\s+(?!\S)|\s+`: a run of white space, less its last scalar where text follows and more than one stands there.
  private func spacesBeforeText(_ place: Int) -> Int {
    let length = run(place) { $0 == .space }
    return length > 1 && place + length < limit ? length - 1 : length
  }
}
