import PlumbBounds
import PlumbExact
import PlumbModel
import PlumbTolerance

/// A layer whose formula says all: the exact values are those of the formula in balls, and the engine computes it plainly in
/// Float64 and rounds once, so that its bounds are the formula's in that arithmetic.
protocol FormulaEntry: ModelledEntry {
  /// Whether the engine has an accuracy of its own for `input`, which its expectation and the filter know.
  static func hasAccuracy(_ input: CheckedCase) -> Bool
}

extension FormulaEntry {
  static func hasAccuracy(_ input: CheckedCase) -> Bool { false }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    try formula(of: input, precision: precision)
  }

  /// The exact values of the formula with its bounds in the engine's arithmetic; `nil` where an input is not finite.
  static func formula(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    guard Filter.hasFiniteTensors(input) else { return nil }
    return try Expectation(
      exact: forward(CaseInput(input, in: BallContext(precision: precision))),
      tracked: declared(input))
  }

  /// The formula in the engine's arithmetic.
  ///
  /// *Edge cases*: nothing is claimed where the last rounding may overflow.
  static func declared(_ input: CheckedCase) -> Activation<Tracked> {
    forward(CaseInput(input, in: ArithmeticModel.declared)).map(\.certain)
  }
}
