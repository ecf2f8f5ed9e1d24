import PlumbCases

/// The strategies that take turns in a run, as they are named: one, `search`, or `all` of them.
package struct Turns {
  /// The names that there are.
  package static let names = Strategy.allCases.map(\.rawValue) + ["search", "all"]

  /// The strategies that draw their cases.
  package let strategies: [Strategy]
  /// Whether a search for the worst takes part.
  package let searches: Bool

  /// All of them.
  package static let all = Turns(strategies: Strategy.allCases, searches: true)

  private init(strategies: [Strategy], searches: Bool) {
    (self.strategies, self.searches) = (strategies, searches)
  }

  /// The strategies that `name` names; `nil` where it names none.
  package init?(_ name: String) {
    guard Self.names.contains(name) else { return nil }
    self =
      name == "all"
      ? .all
      : Turns(
        strategies: Strategy(rawValue: name).map { [$0] } ?? [], searches: name == "search")
  }
}
