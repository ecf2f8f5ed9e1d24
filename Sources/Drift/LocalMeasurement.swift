import PlumbExact
import PlumbModel

/// Each layer alone: its exact value on the very inputs that the engine gave it, and the engine's output against it.
struct LocalMeasurement {
  let transformer: Transformer
  let trace: EngineTrace

  /// The greatest working precision that is tried, in bits.
  static let greatestPrecision = 4096

  /// The local drift of one activation.
  ///
  /// - Throws: `DriftError.undecided` when an element still straddles its bound at the greatest precision.
  func measure(_ name: ActivationName) throws(DriftError) -> LocalDrift {
    try Self.decide(trace[name.role, in: name.block], name: name.description) { precision throws(EnclosureError) in
      try Checks.expectation(of: name, transformer, trace, precision: precision)
    }
  }

  /// Raises the precision of `expectation` until every element of `engine` is decided.
  static func decide(
    _ engine: Activation<Float>, name: String, expectation: (Int) throws(EnclosureError) -> Expectation?
  ) throws(DriftError) -> LocalDrift {
    var precision = 96
    while precision <= greatestPrecision {
      do throws(EnclosureError) {
        guard let expectation = try expectation(precision) else { return .nothingClaimed(of: engine) }
        if let drift = LocalComparison.compare(engine, with: expectation) { return drift }
      } catch {
        // Not defined, or not decided at this precision: the next one tells which.
      }
      precision *= 2
    }
    throw .undecided(activation: name, precision: greatestPrecision)
  }
}

extension LocalDrift {
  /// The drift where an input was not finite: no exact value exists, and nothing is claimed.
  static func nothingClaimed(of engine: Activation<Float>) -> LocalDrift {
    LocalDrift(
      worstUlps: 0, medianUlps: 0, worstAbsolute: 0, bound: .infinity, margin: 0, verdict: .outsideDomain,
      outsideDomain: engine.elements.count, worst: nil)
  }
}
