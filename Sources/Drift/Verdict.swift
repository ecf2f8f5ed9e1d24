/// What is proved of an activation, or of an element of one, against its bound.
public enum Verdict: String, Sendable, Codable, CaseIterable {
  /// Every element lies within its bound.
  case within
  /// An element lies beyond its bound: rounding cannot explain it.
  case outside
  /// An intermediate may overflow, or an input is not finite: nothing is claimed.
  case outsideDomain = "outside the domain"

  /// The graver of two verdicts: *outside* before *outside the domain* before *within*.
  public func joined(_ other: Verdict) -> Verdict {
    if self == .outside || other == .outside { return .outside }
    return self == .outsideDomain ? self : other
  }
}
