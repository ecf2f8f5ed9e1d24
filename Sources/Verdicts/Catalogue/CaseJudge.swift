import PlumbBounds
import PlumbExact
import PlumbModel
import PlumbTolerance

/// Holds any number of outputs against what one case must give, which is computed once.
///
/// Float64 decides almost every element of a large output, and the exact path those that it leaves open and those that a report
/// names; of a small one the exact path decides all. The verdicts are the same.
package struct CaseJudge {
  let input: CheckedCase
  let arithmetic: Arithmetic
  /// The formula in the arithmetic of another kernel.
  private let tracked: Activation<Tracked>?
  /// Whether the exact values are those of the formula with its roundings between steps, which only `tracked` encloses.
  private var isReplayed: Bool { if case .model(let model) = arithmetic { model.replaysSteps } else { false } }
  private(set) lazy var bounds = tracked.map { $0.elements.map(\.bound) }
  /// The filter's expectation; the inner `nil` where it has nothing to say.
  private(set) lazy var filtered = Filter.expectation(of: input, in: arithmetic, tracked)
  private var precision = LocalMeasurement.firstPrecision
  /// The values that the layer must compute, at `precision`; the inner `nil` where an input is not finite.
  private var expectation: Expectation??
  /// The judges of the same case by the other functions that kernels may take its layer for.
  private var others: [CaseJudge] = []
  /// An element of which the formula in the arithmetic and the reference cannot both enclose the exact value.
  private var strange: Int?

  /// Makes a judge of this engine's outputs for `input`.
  package init(_ input: CheckedCase) { self.init(input, .engine, nil) }

  /// Makes a judge of outputs for `input` that were computed in `arithmetic`.
  ///
  /// - Throws: `ArithmeticError` where nothing is proved of the layer in that arithmetic.
  package init(_ input: CheckedCase, in arithmetic: Arithmetic) throws(ArithmeticError) {
    guard case .model(let model) = arithmetic else {
      self.init(input, arithmetic, nil)
      return
    }
    var judges = try Catalogue.readings(of: input, in: model).map { reading throws(ArithmeticError) in
      CaseJudge(reading, arithmetic, try Catalogue.tracked(reading, in: model))
    }
    self = judges.removeFirst()
    others = judges
  }

  private init(_ input: CheckedCase, _ arithmetic: Arithmetic, _ tracked: Activation<Tracked>?) {
    self.input = input
    self.arithmetic = arithmetic
    self.tracked = tracked
  }

  /// The drift of `output`; *undecided* where an element still straddles its bound at the greatest precision.
  ///
  /// *Edge cases*: an output of another shape than the layer's is *outside*.
  /// - Throws: `ArithmeticError` where the formula in the arithmetic and the reference disagree, which is a bug.
  package mutating func judge(_ output: Activation<Float>) throws(ArithmeticError) -> LocalDrift {
    let drift = decide(output).drift
    try expectAgreement()
    return drift
  }

  /// The drift of `output`, and the elements that the exact path looked at where that was not all.
  ///
  /// An output that is outside is held to another function that kernels may take the layer for, where it is not outside of that.
  mutating func decide(_ output: Activation<Float>) -> (drift: LocalDrift, resolved: [Int: LocalSurvey.Resolved]?) {
    var decided = decideAlone(output)
    if decided.drift.problem == nil, let problem = Catalogue.offGrid(input, output, in: arithmetic) {
      (decided.drift.verdict, decided.drift.problem) = (.outside, problem)
      return decided
    }
    guard decided.drift.verdict == .outside else { return decided }
    if input.source.layer == .router, decided.drift.problem == nil {
      decided.drift.problem = RouterEntry.anotherExpert(input, output, in: arithmetic)
    }
    for index in others.indices {
      let other = others[index].decideAlone(output)
      guard other.drift.verdict != .outside else { continue }
      var (judge, others) = (others[index], others)
      self.others = []
      others[index] = self
      judge.others = others
      self = judge
      return other
    }
    return decided
  }

  private mutating func decideAlone(
    _ output: Activation<Float>
  ) -> (drift: LocalDrift, resolved: [Int: LocalSurvey.Resolved]?) {
    guard output.shape == input.outputShape else {
      let problem = "wrong shape: \(output.shape), expected \(input.outputShape)"
      return (LocalDrift(unmeasured: problem), nil)
    }
    if output.elements.count >= LocalComparison.leastSurveyed, !isReplayed, let surveyed = survey(output) {
      return (surveyed.drift, surveyed.resolved)
    }
    return (decideExactly(output), nil)
  }

  /// The drift of `output`, which has the layer's shape, by the exact path alone.
  package mutating func decideExactly(_ output: Activation<Float>) -> LocalDrift {
    LocalMeasurement.decide(output, from: precision) { precision throws(EnclosureError) in
      try expectation(at: precision)
    }
  }

  /// The drift of `output` by the filter, and by the exact path for some elements; `nil` where these are too many, or need all of
  /// the case.
  private mutating func survey(
    _ output: Activation<Float>
  ) -> (drift: LocalDrift, resolved: [Int: LocalSurvey.Resolved])? {
    let hasRuns = arithmetic == .engine && Filter.hasRuns(input)
    let filtered = hasRuns ? nil : filtered
    guard hasRuns || filtered != nil else { return nil }
    let bounds = bounds
    return LocalSurvey.drift(of: output) { survey in
      filtered?.fill(&survey) ?? Filter.survey(&survey, backward: input)
    } resolve: { places in
      let products = hasRuns ? places.compactMap { ExactPart.product(input, $0) } : []
      if !products.isEmpty, products.count == places.count { return products.resolve(output) }
      guard let (part, within) = input.part(places) else { return nil }
      let exact = ExactPart(places: places, within: within) { precision throws(EnclosureError) in
        try Catalogue.expectation(of: part, precision: precision)
      }
      let resolved = [exact].resolve(output, bound: bounds.map { bounds in { place, _ in bounds[place] } })
      strange = strange ?? resolved?.first { isStrange($0.key, $0.value.exact) }?.key
      return resolved
    }
  }

  private func isStrange(_ index: Int, _ exact: Ball) -> Bool {
    tracked?.elements[index].ball.map { !exact.overlaps($0) } ?? false
  }

  /// Checks that the formula in the arithmetic and the reference enclose the same numbers: no verdict can follow otherwise.
  func expectAgreement() throws(ArithmeticError) {
    guard let strange else { return }
    throw ArithmeticError(
      problem:
        "\(input.source.layer.rawValue): the formula in '\(arithmetic)' and the reference disagree about element "
        + "\(strange); this is a bug of Plumbline")
  }

  /// The exact values, each rounded to the nearest Float32, or number of the layer's grid, at the indices of which something is claimed; none where no
  /// precision encloses them.
  ///
  /// They are those of the function that the last output was held to, at first the layer's own.
  package mutating func claims() -> [(index: Int, nearest: Float)] {
    guard let expectation = try? decided({ expectation, _ in expectation }) else { return [] }
    return expectation.exact.elements.indices.compactMap { index in
      guard expectation.bounds[index] != nil, expectation.holdsValue?(index) ?? true else { return nil }
      return (index, Catalogue.nearest(expectation.exact.elements[index].midpoint, of: input))
    }
  }

  /// The result of `attempt` on the expectation at the least precision at which it has one; `nil` where an input is not finite.
  ///
  /// - Throws: `PrecisionExhausted` where no precision gives an expectation, or the greatest none that the attempt takes.
  mutating func decided<Answer>(
    _ attempt: (Expectation, _ precision: Int) -> Answer?
  ) throws(PrecisionExhausted) -> Answer? {
    try PrecisionLoop.decide(from: precision, upTo: LocalMeasurement.greatestPrecision) {
      precision throws(EnclosureError) -> Answer?? in
      guard let expectation = try expectation(at: precision) else { return .some(nil) }
      return attempt(expectation, precision).map { .some($0) }
    }
  }

  /// The expectation at `precision`, which is no less than the last one was.
  mutating func expectation(at precision: Int) throws(EnclosureError) -> Expectation? {
    if precision == self.precision, let expectation { return expectation }
    (self.precision, expectation) = (precision, nil)
    if isReplayed, let tracked {
      let replayed = Filter.hasFiniteTensors(input) ? Expectation(replayed: tracked, holdsValue: input.holdsValue) : nil
      expectation = .some(replayed)
      return replayed
    }
    var found = try Catalogue.expectation(of: input, precision: precision)
    if let tracked {
      strange = strange ?? found?.disagreement(with: tracked)
      found = found?.bounded(by: tracked)
    }
    expectation = .some(found)
    return found
  }
}
