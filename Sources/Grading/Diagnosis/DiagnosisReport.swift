import PlumbModel
import PlumbVerdicts

/// Everything that `plumb diagnose` learns; its coding keys are the documented JSON schema.
package struct DiagnosisReport: Sendable, Codable {
  /// The version of the schema.
  package var schema = 1
  /// The model's name.
  package let model: String
  /// The SHA-256 of the weights.
  package let fingerprint: String
  /// The dump, as the caller named it.
  package let dump: String
  /// The table that the names were read by.
  package let names: String
  /// The tokens of the prompt.
  package let tokens: [Int]
  /// The arithmetic that the bounds are for.
  package let arithmetic: String
  /// The activation that was judged: the one that was asked for, the first that is outside, or the one that is worst.
  package let activation: String
  /// That activation on the dump's own inputs to it.
  package let local: LocalDrift
  /// The reason why it is outside its bound; null where it is not.
  package let cause: FirstCause?
  /// The reason why nothing is claimed of some of its elements, and what to do; null where something is claimed of each.
  package let unclaimed: String?
  /// The facts that people should know about the reading of the dump, one sentence each.
  package let notes: [String]
  /// The seconds that it took.
  package let seconds: Double

  /// Makes the report of a `finding` of `measurement`, whose `cause` is explained.
  package init(
    _ measurement: GradeMeasurement, _ finding: GradeMeasurement.Finding, cause: FirstCause?,
    since start: ContinuousClock.Instant
  ) {
    model = measurement.model.transformer.name
    fingerprint = measurement.model.fingerprint
    dump = measurement.dump.file
    names = measurement.dump.names
    tokens = measurement.dump.tokens
    arithmetic = measurement.arithmetic.description
    activation = finding.name.description
    local = finding.drift
    self.cause = cause
    unclaimed = finding.unclaimed
    notes = finding.notes
    seconds = (ContinuousClock.now - start) / .seconds(1)
  }

  /// The report as people read it, each line ended by a newline; commands aside, of at most 80 columns.
  package var text: String {
    var lines = [
      "model        \(model)",
      "fingerprint  \(fingerprint)",
      "dump         \(dump), names as in \(names)",
      "arithmetic   \(arithmetic)",
      "tokens       \(tokens.count)",
      "activation   \(activation)",
      "margin       \(ReportText.short(local.margin))",
      "verdict      \(local.verdict.rawValue)",
      "",
    ]
    lines += notes.flatMap { WrappedText.lines($0) }
    guard let cause else {
      lines += WrappedText.lines(
        unclaimed ?? "Rounding explains it: there is nothing to diagnose.")
      return lines.map { $0 + "\n" }.joined()
    }
    if cause.layers.count > 1 {
      lines += WrappedText.lines(
        "The dump has nothing between: \(cause.layers.joined(separator: ", ")) were checked as one.")
    }
    let worst = local.worstText
    lines += WrappedText.lines("On the dump's own inputs to it, \(worst). Rounding cannot explain it.")
    lines += cause.paragraphs(isWhole: true).flatMap(\.lines)
    let layers = cause.layers.compactMap { LayerKind(rawValue: $0) }
    if let condition = ProofCondition(outside: layers, arithmetic: arithmetic, isOwn: false) {
      lines += WrappedText.lines(condition.text)
    }
    return lines.map { $0 + "\n" }.joined()
  }
}
