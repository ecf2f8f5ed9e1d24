import PlumbVerdicts

/// The finding that is proved of an output, or of an element of one, against its bound.
public enum Verdict: String, Sendable, Hashable, CaseIterable {
  /// Every element lies within its bound: rounding explains what there is.
  case within
  /// An element lies beyond its bound, which is proved not to be rounding.
  case outside
  /// A token was given to an expert where the exact scores prefer another, by more than rounding explains.
  case anotherExpert = "another expert"
  /// No precision that is tried tells on which side of its bound an element lies.
  case undecided
  /// Nothing is claimed: the exact value is not defined, or what may be computed has no bound.
  case outsideDomain = "outside the domain"

  init(_ verdict: PlumbVerdicts.Verdict) {
    switch verdict {
    case .within: self = .within
    case .outside: self = .outside
    case .anotherExpert: self = .anotherExpert
    case .undecided: self = .undecided
    case .outsideDomain: self = .outsideDomain
    }
  }
}
