import PlumbBounds
import PlumbExact
import PlumbTolerance

/// A layer whose formula says all: the exact values are those of the formula in balls, and the engine computes it plainly in
/// Float64 and rounds once, so that its bounds are the formula's in that arithmetic.
protocol FormulaEntry: CatalogueEntry {
  /// The formula.
  static var provedFormula: Formula { get }
}

extension FormulaEntry {
  static var formula: Formula? { provedFormula }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    guard Filter.hasFiniteTensors(input) else { return nil }
    return try Expectation(
      exact: provedFormula.exact(CaseInput(input, in: BallContext(precision: precision))),
      tracked: provedFormula.tracked(CaseInput(input, in: .declared)))
  }
}
