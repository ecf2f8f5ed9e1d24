import PlumbBounds
import PlumbExact
public import PlumbModel

/// Holds any number of outputs against what one case must give, which is computed once.
public struct CaseJudge {
  private let input: CheckedCase
  private var precision = LocalMeasurement.firstPrecision
  /// What the layer must compute, at `precision`; the inner `nil` where an input is not finite.
  private var expectation: Expectation??

  /// Makes a judge of outputs for `input`.
  public init(_ input: CheckedCase) { self.input = input }

  /// The drift of `output`; *undecided* where an element still straddles its bound at the greatest precision.
  public mutating func judge(_ output: Activation<Float>) -> LocalDrift {
    LocalMeasurement.decide(output, from: precision) { precision throws(EnclosureError) in
      try expectation(at: precision)
    }
  }

  /// The exact values, each rounded to the nearest Float32, at the indices of which something is claimed; none where no
  /// precision encloses them.
  public mutating func claims() -> [(index: Int, nearest: Float)] {
    let found: Expectation?? = try? PrecisionLoop.decide(from: precision, upTo: LocalMeasurement.greatestPrecision) {
      precision throws(EnclosureError) in .some(try expectation(at: precision))
    }
    guard case .some(.some(let expectation)) = found else { return [] }
    return expectation.exact.elements.indices.compactMap { index in
      guard expectation.bounds[index] != nil, expectation.holdsValue?(index) ?? true else { return nil }
      return (index, expectation.exact.elements[index].midpoint.rounded(to: Float.self, .toNearestOrEven))
    }
  }

  /// The expectation at `precision`, which is no less than the last one was.
  private mutating func expectation(at precision: Int) throws(EnclosureError) -> Expectation? {
    if precision == self.precision, let expectation { return expectation }
    (self.precision, expectation) = (precision, nil)
    let found = try Catalogue.expectation(of: input, precision: precision)
    expectation = .some(found)
    return found
  }
}
