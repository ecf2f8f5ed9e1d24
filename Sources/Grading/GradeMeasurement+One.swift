import PlumbModel
import PlumbVerdicts

extension GradeMeasurement {
  /// One activation of the dump on the dump's own inputs to it, and all that is needed to say why where it is outside.
  package struct Finding: Sendable {
    /// The activation.
    package let name: ActivationName
    /// Its drift from what it must be.
    package let drift: LocalDrift
    /// The failure, with what is known of its cause; `nil` where the activation is not outside its bound.
    package let failure: GradeFailure?
    /// The reason why nothing is claimed of some of its elements, and what to do; `nil` where something is claimed of each.
    package let unclaimed: String?
    /// The facts that people should know about the reading of the dump, one sentence each.
    package let notes: [String]
  }

  /// Grades `name` alone; without a name, one activation after another until one is outside its bound.
  ///
  /// - Returns: the first that is outside, otherwise the one of the greatest margin.
  package func finding(
    of name: ActivationName? = nil, progress: @escaping @Sendable (String) -> Void = { _ in }
  ) -> Finding {
    var measurement = self
    measurement.progress = progress
    let known = model.transformer.plan.names.filter { dump.tensors[$0] != nil }
    // What stands in another order is put right where it is measured, and so before it is taken as an input.
    let inputs = name.map { Segment($0, in: model.transformer) { dump.tensors[$0] != nil }.beginnings }
    var worst: Finding?
    for candidate in name.map({ (inputs ?? []) + [$0] }) ?? known {
      progress("local drift: \(candidate)")
      let measured = measurement.measure(candidate)
      let (segment, drift) = measurement.settled(candidate, measured)
      if let name, candidate != name { continue }
      let isOutside = drift.verdict.isRefuted
      let failure = isOutside ? GradeFailure(measurement: measurement, segment: segment, drift: drift) : nil
      let finding = Finding(
        name: candidate, drift: drift, failure: failure, unclaimed: measurement.unclaimed(segment, drift),
        notes: measurement.dump.allNotes)
      if isOutside { return finding }
      func rank(_ drift: LocalDrift) -> (Int, Double) { (drift.verdict == .within ? 0 : 1, drift.margin) }
      if worst.map({ rank($0.drift) < rank(drift) }) ?? true { worst = finding }
    }
    guard let worst else { preconditionFailure("a dump has at least one activation") }
    return Finding(
      name: worst.name, drift: worst.drift, failure: nil, unclaimed: worst.unclaimed, notes: measurement.dump.allNotes)
  }
}
