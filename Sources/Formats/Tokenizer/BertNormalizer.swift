/// The changes that BERT's tokenizers make to a text before they cut it into words, and the classes of characters by which they do.
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

  /// The `text`, changed.
  func normalized(_ text: String) -> String {
    var scalars = Array(text.unicodeScalars)
    if cleans {
      scalars = scalars.filter { !Self.isDropped($0) }.map { $0.properties.isWhitespace ? " " : $0 }
    }
    if separatesChinese { scalars = scalars.flatMap { Self.isChinese($0) ? [" ", $0, " "] : [$0] } }
    if stripsAccents {
      scalars = String(String.UnicodeScalarView(scalars)).decomposed.unicodeScalars.filter { !Self.isAccent($0) }
    }
    let text = String(String.UnicodeScalarView(scalars))
    return lowersCase ? Self.lowercased(text) : text
  }

  /// The `text` in small letters, each by itself: a sigma at a word's end is one as any other.
  static func lowercased(_ text: String) -> String {
    String(
      String.UnicodeScalarView(text.unicodeScalars.flatMap { Array($0.properties.lowercaseMapping.unicodeScalars) }))
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
    if scalar.isASCII { return !isASCIIWord(scalar) && scalar.value > 32 && scalar.value < 127 }
    if scalar == "\u{166d}" || scalar == "\u{111c9}" { return true }
    return Self.punctuation >> UInt32(ScalarCategory.number(of: scalar)) & 1 == 1 && isOld(scalar)
  }

  private static let punctuation = ScalarCategory.bits(named: "P")

  private static func isASCIIWord(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isAlphabetic || 48...57 ~= scalar.value
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
