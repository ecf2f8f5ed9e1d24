/// The finding that is proved of an activation, or of an element of one, against its bound.
public enum Verdict: String, Sendable, Codable, CaseIterable {
  /// Every element lies within its bound.
  case within
  /// An element lies beyond its bound: rounding cannot explain it.
  case outside
  /// The greatest precision that is tried does not tell on which side of its bound an element lies: nothing is claimed of it.
  case undecided
  /// Nothing is claimed: the exact value is not defined, or what may be computed has no bound.
  case outsideDomain = "outside the domain"

  /// The graver of two verdicts: *outside*, *undecided*, *outside the domain*, *within*.
  public func joined(_ other: Verdict) -> Verdict { gravity >= other.gravity ? self : other }

  private var gravity: Int {
    switch self {
    case .within: 0
    case .outsideDomain: 1
    case .undecided: 2
    case .outside: 3
    }
  }

  /// Whether something is claimed of what has this verdict.
  package var isClaimed: Bool { self == .within || self == .outside }
}
