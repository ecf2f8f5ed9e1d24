import PlumbExact
public import PlumbModel

/// Holds any number of outputs against what one case must give, which is computed once.
public struct CaseJudge {
  private let input: CheckedCase
  private var precision = 96
  /// What the layer must compute, at `precision`; the inner `nil` where an input is not finite.
  private var expectation: Expectation??

  /// Makes a judge of outputs for `input`.
  public init(_ input: CheckedCase) { self.input = input }

  /// The drift of `output`.
  ///
  /// - Throws: `DriftError.undecided` when an element still straddles its bound at the greatest precision.
  public mutating func judge(_ output: Activation<Float>) throws(DriftError) -> LocalDrift {
    while true {
      guard let expectation = try found() else { return .nothingClaimed(of: output) }
      if let drift = LocalComparison.compare(output, with: expectation) { return drift }
      try refine()
    }
  }

  /// The exact values, each rounded to the nearest Float32, at the indices of which something is claimed.
  ///
  /// - Throws: `DriftError.undecided` when the greatest precision does not enclose them.
  public mutating func claims() throws(DriftError) -> [(index: Int, nearest: Float)] {
    guard let expectation = try found() else { return [] }
    return expectation.exact.elements.indices.compactMap { index in
      guard expectation.bounds[index] != nil, expectation.holdsValue?(index) ?? true else { return nil }
      return (index, expectation.exact.elements[index].midpoint.rounded(to: Float.self, .toNearestOrEven))
    }
  }

  /// The expectation at the least precision from the present one on at which there is one.
  private mutating func found() throws(DriftError) -> Expectation? {
    while true {
      if let expectation { return expectation }
      do throws(EnclosureError) {
        expectation = .some(try Catalogue.expectation(of: input, precision: precision))
      } catch {
        try refine()
      }
    }
  }

  private mutating func refine() throws(DriftError) {
    guard precision < LocalMeasurement.greatestPrecision else {
      throw .undecided(activation: input.source.layer.rawValue, precision: precision)
    }
    precision *= 2
    expectation = nil
  }
}
