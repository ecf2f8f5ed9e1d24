/// A set of scalars as a regular expression writes it: categories, ranges, sets within it, and what each must be as well.
struct ScalarSet: Sendable {
  private var categories: UInt32 = 0
  private var ranges: [ClosedRange<UInt32>] = []
  private var parts: [ScalarSet] = []
  private var conditions: [ScalarSet] = []
  private var isComplement = false
  private var ignoresCase = false
  /// One bit for each ASCII scalar of the set.
  private var ascii: (low: UInt64, high: UInt64) = (0, 0)

  /// The scalars of `categories` and `ranges`, and those of `parts`, as far as they are in all `conditions`; or all but these.
  ///
  /// - Parameter ignoresCase: whether a scalar counts whose small or capital letter is of the set.
  init(
    categories: UInt32 = 0, ranges: [ClosedRange<UInt32>] = [], parts: [ScalarSet] = [], conditions: [ScalarSet] = [],
    isComplement: Bool = false, ignoresCase: Bool = false
  ) {
    self.categories = categories
    self.ranges = ranges.sorted { $0.lowerBound < $1.lowerBound }
    self.parts = parts
    self.conditions = conditions
    self.isComplement = isComplement
    self.ignoresCase = ignoresCase
    for value in UInt32(0)..<128 {
      guard let scalar = Unicode.Scalar(value), holds(scalar, ScalarCategory.number(of: scalar)) else { continue }
      if value < 64 { ascii.low |= 1 << UInt64(value) } else { ascii.high |= 1 << UInt64(value - 64) }
    }
  }

  /// Whether `scalar`, which is of the category of this number, is in the set.
  func contains(_ scalar: Unicode.Scalar, _ category: UInt8) -> Bool {
    let value = scalar.value
    guard value >= 128 else {
      return (value < 64 ? ascii.low >> UInt64(value) : ascii.high >> UInt64(value - 64)) & 1 == 1
    }
    return holds(scalar, category)
  }

  private func holds(_ scalar: Unicode.Scalar, _ category: UInt8) -> Bool {
    if !ignoresCase { return isNamed(scalar, category) != isComplement }
    return Self.cases(of: scalar).contains { isNamed($0, ScalarCategory.number(of: $0)) } != isComplement
  }

  private func isNamed(_ scalar: Unicode.Scalar, _ category: UInt8) -> Bool {
    (categories >> UInt32(category) & 1 == 1 || isInRange(scalar.value)
      || parts.contains { $0.holds(scalar, category) })
      && conditions.allSatisfy { $0.holds(scalar, category) }
  }

  /// Whether a range holds `value`: the ranges are ordered by where they begin, and may overlap.
  private func isInRange(_ value: UInt32) -> Bool {
    for range in ranges {
      if range.lowerBound > value { return false }
      if value <= range.upperBound { return true }
    }
    return false
  }

  /// `scalar`, its small and its capital letter, and the small letter of that: the long s has the capital of an s.
  private static func cases(of scalar: Unicode.Scalar) -> [Unicode.Scalar] {
    func single(_ text: String) -> Unicode.Scalar? {
      text.unicodeScalars.count == 1 ? text.unicodeScalars.first : nil
    }
    let capital = single(scalar.properties.uppercaseMapping)
    let small = [scalar, capital ?? scalar].compactMap { single($0.properties.lowercaseMapping) }
    return [scalar] + small + (capital.map { [$0] } ?? [])
  }
}

extension ScalarSet {
  /// One scalar.
  static func one(_ scalar: Unicode.Scalar, ignoringCase: Bool = false) -> ScalarSet {
    ScalarSet(ranges: [scalar.value...scalar.value], ignoresCase: ignoringCase)
  }

  /// `\s`: Unicode's White_Space, which is all separators and six control characters.
  static let space = ScalarSet(categories: ScalarCategory.bits(named: "Z"), ranges: [9...13, 0x85...0x85])
  /// `\d`.
  static let digit = ScalarSet(categories: ScalarCategory.bits(named: "Nd"))
  /// `[\w]`: letters, marks, digits, connectors and letters in circles.
  static let word = ScalarSet(
    categories: ["L", "M", "Nd", "Nl", "Pc"].reduce(0) { $0 | ScalarCategory.bits(named: $1) },
    ranges: [0x24b6...0x24e9, 0x1f130...0x1f149, 0x1f150...0x1f169, 0x1f170...0x1f189])
  /// `\w` outside of brackets, where Oniguruma has the superscripts and fractions of Latin-1 too.
  static let bareWord = ScalarSet(ranges: [0xb2...0xb3, 0xb9...0xb9, 0xbc...0xbe], parts: [word])
  /// `\w` of Rust's expressions, which has the two that join letters.
  static let joinedWord = ScalarSet(ranges: [0x200c...0x200d], parts: [word])
  /// Everything but the end of a line.
  static let anyButLineEnd = ScalarSet(ranges: [10...10], isComplement: true)
  /// Everything.
  static let any = ScalarSet(isComplement: true)

  /// The scalars of the script `name`; `nil` where it is not known here.
  ///
  /// Source: `Scripts.txt` of Unicode 16.
  static func script(_ name: String) -> ScalarSet? {
    guard let ranges = scripts[name] else { return nil }
    return ScalarSet(ranges: ranges)
  }

  private static let scripts: [String: [ClosedRange<UInt32>]] = [
    "Han": [
      0x2e80...0x2e99, 0x2e9b...0x2ef3, 0x2f00...0x2fd5, 0x3005...0x3005, 0x3007...0x3007, 0x3021...0x3029,
      0x3038...0x303b,
      0x3400...0x4dbf, 0x4e00...0x9fff, 0xf900...0xfa6d, 0xfa70...0xfad9, 0x16fe2...0x16fe3, 0x16ff0...0x16ff1,
      0x20000...0x2a6df, 0x2a700...0x2b739, 0x2b740...0x2b81d, 0x2b820...0x2cea1, 0x2ceb0...0x2ebe0, 0x2ebf0...0x2ee5d,
      0x2f800...0x2fa1d, 0x30000...0x3134a, 0x31350...0x323af,
    ],
    "Hiragana": [
      0x3041...0x3096, 0x309d...0x309f, 0x1b001...0x1b11f, 0x1b132...0x1b132, 0x1b150...0x1b152, 0x1f200...0x1f200,
    ],
    "Katakana": [
      0x30a1...0x30fa, 0x30fd...0x30ff, 0x31f0...0x31ff, 0x32d0...0x32fe, 0x3300...0x3357, 0xff66...0xff6f,
      0xff71...0xff9d,
      0x1aff0...0x1aff3, 0x1aff5...0x1affb, 0x1affd...0x1affe, 0x1b000...0x1b000, 0x1b120...0x1b122, 0x1b155...0x1b155,
      0x1b164...0x1b167,
    ],
    "Hangul": [
      0x1100...0x11ff, 0x302e...0x302f, 0x3131...0x318e, 0x3200...0x321e, 0x3260...0x327e, 0xa960...0xa97c,
      0xac00...0xd7a3,
      0xd7b0...0xd7c6, 0xd7cb...0xd7fb, 0xffa0...0xffbe, 0xffc2...0xffc7, 0xffca...0xffcf, 0xffd2...0xffd7,
      0xffda...0xffdc,
    ],
  ]
}
