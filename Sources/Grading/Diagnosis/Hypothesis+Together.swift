import PlumbModel

// One bug at several steps: a kernel is called for queries and for keys, and a mask or a head is the scores' and the values'.
extension Hypothesis {
  /// The bugs that two steps or more of a stretch may have, at all of these at once, each at the first of its steps.
  static func together(_ single: [(Step, [Hypothesis])]) -> [(Step, [Hypothesis])] {
    var places: [String: [(Step, Hypothesis)]] = [:]
    var order: [String] = []
    for (step, all) in single {
      for hypothesis in all where hypothesis.steps.isEmpty {
        let bug = "\(step.name.block ?? -1) \(hypothesis.bug)"
        if places[bug] == nil { order.append(bug) }
        places[bug, default: []].append((step, hypothesis))
      }
    }
    return order.compactMap { places[$0] }.filter { $0.count > 1 }.map { found in
      let members = Dictionary(found.map { ($0.0.name.role, $0.1) }) { first, _ in first }
      let words = found.map(\.0.name.role.rawValue).joined(separator: " and ")
      let both = Hypothesis(
        found[0].1.name + " (\(words))", "\(found[0].1.cause) It is so of \(words).", steps: Set(members.keys),
        enclosed: { step, inputs, arithmetic in members[step.step.name.role]?.enclosed(step, inputs, arithmetic) },
        output: { step, values in members[step.step.name.role]?.output(step, values) })
      return (found[0].0, [both])
    }
  }

  /// The bug's name without that of its layer.
  private var bug: Substring { name.drop { $0 != " " } }
}
