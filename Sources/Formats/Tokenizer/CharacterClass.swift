/// The classes that the pre-tokenizers' patterns distinguish: `\p{L}`, `\p{N}`, `\s`, and the rest.
enum CharacterClass: UInt8 {
  /// `\p{L}`.
  case letter
  /// `\p{N}`.
  case number
  /// `\s`: Unicode's White_Space.
  case space
  /// `\p{P}`.
  case punctuation
  /// None of these.
  case other

  /// The class of `scalar`.
  init(_ scalar: Unicode.Scalar) {
    if scalar.isASCII {
      self = Self.ascii[Int(scalar.value)]
    } else {
      self.init(lookingUp: scalar)
    }
  }

  private static let ascii: [CharacterClass] = (UInt8.min..<128).map { CharacterClass(lookingUp: Unicode.Scalar($0)) }

  private init(lookingUp scalar: Unicode.Scalar) {
    if scalar.properties.isWhitespace {
      self = .space
      return
    }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: self = .letter
    case .decimalNumber, .letterNumber, .otherNumber: self = .number
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      self = .punctuation
    default: self = .other
    }
  }
}
