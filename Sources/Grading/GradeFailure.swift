import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance
import PlumbVerdicts

/// The first activation that rounding does not explain, with all that is needed to say why.
package struct GradeFailure: Sendable {
  package let measurement: GradeMeasurement
  let segment: Segment
  /// The cause, as far as it is known before anything is tried.
  package private(set) var cause: FirstCause
  /// The exact values of the failing activation, each to the nearest Double.
  package let exact: [Double]
  /// The bound of each; `nil` where nothing is claimed.
  package let bounds: [Double?]

  init(measurement: GradeMeasurement, segment: Segment, drift: LocalDrift) {
    self.measurement = measurement
    self.segment = segment
    (exact, bounds) = Self.expected(measurement, segment)
    let plan = measurement.model.transformer.plan
    steps = segment.steps.map(plan.step)
    cause = FirstCause(
      block: segment.end.block, layer: plan.step(segment.end).operation.name, name: segment.end.description,
      layers: steps.map(\.operation.name), margin: drift.margin)
    cause.anotherExpert = drift.verdict == .anotherExpert ? measurement.anotherExpert(segment) : nil
    if let dumped = dumped(segment.end), exact.count == dumped.elements.count {
      cause.shape =
        ErrorShape(
          labels: plan.labels(of: segment.end), dumped: dumped, exact: exact, bounds: bounds
        ).sentences
    }
  }

  /// The model.
  package var transformer: Transformer { measurement.model.transformer }
  /// The arithmetic that the bounds are for.
  package var arithmetic: ArithmeticModel { measurement.arithmetic }
  /// The tokens of the pass.
  package var tokens: [Int] { measurement.dump.tokens }
  /// The steps from what the dump has to the failing activation, which is the result of the last.
  package let steps: [Step]
  /// Every activation that the dump has and that is not computed from the failing one.
  package var known: [ActivationName] {
    let all = transformer.plan.names
    let place = all.firstIndex(of: segment.end) ?? all.count
    return all[..<place].filter { measurement.dump.tensors[$0] != nil }
  }
  /// The unit roundoff of what the dump stores the failing activation in.
  package var storageRoundoff: Double {
    (measurement.dump.tensors[segment.end]?.storage ?? .float32).unitRoundoff.doubleRoundedUp
  }
  /// Whether what the dump has is what the engine had: no number of the failing step, its inputs' among them, was rounded
  /// for the dump.
  package var isAsComputed: Bool {
    let computed = measurement.isStorageApart ? arithmetic.accumulation : arithmetic.storage
    return !measurement.isRoundedDump
      && (segment.beginnings + [segment.end]).allSatisfy { name in
        guard let dumped = measurement.dump.tensors[name] else { return false }
        return !dumped.isRounded && dumped.storage.precision >= computed.precision
      }
  }
  /// The unit roundoff of what the engine computes in.
  package var roundoff: Double { arithmetic.accumulation.unitRoundoff.doubleRoundedUp }
  /// The dump's activation at `name`, where it has one.
  package func dumped(_ name: ActivationName) -> Activation<Float>? { measurement.dump.tensors[name]?.activation }

  /// The numbers that the dump may have at the failing activation where the steps `names` are computed by `compute`, from
  /// enclosures of what each takes and bounds of their errors; `nil` where that is not known.
  package func enclosure(
    replacing names: Set<ActivationName>,
    by compute: @escaping (ActivationName, [Activation<Tracked>]) -> Activation<Tracked>?
  ) -> Activation<Tracked>? {
    let replacement = SegmentPass.Replacement(names: names, compute: compute)
    return Self.atSufficientPrecision { precision throws(EnclosureError) in
      try measurement.pass(precision: precision).tracked(segment, with: replacement)
    }
  }

  /// The answer of `compute` at the least working precision at which it encloses.
  private static func atSufficientPrecision<Answer>(
    _ compute: (_ precision: Int) throws(EnclosureError) -> Answer?
  ) -> Answer? {
    // An answer that no precision changes is one, too.
    let answer: Answer?? = try? PrecisionLoop.decide(
      from: LocalMeasurement.firstPrecision, upTo: LocalMeasurement.greatestPrecision
    ) { precision throws(EnclosureError) -> Answer?? in .some(try compute(precision)) }
    return answer ?? nil
  }

  private static func expected(
    _ measurement: GradeMeasurement, _ segment: Segment
  ) -> (values: [Double], bounds: [Double?]) {
    let found = atSufficientPrecision { precision throws(EnclosureError) in
      try measurement.pass(precision: precision).expectation(of: segment)
    }
    guard let expectation = found else { return ([], []) }
    let values = expectation.exact.elements.map { $0.midpoint.rounded(to: Double.self, .toNearestOrEven) }
    let bounds = expectation.bounds.enumerated().map { index, bound in
      expectation.holdsValue?(index) ?? true ? bound?.doubleRoundedUp : nil
    }
    return (values, bounds)
  }
}
