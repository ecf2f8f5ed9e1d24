import PlumbCases

/// The strategies that take turns in a run, as they are named: one, `search`, or `all` of them.
package struct Turns {
  /// The names that there are.
  package static let names = Strategy.allCases.map(\.rawValue) + ["search", "all"]

  /// The strategies that draw their cases.
  package let strategies: [Strategy]
  /// Whether a search for the worst takes part.
  package let searches: Bool

  /// The strategies that `name` names; `nil` where it names none.
  package init?(_ name: String) {
    guard Self.names.contains(name) else { return nil }
    strategies = name == "all" ? Strategy.allCases : Strategy(rawValue: name).map { [$0] } ?? []
    searches = name == "all" || name == "search"
  }
}
