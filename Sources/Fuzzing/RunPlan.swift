/// The options that decide which cases a run has: those of its shards are the same.
package struct RunPlan: Sendable, Codable, Hashable {
  /// The layers, in the order in which they were fuzzed.
  package var layers: [String]
  /// The number of cases of each layer, those of the corpus aside; `nil` where time was the limit.
  package let cases: Int?
  /// The strategies by which numbers were chosen, in turn; a search has the last.
  package let strategies: [String]
  /// The objective that the search climbed; `nil` where there was no search.
  package let objective: String?
  /// The extents that every case has, by name.
  package let shape: [String: Int]
  /// The attributes that every case has, as texts, by name.
  package let attributes: [String: String]
  /// The fingerprint of the model and the tokens that recorded cases were cut from; `nil` for the pass that ships.
  package var pass: String?

  /// The first option in which this and `other` differ, with the value of each, in words; `nil` where they are one plan.
  func difference(from other: RunPlan) -> String? {
    func text(_ fixed: [String: some Any]) -> String {
      fixed.isEmpty ? "none" : fixed.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }
    let options: [(name: String, own: String, other: String)] = [
      ("layers", layers.joined(separator: ", "), other.layers.joined(separator: ", ")),
      ("--cases", cases.map(String.init) ?? "by time", other.cases.map(String.init) ?? "by time"),
      ("--strategy", strategies.joined(separator: ", "), other.strategies.joined(separator: ", ")),
      ("--objective", objective ?? "none", other.objective ?? "none"),
      ("--shape", text(shape), text(other.shape)),
      ("--attribute", text(attributes), text(other.attributes)),
      ("--model or --prompt", pass ?? "the pass that ships", other.pass ?? "the pass that ships"),
    ]
    return options.first { $0.own != $0.other }.map { "\($0.name): \($0.own), and \($0.other)" }
  }
}
