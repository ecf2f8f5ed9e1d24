import PlumbCases
import PlumbModel
import PlumbTolerance
import PlumbVerdicts

extension FuzzReport {
  /// The case, of the first of a run, whose errors exceed most what its arithmetic typically does.
  package struct Typical: Sendable, Codable {
    /// The number of cases that were compared.
    package let cases: Int
    /// The number of the case.
    package let number: Int
    /// Its errors.
    package let error: TypicalError

    /// The one of two that exceeds the other.
    static func greater(_ a: Typical?, _ b: Typical?) -> Typical? {
      guard let a, let b else { return a ?? b }
      return a.error.times >= b.error.times ? a : b
    }
  }
}

extension FuzzRun {
  /// The first cases of a run that are compared with what is typical, and the greatest number of extents' products that they may have.
  private static let (compared, greatestWork) = (64, 1 << 18)

  /// The errors of the first cases of the run beside typical ones; `nil` where another engine has none that are known.
  func typical(below count: Int, isInterrupted: () -> Bool) throws -> FuzzReport.Typical? {
    guard case .model = subject.arithmetic, isFiltered, !strategies.isEmpty else { return nil }
    var found: [(number: Int, error: TypicalError)] = []
    try subject.aside {
      // A search draws from what it has learnt: the same case does not come again.
      for number in 0..<min(Self.compared, count) where number % turns < strategies.count && !isInterrupted() {
        let input = drawn.generators[number % turns].makeCase(number / turns)
        let checked = try CheckedCase(subject.arithmetic.prepared(input))
        guard
          checked.extents.values.reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue })
            <= Self.greatestWork,
          case .output(let output) = try subject.answer(checked, number: number),
          let error = TypicalError.of(output, checked, in: subject.arithmetic)
        else { continue }
        found.append((number, error))
      }
    }
    return found.max { $0.error.times < $1.error.times }.map {
      FuzzReport.Typical(cases: found.count, number: $0.number, error: $0.error)
    }
  }
}
