import PlumbFuzzing
import PlumbVerdicts

/// The failures of a layer as people are shown them: those that became the same case are one.
struct FailureGroups {
  /// Failures whose small cases are the same.
  struct Group {
    /// The first of the run.
    let first: FuzzReport.Finding
    /// The number of failures.
    var count = 1

    /// The place of the first case and the number of the others.
    var heading: String {
      FuzzTable.place(of: first) + (count > 1 ? " and \(count - 1) more of the same" : "")
    }
  }

  /// The groups, in the order of the run.
  private(set) var groups: [Group] = []
  /// The number of cases outside that are in none of them.
  let left: Int

  /// Makes groups of the failures of `report`, `most` of them: the first, but one of each kind if there is room.
  init(_ report: FuzzReport, most: Int = .max) {
    var all: [Group] = []
    for failure in report.failures {
      if let place = all.firstIndex(where: { $0.first.replay == failure.replay && $0.first.what == failure.what }) {
        all[place].count += 1
      } else {
        all.append(Group(first: failure))
      }
    }
    var kinds = Set<FailureKind?>()
    let telling = all.indices.filter { kinds.insert(all[$0].first.kind).inserted }
    let others = all.indices.filter { !telling.contains($0) }
    groups = (telling + others).prefix(most).sorted().map { all[$0] }
    left = report.failed - groups.reduce(0) { $0 + $1.count }
  }
}
