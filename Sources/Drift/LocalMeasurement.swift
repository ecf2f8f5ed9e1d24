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
    let engine = trace[name.role, in: name.block]
    var precision = 96
    while precision <= Self.greatestPrecision {
      do throws(EnclosureError) {
        let expectation = try Checks.expectation(of: name, transformer, trace, precision: precision)
        guard let expectation else { return .nothingClaimed(of: engine) }
        if let drift = LocalComparison.compare(engine, with: expectation) { return drift }
      } catch {
        // Not defined, or not decided at this precision: the next one tells which.
      }
      precision *= 2
    }
    throw .undecided(activation: name.description, precision: Self.greatestPrecision)
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
