import PlumbBounds
import PlumbDrift
import PlumbExact
import PlumbModel
import PlumbTolerance
import PlumbVerdicts

/// The grades of the gradients of a dump, each on the very activations and gradients that the dump has around it.
struct GradientGrade {
  /// A row for each, in the order of the backward pass.
  private(set) var rows: [GradedActivation] = []
  /// The first that rounding does not explain.
  private(set) var firstCause: FirstCause?
  /// The facts that people should know about the reading, two sentences each.
  private(set) var notes: [String] = []

  /// The grades by the one of two functions that the engine may have taken a clamp's gradient for which explains more: at the limit
  /// itself that of the side that is not clamped, or 0.
  ///
  /// - Throws: `DriftError.interrupted`.
  static func ofEitherClamp(
    _ pass: SegmentPass, _ gradients: GradientDump, isInterrupted: () -> Bool, progress: (String) -> Void
  ) throws(DriftError) -> GradientGrade {
    func grade(_ gradients: GradientDump) throws(DriftError) -> GradientGrade {
      try GradientGrade(pass, gradients, isInterrupted: isInterrupted, progress: progress)
    }
    guard gradients.plan.hasClamps, pass.model.uses(.zeroAtLimit) else { return try grade(gradients) }
    guard pass.model.uses(.throughLimit) else { return try grade(gradients.zeroAtLimit) }
    let through = try grade(gradients)
    guard let cause = through.firstCause else { return through }
    var zero = try grade(gradients.zeroAtLimit)
    /// The number of rows before the first cause.
    func explained(_ grade: GradientGrade, _ cause: FirstCause?) -> Int {
      cause.flatMap { cause in grade.rows.firstIndex { $0.name == cause.name } } ?? grade.rows.count
    }
    guard explained(zero, zero.firstCause) > explained(through, cause) else { return through }
    zero.notes.append(
      "Gradients at the limit of a clamp itself were graded as 0, as PyTorch 2.15 has them. Those of the side that is not clamped would "
        + "be right, too.")
    return zero
  }

  /// Grades all gradients of `gradients`, which belong to the activations of `pass`.
  ///
  /// - Throws: `DriftError.interrupted`.
  init(
    _ pass: SegmentPass, _ gradients: GradientDump, isInterrupted: () -> Bool, progress: (String) -> Void
  ) throws(DriftError) {
    progress("gradients: the activations that they are made of")
    var segments = BackwardSegments(pass, gradients)
    for step in gradients.plan.steps {
      if isInterrupted() { throw .interrupted }
      if gradients.tensors[step.name] != nil { progress("local drift of gradients: \(step.name)") }
      guard let known = segments.gradient(of: step), let dumped = gradients.tensors[step.name] else { continue }
      var local = Self.drift(dumped, known.value, pass)
      if local.verdict.isRefuted, let padded = Self.withoutRow(step, dumped, known.value) {
        let drift = Self.drift(dumped, padded.expected, pass)
        if !drift.verdict.isRefuted {
          local = drift
          notes.append(
            "'\(dumped.tensor)' is 0 in the row of token \(padded.token), whose gradient is not 0: PyTorch leaves out the row of "
              + "'padding_idx'. It was graded as if that were \(padded.token); otherwise the row is forgotten.")
        }
      }
      let row = GradedActivation(
        drift: ActivationDrift(
          name: step.name.description, block: step.block, layer: step.layerName, shape: dumped.activation.shape,
          local: local, accumulated: nil),
        tensor: dumped.tensor, storage: dumped.storageName, from: known.from, bridged: known.between,
        unclaimed: Self.unclaimed(step.name, known, local))
      rows.append(row)
      if firstCause == nil, local.verdict.isRefuted {
        firstCause = FirstCause(
          block: step.block, layer: step.layerName, name: step.name.description,
          layers: known.layers, margin: local.margin)
      }
    }
  }

  /// The drift of `dumped` from what it must be, with the rounding of the dump's own format where that is the narrower.
  private static func drift(_ dumped: DumpedTensor, _ expected: Activation<Tracked>, _ pass: SegmentPass) -> LocalDrift
  {
    func plain(_ elements: [Tracked], shape: [Int]) -> Expectation {
      let certain = elements.map(\.certain)
      let exact = certain.map { $0.ball ?? .zero }
      let bounds = zip(exact, certain).map { ball, tracked -> Rational? in
        guard let bound = tracked.bound else { return nil }
        return pass.rounding(to: dumped, at: ball.midpoint.magnitude + ball.radius + bound).map { bound + $0 }
      }
      return Expectation(exact: Activation(shape: shape, elements: exact), bounds: bounds)
    }
    // Rational numbers for the few elements that Float64s leave open, and for all where one is not finite.
    let survey = KernelSurvey(tracked: expected) { places in
      [ExactPart(places: places) { _ in plain(places.map { expected.elements[$0] }, shape: [places.count]) }]
    }
    let surveyed = survey.drift(of: dumped.activation) { reach in
      pass.rounding(to: dumped, at: reach)
    } exactRounding: { reach in
      pass.rounding(to: dumped, at: reach)
    }
    if let surveyed { return surveyed }
    return LocalMeasurement.decide(dumped.activation, from: LocalMeasurement.greatestPrecision) { _ in
      plain(expected.elements, shape: expected.shape)
    }
  }

  /// The gradient of a table of tokens with 0 in the one row where the dump has 0 and should not; `nil` of other steps, or where
  /// there is not one such row.
  private static func withoutRow(
    _ step: BackwardStep, _ dumped: DumpedTensor, _ expected: Activation<Tracked>
  ) -> (token: Int, expected: Activation<Tracked>)? {
    guard case .rows(byPosition: false) = step.operation else { return nil }
    let rows = (0..<expected.rows).filter { row in
      dumped.activation.row(row).allSatisfy { $0 == 0 }
        && !expected.row(row).allSatisfy { $0.lower <= 0 && $0.upper >= 0 }
    }
    guard rows.count == 1, let token = rows.first else { return nil }
    let elements = expected.elements.enumerated().map { $0 / expected.columns == token ? Tracked(0) : $1 }
    return (token, Activation(shape: expected.shape, elements: elements))
  }

  /// The reason why nothing is claimed of some elements of `name`, or of all; `nil` where something is claimed of each.
  private static func unclaimed(
    _ name: GradientName, _ known: BackwardSegments.Known, _ drift: LocalDrift
  ) -> String? {
    guard drift.outsideDomain + drift.undecided > 0 else { return nil }
    let opening = "Nothing can be claimed of \(drift.outsideDomain + drift.undecided) elements of '\(name)': "
    guard let first = known.between.first else {
      return opening + "an intermediate of it may overflow, or what it is made of is not finite."
    }
    return opening + "over what the dump lacks the bounds grow too wide. Dump '\(first)'"
      + (known.between.count > 1 ? " and what follows it." : ".")
  }
}
