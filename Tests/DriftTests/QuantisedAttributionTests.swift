import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbFormats
import PlumbGolden
import PlumbModel
import PlumbReference
import Testing

@testable import PlumbDrift
@testable import PlumbReports
@testable import PlumbVerdicts

@Suite struct QuantisedAttributionTests {
  /// A pass in which every layer is exact on its own inputs, with its matrices in Float32, and rounded to Float32 once:
  /// the engine of Tests/Conformance/attribution.py.
  private static func roundedPass() throws -> EngineTrace {
    let transformer = try QuantisedModel { tensor in
      let rows = try (0..<tensor.rows).map { index in
        let row = try Reference.row(index, of: tensor)
        return (0..<row.count).map { row[$0].rounded(to: Float.self, .toNearestOrEven) }
      }
      return try #require(
        Tensor(name: tensor.name, type: .f32, shape: tensor.shape, bytes: WeightArray(Array(rows.joined()))))
    }.transformer
    var trace = EngineTrace(tokens: QuantisedModel.tokens)
    for step in transformer.plan.steps {
      let inputs = step.inputs.map { trace[$0] }
      let exact = try #require(
        try Checks.expectation(of: step, inputs, tokens: trace.tokens, precision: 400)
      ).exact
      trace.record(
        step.name,
        exact.reshaped(step.shape(tokens: trace.tokens.count)).map {
          $0.midpoint.rounded(to: Float.self, .toNearestOrEven)
        })
    }
    return trace
  }

  @Test func thePartsAreThoseOfAnotherProgram() throws {
    let attribution = try AttributionMeasurement(
      model: QuantisedModel().loaded, trace: Self.roundedPass(), precision: 256
    ).measure { _ in }
    #expect(attribution.logits.map(\.token) == QuantisedAttribution.tokens)
    let error = try #require(Rational(exactly: attribution.error))
    // The table has 45 digits of numbers below 2⁻²⁰: nothing beside the error.
    #expect(error > Rational(significand: 1, exponent: -97) && error < Rational(significand: 1, exponent: -93))
    for (parts, table) in [
      (attribution.places, QuantisedAttribution.places), (attribution.causes, QuantisedAttribution.causes),
    ] {
      #expect(parts.dropLast().map { AttributionTable.label(of: $0) } == table.dropLast().map(\.name))
      try #require(parts.count == table.count)
      for (part, row) in zip(parts, table) {
        for (shown, other) in zip(part.values, row.values) {
          let (shown, other) = (try #require(Rational(shown)), try #require(Rational(other)))
          #expect((shown - other).magnitude <= error, "\(row.name): \(shown) \(other)")
        }
      }
    }
  }

  /// The engine itself on quantised weights: each of the three causes has its part, and they add up to the whole.
  @Test func theEnginesPartsAddUpAndNameTheWeights() throws {
    let report = try DriftMeasurement(
      model: QuantisedModel().loaded, tokens: QuantisedModel.tokens, blocks: 0...1, attributes: true
    ).report()
    let attribution = try #require(report.attribution)
    for parts in [attribution.places, attribution.causes] {
      for (index, logit) in attribution.logits.enumerated() {
        let sum = try parts.reduce(Rational(0)) { $0 + (try #require(Rational($1.values[index]))) }
        #expect(sum == Rational(logit.drift))
      }
    }
    // Each cause is the sum of its kinds of layer, exactly.
    #expect(attribution.totals.map(\.name) == DriftCause.allCases.map(\.rawValue) + [DriftCause.rest])
    for total in attribution.totals {
      for (index, value) in total.values.enumerated() {
        let parts = attribution.causes.filter { $0.name == total.name }
        #expect(
          try parts.reduce(Rational(0)) { $0 + (try #require(Rational($1.values[index]))) } == Rational(value))
      }
    }
    let weights = attribution.causes.filter { $0.name == DriftCause.weights.rawValue }
    #expect(weights.map(\.layer) == ["embedding", "linear", "unembedding"])
    #expect(weights.allSatisfy { $0.greatest > 0 })
    let names = Set(attribution.causes.map(\.name))
    #expect(names.isSuperset(of: DriftCause.allCases.map(\.rawValue)))
    // Kept in Float64, the errors leave a rest: far below the least cause.
    let rest = try #require(attribution.causes.last)
    #expect(rest.greatest < 0x1p-40 * (attribution.causes.map(\.greatest).max() ?? 0))
    // What is shown to people adds up in the same words.
    let table = DriftTable(report).text
    #expect(table.contains("the parts add up exactly") && table.contains("\nweights turned into Float32 "))
  }

  /// Weights that Float32 holds have no such part.
  @Test func weightsOfFloat32HaveNoPart() throws {
    let trace = try Self.roundedPass()
    let transformer = try QuantisedModel { tensor in
      let rows = (0..<tensor.rows).map { Engine.decoded(tensor).dropFirst($0 * tensor.columns).prefix(tensor.columns) }
      return try #require(
        Tensor(name: tensor.name, type: .f32, shape: tensor.shape, bytes: WeightArray(Array(rows.joined()))))
    }
    let attribution = try AttributionMeasurement(model: transformer.loaded, trace: trace, precision: 256).measure { _ in
    }
    #expect(!attribution.causes.contains { $0.name == DriftCause.weights.rawValue })
  }
}
