/// The totals of a column of the kill matrix, over every mutant that must be found.
package struct MutantTotals: Sendable {
  /// The column: `plumbline`, or a criterion of the field.
  package let name: String
  /// The number of mutants that must be found.
  package let mutants: Int
  /// The number of cases until each was found, in ascending order, of those that were.
  package let kills: [Int]
  /// The number of cases on which the correct engine was rejected.
  package let falseAlarms: Int
  /// The number of cases.
  package let cases: Int

  /// The cases until half of the mutants were found; `nil` where fewer were.
  package var median: Int? {
    let middle = (mutants + 1) / 2
    return middle > 0 && kills.count >= middle ? kills[middle - 1] : nil
  }

  /// The totals of `reports`: Plumbline's, then each criterion's.
  package static func columns(_ reports: [MutantReport]) -> [MutantTotals] {
    let rows = reports.flatMap(\.mutants).filter { $0.proof == nil }
    let cases = reports.reduce(0) { $0 + $1.cases }
    func column(_ name: String, _ kills: [Int], _ falseAlarms: Int) -> MutantTotals {
      MutantTotals(name: name, mutants: rows.count, kills: kills.sorted(), falseAlarms: falseAlarms, cases: cases)
    }
    let own = column("plumbline", rows.compactMap(\.killedAfter), reports.reduce(0) { $0 + $1.falseAlarms })
    return [own]
      + FieldCriterion.allCases.map { criterion in
        column(
          criterion.rawValue, rows.compactMap { $0.rejectedAfter[criterion.rawValue] },
          reports.reduce(0) { $0 + ($1.fieldFalseAlarms[criterion.rawValue] ?? 0) })
      }
  }
}
