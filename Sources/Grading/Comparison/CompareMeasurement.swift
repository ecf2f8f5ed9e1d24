import PlumbDrift
import PlumbFormats
import PlumbModel
import PlumbTolerance
import PlumbVerdicts

/// Holds two dumps of one pass against its exact values: which is nearer, and whether rounding explains each.
package struct CompareMeasurement: Sendable {
  private let a: GradeMeasurement
  private let b: GradeMeasurement

  /// Makes a measurement of two dumps of the same model and tokens.
  package init(_ a: GradeMeasurement, _ b: GradeMeasurement) { (self.a, self.b) = (a, b) }

  /// Measures, and calls `progress` with a line for people now and then.
  ///
  /// - Throws: `DriftError` where it is interrupted, or no precision encloses the exact pass; `GradeError` where the dumps have no
  ///   activation in common.
  package func report(
    since start: ContinuousClock.Instant = .now, isInterrupted: @Sendable () -> Bool = { false },
    progress: @escaping @Sendable (String) -> Void = { _ in }
  ) throws -> CompareReport {
    let model = a.model
    guard a.dump.tensors.keys.contains(where: { b.dump.tensors[$0] != nil }) else {
      throw GradeError(
        "\(a.dump.file) and \(b.dump.file) have no activation in common; dump the logits of both at least")
    }
    let (first, second) = (try graded(a, "A", isInterrupted, progress), try graded(b, "B", isInterrupted, progress))
    let (tensors, others) = (a.dump.tensors, b.dump.tensors)
    var measurement = AccumulatedMeasurement(
      transformer: model.transformer, tokens: a.dump.tokens, heads: nil,
      engine: { name in others[name] == nil ? nil : tensors[name]?.activation })
    measurement.other = { name in tensors[name] == nil ? nil : others[name]?.activation }
    let exact = try measurement.measure(progress: progress)
    let activations = model.transformer.plan.names.compactMap { name -> CompareReport.Activation? in
      guard let one = side(first, name, exact.drifts), let other = side(second, name, exact.others) else { return nil }
      return CompareReport.Activation(
        name: name.description, block: name.block, layer: model.transformer.plan.step(name).operation.name, a: one,
        b: other, difference: difference(name), nearer: Self.nearer(one.accumulated, other.accumulated))
    }
    return CompareReport(
      model: model.transformer.name, fingerprint: model.fingerprint, tokens: a.dump.tokens, texts: first.texts,
      a: dump(a, first), b: dump(b, second), activations: activations,
      exactChoice: NextTokenDistribution.provedChoice(of: exact.probabilities).map(made),
      precision: exact.precision, seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  private func graded(
    _ measurement: GradeMeasurement, _ label: String, _ isInterrupted: @Sendable () -> Bool,
    _ progress: @escaping @Sendable (String) -> Void
  ) throws -> GradeReport {
    try measurement.report(isCumulative: false, isInterrupted: isInterrupted) { progress("\(label): \($0)") }.report
  }

  private func side(
    _ report: GradeReport, _ name: ActivationName, _ drifts: [ActivationName: AccumulatedDrift]
  ) -> CompareReport.Side? {
    guard let drift = drifts[name], let local = report.activations.first(where: { $0.name == name.description })?.local
    else { return nil }
    return CompareReport.Side(verdict: local.verdict, margin: local.margin, accumulated: drift)
  }

  /// The side whose greatest distance is the less: a greatest distance exceeds the true one by at most two radii of the
  /// enclosures.
  private static func nearer(_ a: AccumulatedDrift, _ b: AccumulatedDrift) -> String? {
    if a.worstAbsolute < Outward.sumDown(b.worstAbsolute, -2 * b.radius) { return "a" }
    return b.worstAbsolute < Outward.sumDown(a.worstAbsolute, -2 * a.radius) ? "b" : nil
  }

  private func difference(_ name: ActivationName) -> Double {
    guard let a = a.dump.tensors[name]?.activation.elements, let b = b.dump.tensors[name]?.activation.elements else {
      return .infinity
    }
    return zip(a, b).reduce(0) { greatest, pair in
      if pair.0 == pair.1 { return greatest }
      let distance = (Double(pair.0) - Double(pair.1)).magnitude
      return distance.isFinite ? max(greatest, distance) : .infinity
    }
  }

  private func dump(_ measurement: GradeMeasurement, _ report: GradeReport) -> CompareReport.Dump {
    let tensors = measurement.dump.tensors
    let numbers = (tensors[ActivationName(.logits)] ?? tensors[ActivationName(.probabilities)])?.activation.elements
    let choice = numbers.flatMap(NextTokenDistribution.choice)
    return CompareReport.Dump(
      dump: report.dump, names: report.names, arithmetic: report.arithmetic, verdict: report.verdict,
      firstCause: report.firstCause?.name, notes: report.notes, choice: choice.map(made))
  }

  private func made(_ token: Int) -> CompareReport.Choice {
    CompareReport.Choice(token: token, text: String(decoding: a.model.tokenizer.bytes(of: token), as: UTF8.self))
  }
}
