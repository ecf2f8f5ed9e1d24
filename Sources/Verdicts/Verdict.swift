/// The finding that is proved of an activation, or of an element of one, against its bound.
package enum Verdict: String, Sendable, Codable, CaseIterable {
  /// Every element lies within its bound.
  case within
  /// An element lies beyond its bound: rounding cannot explain it.
  case outside
  /// A token was given to an expert where the exact scores prefer another, by more than rounding explains.
  case anotherExpert = "another expert"
  /// The greatest precision that is tried does not tell on which side of its bound an element lies: nothing is claimed of it.
  case undecided
  /// Nothing is claimed: the exact value is not defined, or what may be computed has no bound.
  case outsideDomain = "outside the domain"

  /// The graver of two verdicts: *another expert*, *outside*, *undecided*, *outside the domain*, *within*.
  package func joined(_ other: Verdict) -> Verdict { gravity >= other.gravity ? self : other }

  private var gravity: Int {
    switch self {
    case .within: 0
    case .outsideDomain: 1
    case .undecided: 2
    case .outside: 3
    case .anotherExpert: 4
    }
  }

  /// Whether it is proved that rounding does not explain what has this verdict.
  package var isRefuted: Bool { self == .outside || self == .anotherExpert }

  /// Whether something is claimed of what has this verdict.
  package var isClaimed: Bool { self == .within || isRefuted }
}
