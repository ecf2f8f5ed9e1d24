import PlumbVerdicts

extension FuzzReport {
  /// Takes in `other`, a report of other cases of the same run: in whichever order parts are joined, the result is one.
  mutating func join(_ other: FuzzReport) {
    shards = Set(shards + other.shards).sorted { ($0.count, $0.index) < ($1.count, $1.index) }
    isComplete = isComplete && other.isComplete
    cases += other.cases
    replayed += other.replayed
    outsideDomain += other.outsideDomain
    undecided += other.undecided
    filteredElements += other.filteredElements
    exactElements += other.exactElements
    worstUlps = max(worstUlps, other.worstUlps)
    margins = HistogramBin.joined([margins, other.margins])
    greatest = Self.greater(greatest, other.greatest, \.margin)
    furthest = Self.greater(furthest, other.furthest, \.ulps)
    failed += other.failed
    explanations = Self.joined(explanations, other.explanations)
    if let own = otherArithmetics, let others = other.otherArithmetics {
      otherArithmetics = own.filter(others.contains)
    } else {
      otherArithmetics = otherArithmetics ?? other.otherArithmetics
    }
    typical = failed == 0 ? Typical.greater(typical, other.typical) : nil
    failures = Self.kept((failures + other.failures).sorted { $0.order < $1.order })
  }

  /// The greater of two findings; of equals, the first of the run.
  package static func greater(_ a: Finding?, _ b: Finding?, _ score: KeyPath<Finding, Double>) -> Finding? {
    guard let a, let b else { return a ?? b }
    if a[keyPath: score] != b[keyPath: score] { return a[keyPath: score] > b[keyPath: score] ? a : b }
    return a.order <= b.order ? a : b
  }

  /// The reports of the shards of one run, joined: one report a layer, in the order in which the layers first appear.
  ///
  /// - Throws: `JoinError` where the reports are not of one run, or are not the whole of it: where two were asked for
  ///   different cases, and where a shard or a layer is missing, there twice, or interrupted.
  package static func joined(_ reports: [FuzzReport]) throws(JoinError) -> [FuzzReport] {
    var joined: [FuzzReport] = []
    for report in reports {
      try report.expectSound()
      if let first = joined.first { try report.expectSameRun(as: first) }
      guard report.isComplete else {
        throw JoinError(
          problem: "\(report.layer): shard \(report.parts) was interrupted after \(report.cases) cases; run it again")
      }
      guard let place = joined.firstIndex(where: { $0.layer == report.layer }) else {
        joined.append(report)
        continue
      }
      let known = joined[place]
      try Shard.expectNew(report.shards, beside: known.shards, of: report.layer)
      joined[place].join(report)
    }
    for report in joined { try Shard.expectWhole(report.shards, of: report.layer) }
    if let missing = joined.first?.run.layers.first(where: { name in !joined.contains { $0.layer == name } }) {
      throw JoinError(problem: "\(missing): the run had this layer too, and its report is missing")
    }
    return joined
  }

  /// The parts that this reports, in words.
  private var parts: String { shards.map { "\($0.index)/\($0.count)" }.joined(separator: ", ") }

  /// Refuses numbers that no run has: what is joined was read from a file.
  private func expectSound() throws(JoinError) {
    let counts =
      [cases, replayed, outsideDomain, undecided, failed, filteredElements, exactElements] + margins.map(\.count)
    // So many reports as there are files can be added up.
    guard counts.allSatisfy({ 0...1 << 48 ~= $0 }) else {
      throw JoinError(problem: "\(layer): a count is negative, or greater than any run's; the file was changed")
    }
    guard Shard.areSound(shards) else {
      throw JoinError(problem: "\(layer): 'shards' names no part of a run; the file was changed")
    }
  }

  private func expectSameRun(as other: FuzzReport) throws(JoinError) {
    func fail(_ problem: String) -> JoinError {
      JoinError(
        problem: "\(layer), shard \(parts): is of another run than \(other.layer), shard \(other.parts): \(problem)")
    }
    if seed != other.seed { throw fail("--seed: \(seed), and \(other.seed)") }
    if engine != other.engine {
      throw fail("--engine: \(engine ?? "plumb's own"), and \(other.engine ?? "plumb's own")")
    }
    if arithmetic != other.arithmetic {
      throw fail("--arithmetic: \(arithmetic ?? "engine"), and \(other.arithmetic ?? "engine")")
    }
    if let difference = run.difference(from: other.run) { throw fail(difference) }
  }
}
