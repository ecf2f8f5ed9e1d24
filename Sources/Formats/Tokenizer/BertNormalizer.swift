@_spi(_Unicode) import Swift

/// The changes that BERT's tokenizers make to a text before they cut it into words, and how they cut it.
///
/// Source: `bert.rs` among the normalizers and pre-tokenizers of huggingface/tokenizers. Its classes of characters are those of
/// Unicode 8: a younger character has none, and a few have since become something else.
struct BertNormalizer: Sendable {
  /// Whether control characters are left out.
  var cleans = true
  /// Whether each Chinese character is a word.
  var separatesChinese = true
  /// Whether letters lose their accents.
  var stripsAccents = true
  /// Whether letters become small ones.
  var lowersCase = true

  /// The words of a normalized `text`, and each mark of punctuation as one.
  func words(_ text: String) -> [[Unicode.Scalar]] {
    var words: [[Unicode.Scalar]] = []
    var word: [Unicode.Scalar] = []
    func end() {
      if !word.isEmpty { words.append(word) }
      word = []
    }
    for scalar in text.unicodeScalars {
      if scalar.properties.isWhitespace {
        end()
      } else if Self.isPunctuation(scalar) {
        end()
        words.append([scalar])
      } else {
        word.append(scalar)
      }
    }
    end()
    return words
  }

  /// The `text`, changed.
  func normalized(_ text: String) -> String {
    var scalars = Array(text.unicodeScalars)
    if cleans {
      scalars = scalars.filter { !Self.isDropped($0) }.map { $0.properties.isWhitespace ? " " : $0 }
    }
    if separatesChinese { scalars = scalars.flatMap { Self.isChinese($0) ? [" ", $0, " "] : [$0] } }
    if stripsAccents { scalars = Self.decomposed(scalars).filter { !Self.isAccent($0) } }
    // Each by itself: a sigma at a word's end is one as any other.
    if lowersCase { scalars = scalars.flatMap { Array($0.properties.lowercaseMapping.unicodeScalars) } }
    return String(String.UnicodeScalarView(scalars))
  }

  /// Unicode's normal form D.
  private static func decomposed(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
    if scalars.allSatisfy(\.isASCII) { return scalars }
    return Array(String(String.UnicodeScalarView(scalars))._nfd)
  }

  /// Whether `scalar` is no character of a text.
  static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control: scalar != "\t" && scalar != "\n" && scalar != "\r"
    case .format: isOld(scalar)
    case .privateUse: true
    default: scalar == "\u{fffd}"
    }
  }

  /// Whether `scalar` is a mark on a letter.
  static func isAccent(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\u{1734}", "\u{1171e}": true
    case "\u{1885}", "\u{1886}", "\u{a9bd}", "\u{111c9}": false
    default: scalar.properties.generalCategory == .nonspacingMark && isOld(scalar)
    }
  }

  /// Whether `scalar` is a word by itself.
  static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    // In ASCII all that is no letter, number, space or control character.
    if scalar.isASCII { return !CharacterClass(scalar).isWord && scalar.value > 32 && scalar.value < 127 }
    if scalar == "\u{166d}" || scalar == "\u{111c9}" { return true }
    return CharacterClass(scalar) == .punctuation && isOld(scalar)
  }

  /// Whether `scalar` is an ideograph.
  private static func isChinese(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x4e00...0x9fff, 0x3400...0x4dbf, 0x20000...0x2a6df, 0x2a700...0x2b73f, 0x2b740...0x2b81f, 0x2b920...0x2ceaf,
      0xf900...0xfaff, 0x2f800...0x2fa1f:
      true
    default: false
    }
  }

  /// Whether Unicode 8 has `scalar`.
  private static func isOld(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.age.map { $0.major <= 8 } ?? false
  }
}

extension CharacterClass {
  /// Whether it is a letter or a number.
  fileprivate var isWord: Bool { self == .letter || self == .number }
}
