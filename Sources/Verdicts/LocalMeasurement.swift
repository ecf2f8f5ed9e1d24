import PlumbBounds
import PlumbExact
import PlumbModel
import PlumbTolerance

/// Each layer alone: its exact value on the very inputs that the engine gave it, and the engine's output against it.
package struct LocalMeasurement {
  let transformer: Transformer
  let trace: EngineTrace

  /// The working precision that is tried first, in bits.
  package static let firstPrecision = 96

  /// The greatest working precision that is tried, in bits.
  package static let greatestPrecision = 4096

  /// The precision from which on an enclosure that decides its verdict is narrow enough, in bits: distances that it leaves open are
  /// those of a value that no precision tells from 0, or of one far below the least Float32.
  static let measuredPrecision = 1024

  /// The local drift of one activation; *undecided* where an element still straddles its bound at the greatest precision.
  package func measure(_ name: ActivationName) -> LocalDrift {
    let step = transformer.plan.step(name)
    let inputs = step.inputs.map { trace[$0] }
    return Self.decide(trace[name]) { precision throws(EnclosureError) in
      try Checks.expectation(of: step, inputs, tokens: trace.tokens, output: trace[name], precision: precision)
    }
  }

  /// Raises the precision of `expectation` until every element of `engine` is decided, or the greatest is reached: what
  /// straddles its bound then is *undecided*.
  ///
  /// It goes on, up to `measuredPrecision`, where everything is decided and an enclosure is too wide for its distance: a bound may be
  /// far wider still.
  ///
  /// Nothing is claimed where no precision gives an exact value, as for the normalisation of a row of zeros with epsilon 0:
  /// there is none to be near to.
  package static func decide(
    _ engine: Activation<Float>, from first: Int = firstPrecision,
    expectation: (Int) throws(EnclosureError) -> Expectation?
  ) -> LocalDrift {
    var decided: LocalDrift?
    do {
      return try PrecisionLoop.decide(from: first, upTo: greatestPrecision) { precision, next throws(EnclosureError) in
        guard let expectation = try expectation(precision) else { return .nothingClaimed(of: engine) }
        let isLast = precision == greatestPrecision
        guard let drift = LocalComparison.compare(engine, with: expectation, isLast: isLast) else { return nil }
        decided = drift
        let lacking = expectation.bitsToMeasure
        guard precision < measuredPrecision, lacking > 0 else { return drift }
        next = precision + lacking
        return nil
      }
    } catch {
      return decided ?? .unclaimed(of: engine, after: error)
    }
  }
}

extension Expectation {
  /// The bits by which the enclosures are too wide for the distances of their elements from Float32s; 0 where none is.
  fileprivate var bitsToMeasure: Int {
    exact.elements.indices.reduce(0) { most, index in
      holdsValue?(index) ?? true ? max(most, exact.elements[index].bitsToMeasure) : most
    }
  }
}

extension Ball {
  /// The bits by which the radius exceeds 2⁻⁴² of the spacing of Float32 at the ball; 0 where it does not.
  var bitsToMeasure: Int {
    guard !radius.isZero else { return 0 }
    let enough = FloatFormat.float32.spacingExponent(at: leastMagnitude) - 42
    guard radius > Rational(significand: 1, exponent: enough) else { return 0 }
    let radius = radius.doubleRoundedUp
    return radius.isFinite ? Int(radius.exponent) + 1 - enough : 1024 - enough
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

  /// The drift of `engine` where the greatest precision gave no enclosure: undecided where two numbers could not be told
  /// apart, otherwise without an exact value, so that nothing is claimed.
  static func unclaimed(of engine: Activation<Float>, after exhausted: PrecisionExhausted) -> LocalDrift {
    let nothing = LocalDrift.nothingClaimed(of: engine)
    guard case .comparisonUndecided = exhausted.reason else { return nothing }
    return LocalDrift(
      worstUlps: .infinity, medianUlps: .infinity, worstAbsolute: .infinity, relative: .infinity, bound: .infinity,
      margin: 0, verdict: .undecided, outsideDomain: 0, undecided: engine.elements.count, worst: nil,
      ulps: nothing.ulps)
  }

  /// The drift of weights that are outside their bounds because a token was given to another expert.
  package var ofAnotherExpert: LocalDrift {
    var drift = self
    drift.verdict = .anotherExpert
    return drift
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
