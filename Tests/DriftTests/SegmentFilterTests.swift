import PlumbBounds
import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbTolerance
import Testing

@testable import PlumbGrading
@testable import PlumbVerdicts

/// Activations of a dump that Float64 decides, beside the exact path alone: the engine's own, rounded, spoilt, and graded in several
/// arithmetics.
@Suite struct SegmentFilterTests {
  private static let tokens = (0..<24).map { 40 + $0 * 7 % 50 }

  private func dump(hasScores: Bool = true, _ change: (Int, Float) -> Float) throws -> ActivationDump {
    let trace = try EngineTrace.record(SeededModel.transformer, Self.tokens)
    var writer = SafeTensorsWriter()
    for name in trace.order where hasScores || name.role != .attentionScores {
      let activation = trace[name]
      writer.add(name.description, shape: activation.shape, activation.elements.enumerated().map(change))
    }
    let file = try SafeTensors(bytes: WeightArray(writer.bytes()), file: "dump")
    return try ActivationDump(file, path: "dump", model: .seeded, tokens: Self.tokens)
  }

  private static let changes: [String: @Sendable (Int, Float) -> Float] = [
    "sound": { $1 },
    "rounded": { FloatFormat.bfloat16.nearest(to: $1) },
    "spoilt": { $0 % 397 == 5 ? $1 * 1.01 + 0x1p-9 : $1 },
  ]

  @Test(arguments: ["sound", "rounded", "spoilt"], ["f32", "bf16", "f32,order=8-lanes", "unnamed"])
  func theDriftIsTheExactPaths(change: String, name: String) throws {
    let dump = try dump(try #require(Self.changes[change]))
    let arithmetic = name == "unnamed" ? nil : try ArithmeticModel(parsing: name)
    let measurement = GradeMeasurement(model: .seeded, dump: dump, arithmetic: arithmetic)
    let pass = measurement.pass(precision: LocalMeasurement.firstPrecision)
    var surveyed: Set<LayerKind> = []
    for step in SeededModel.transformer.plan.steps {
      guard let activation = dump.tensors[step.name]?.activation,
        activation.elements.count >= LocalComparison.leastSurveyed
      else { continue }
      let segment = Segment(step.name, in: SeededModel.transformer) { dump.tensors[$0] != nil }
      guard let drift = try pass.survey(activation, segment) else { continue }
      surveyed.insert(step.layer)
      let exact = LocalMeasurement.decide(activation) { precision throws(EnclosureError) in
        try measurement.pass(precision: precision).expectation(of: segment)
      }
      #expect("\(drift)" == "\(exact)", "\(step.name)")
    }
    // Single layers may be the exact path's, as rows and heads of the model are alike.
    #expect(surveyed.count >= 5, "\(surveyed)")
  }

  /// Weights of attention in a dump without scores, which two steps give.
  @Test(arguments: ["sound", "rounded", "spoilt"], ["f32", "bf16", "unnamed"])
  func weightsWithoutScoresAreTheExactPaths(change: String, name: String) throws {
    let dump = try dump(hasScores: false, try #require(Self.changes[change]))
    let arithmetic = name == "unnamed" ? nil : try ArithmeticModel(parsing: name)
    let measurement = GradeMeasurement(model: .seeded, dump: dump, arithmetic: arithmetic)
    let pass = measurement.pass(precision: LocalMeasurement.firstPrecision)
    var surveyed = 0
    for step in SeededModel.transformer.plan.steps where step.name.role == .attentionWeights {
      let activation = try #require(dump.tensors[step.name]).activation
      let segment = Segment(step.name, in: SeededModel.transformer) { dump.tensors[$0] != nil }
      #expect(segment.between.count == 1 && activation.elements.count >= LocalComparison.leastSurveyed)
      guard let drift = try pass.survey(activation, segment) else { continue }
      surveyed += 1
      let dumped = try #require(dump.tensors[step.name])
      let tracked = try #require(try pass.attentionWeights(segment)).tracked
      let exact = LocalMeasurement.decide(activation) { precision throws(EnclosureError) -> PlumbBounds.Expectation? in
        guard let own = try measurement.pass(precision: precision).expectation(of: segment) else { return nil }
        let bounds = own.exact.elements.indices.map { index -> Rational? in
          guard let bound = tracked.elements[index].bound else { return nil }
          let ball = own.exact.elements[index]
          return pass.rounding(to: dumped, at: ball.midpoint.magnitude + ball.radius + bound).map { bound + $0 }
        }
        // The enclosures of balls between the steps only narrow a bound.
        #expect(zip(own.bounds, bounds).allSatisfy { own, bound in bound.map { own ?? 0 <= $0 } ?? true })
        return PlumbBounds.Expectation(exact: own.exact, bounds: bounds)
      }
      #expect("\(drift)" == "\(exact)", "\(step.name)")
    }
    #expect(surveyed > 0)
  }
}
