import PlumbExact
import PlumbModel

/// Each layer alone: its exact value on the very inputs that the engine gave it, and the engine's output against it.
struct LocalMeasurement {
  let transformer: Transformer
  let trace: EngineTrace

  /// The working precision that is tried first, in bits.
  static let firstPrecision = 96

  /// The greatest working precision that is tried, in bits.
  static let greatestPrecision = 4096

  /// The local drift of one activation.
  ///
  /// - Throws: `DriftError.undecided` when an element still straddles its bound at the greatest precision.
  func measure(_ name: ActivationName) throws(DriftError) -> LocalDrift {
    guard let step = transformer.plan[name] else { preconditionFailure("no pass computes '\(name)'") }
    let inputs = step.inputs.map { trace[$0] }
    return try Self.decide(trace[name], name: name.description) { precision throws(EnclosureError) in
      try Checks.expectation(of: step, inputs, tokens: trace.tokens, precision: precision)
    }
  }

  /// Raises the precision of `expectation` until every element of `engine` is decided.
  ///
  /// Where no precision gives an exact value, as for the normalisation of a row of zeros with epsilon 0, there is none
  /// to be near to, and nothing is claimed.
  static func decide(
    _ engine: Activation<Float>, name: String, expectation: (Int) throws(EnclosureError) -> Expectation?
  ) throws(DriftError) -> LocalDrift {
    var precision = firstPrecision
    while true {
      var isDefined = true
      do throws(EnclosureError) {
        guard let expectation = try expectation(precision) else { return .nothingClaimed(of: engine) }
        if let drift = LocalComparison.compare(engine, with: expectation) { return drift }
      } catch {
        isDefined = false
      }
      guard precision < greatestPrecision else {
        if isDefined { throw .undecided(activation: name, precision: precision) }
        return .nothingClaimed(of: engine)
      }
      precision = min(2 * precision, greatestPrecision)
    }
  }
}

extension LocalDrift {
  /// The drift where no exact value exists, for instance because an input was not finite: nothing is claimed.
  static func nothingClaimed(of engine: Activation<Float>) -> LocalDrift {
    LocalDrift(
      worstUlps: .infinity, medianUlps: .infinity, worstAbsolute: .infinity, relative: .infinity,
      bound: .infinity, margin: 0, verdict: .outsideDomain, outsideDomain: engine.elements.count, worst: nil,
      ulps: HistogramBin.ulps(engine.elements.map { _ in .infinity }))
  }

  /// The drift of an output of which nothing is claimed.
  package init(nothingClaimedOf output: Activation<Float>) { self = .nothingClaimed(of: output) }

  /// The drift where an engine gave no output that can be measured: *outside*, for it had to give one.
  package init(unmeasured problem: String) {
    self.init(
      worstUlps: .infinity, medianUlps: .infinity, worstAbsolute: .infinity, relative: .infinity, bound: 0,
      margin: .infinity, verdict: .outside, outsideDomain: 0, worst: nil, problem: problem)
  }
}
