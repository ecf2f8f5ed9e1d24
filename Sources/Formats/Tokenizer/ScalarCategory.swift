/// Unicode's general categories as numbers, so that a set of them is a word of bits.
enum ScalarCategory {
  /// The categories' names, each at its number.
  private static let names = [
    "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm",
    "Sc",
    "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn",
  ]

  /// The bits of the categories that a pattern calls `name`: of all that begin with it, as `L` is `Lu`, `Ll`, `Lt`, `Lm` and `Lo`.
  static func bits(named name: String) -> UInt32 {
    guard (1...2).contains(name.count) else { return 0 }
    return names.indices.reduce(0) { names[$1].hasPrefix(name) ? $0 | 1 << UInt32($1) : $0 }
  }

  /// The number of the category of `scalar`.
  static func number(of scalar: Unicode.Scalar) -> UInt8 {
    scalar.isASCII ? ascii[Int(scalar.value)] : number(lookingUp: scalar)
  }

  private static let ascii = (UInt8.min..<128).map { number(lookingUp: Unicode.Scalar($0)) }

  private static func number(lookingUp scalar: Unicode.Scalar) -> UInt8 {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter: 0
    case .lowercaseLetter: 1
    case .titlecaseLetter: 2
    case .modifierLetter: 3
    case .otherLetter: 4
    case .nonspacingMark: 5
    case .spacingMark: 6
    case .enclosingMark: 7
    case .decimalNumber: 8
    case .letterNumber: 9
    case .otherNumber: 10
    case .connectorPunctuation: 11
    case .dashPunctuation: 12
    case .openPunctuation: 13
    case .closePunctuation: 14
    case .initialPunctuation: 15
    case .finalPunctuation: 16
    case .otherPunctuation: 17
    case .mathSymbol: 18
    case .currencySymbol: 19
    case .modifierSymbol: 20
    case .otherSymbol: 21
    case .spaceSeparator: 22
    case .lineSeparator: 23
    case .paragraphSeparator: 24
    case .control: 25
    case .format: 26
    case .surrogate: 27
    case .privateUse: 28
    case .unassigned: 29
    @unknown default: 29
    }
  }
}
