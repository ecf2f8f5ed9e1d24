import PlumbDrift

extension FuzzReport {
  /// Takes in `other`, a report of other cases of the same run: in whichever order parts are joined, the result is one.
  mutating func join(_ other: FuzzReport) {
    shards = Set(shards + other.shards).sorted { ($0.count, $0.index) < ($1.count, $1.index) }
    isComplete = isComplete && other.isComplete
    cases += other.cases
    replayed += other.replayed
    outsideDomain += other.outsideDomain
    filteredElements += other.filteredElements
    exactElements += other.exactElements
    worstUlps = max(worstUlps, other.worstUlps)
    margins = HistogramBin.joined([margins, other.margins])
    greatest = Self.greater(greatest, other.greatest, \.margin)
    furthest = Self.greater(furthest, other.furthest, \.ulps)
    failed += other.failed
    failures = Array((failures + other.failures).sorted { $0.order < $1.order }.prefix(Self.keptFailures))
  }

  /// The greater of two findings; of equals, the first of the run.
  static func greater(_ a: Finding?, _ b: Finding?, _ score: KeyPath<Finding, Double>) -> Finding? {
    guard let a, let b else { return a ?? b }
    if a[keyPath: score] != b[keyPath: score] { return a[keyPath: score] > b[keyPath: score] ? a : b }
    return a.order <= b.order ? a : b
  }

  /// The reports of the shards of one run, joined: one report a layer, in the order in which the layers first appear.
  ///
  /// - Throws: `JoinError` where two reports of a layer are not parts of one run, or are the same part.
  public static func joined(_ reports: [FuzzReport]) throws(JoinError) -> [FuzzReport] {
    var joined: [FuzzReport] = []
    for report in reports {
      guard let place = joined.firstIndex(where: { $0.layer == report.layer }) else {
        joined.append(report)
        continue
      }
      let known = joined[place]
      guard known.seed == report.seed else {
        throw JoinError(problem: "\(report.layer): the seeds \(known.seed) and \(report.seed) are of different runs")
      }
      guard (known.engine, known.arithmetic) == (report.engine, report.arithmetic) else {
        throw JoinError(problem: "\(report.layer): the runs are of two engines, or in two arithmetics")
      }
      let counts = Set((known.shards + report.shards).map(\.count))
      guard counts.count == 1 else {
        throw JoinError(
          problem: "\(report.layer): the runs were split into "
            + counts.sorted().map(String.init).joined(separator: " and ") + " shards")
      }
      if let twice = report.shards.first(where: known.shards.contains) {
        throw JoinError(problem: "\(report.layer): shard \(twice.index)/\(twice.count) is there twice")
      }
      joined[place].join(report)
    }
    return joined
  }
}

/// Why reports are not the parts of one run.
public struct JoinError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong.
  public let problem: String

  /// One line for the person who must act.
  public var description: String { problem }
}
