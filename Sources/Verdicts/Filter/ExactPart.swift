import PlumbBounds
import PlumbExact
import PlumbModel

/// Some elements of an output, and the exact path on no more of the layer's inputs than they need.
package struct ExactPart {
  /// The places of the elements in the output.
  let places: [Int]
  /// The places of the same elements in the expectation; `nil` where these are 0, 1, 2 and so on.
  let within: [Int]?
  let expectation: (_ precision: Int) throws(EnclosureError) -> Expectation?

  /// The elements at `places`, which are those of the `expectation` at `within`.
  package init(
    places: [Int], within: [Int]? = nil,
    expectation: @escaping (_ precision: Int) throws(EnclosureError) -> Expectation?
  ) {
    self.places = places
    self.within = within
    self.expectation = expectation
  }
}

extension [ExactPart] {
  /// The exact path's results for all elements of `engine` that the parts hold; `nil` where one is outside the domain, or not
  /// defined.
  ///
  /// The precision is the least that decides all of them, or the greatest, at which some may be *undecided*. A `bound`, of an
  /// element of `engine` whose exact value is given, counts instead of the expectations' own.
  func resolve(
    _ engine: Activation<Float>, bound: ((_ place: Int, _ exact: Ball) -> Rational?)? = nil
  ) -> [Int: LocalSurvey.Resolved]? {
    let resolved = try? PrecisionLoop.decide(
      from: LocalMeasurement.firstPrecision, upTo: LocalMeasurement.greatestPrecision
    ) { precision throws(EnclosureError) in try resolve(engine, bound, precision: precision) }
    return resolved.flatMap { $0.values.contains { $0.element.verdict == .outsideDomain } ? nil : $0 }
  }

  /// The elements at `precision`, or `nil` where it does not decide one of them and is not the greatest.
  private func resolve(
    _ engine: Activation<Float>, _ bound: ((Int, Ball) -> Rational?)?, precision: Int
  ) throws(EnclosureError) -> [Int: LocalSurvey.Resolved]? {
    var resolved: [Int: LocalSurvey.Resolved] = [:]
    for part in self {
      guard let expectation = try part.expectation(precision) else { continue }
      for (number, place) in part.places.enumerated() {
        let index = part.within.map { $0[number] } ?? number
        let exact = expectation.exact.elements[index]
        let element = LocalComparison.judge(
          engine.elements[place], exact, bound.map { $0(place, exact) } ?? expectation.bounds[index],
          isLast: precision == LocalMeasurement.greatestPrecision)
        guard element.verdict != nil else { return nil }
        if precision < LocalMeasurement.measuredPrecision, exact.bitsToMeasure > 0 { return nil }
        resolved[place] = LocalSurvey.Resolved(
          element: element, exact: exact, named: LocalComparison.named(place, of: engine, exact))
      }
    }
    return resolved
  }
}
