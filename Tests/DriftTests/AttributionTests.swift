import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbReference
import Testing

@testable import PlumbBounds
@testable import PlumbDrift
@testable import PlumbReports
@testable import PlumbVerdicts

@Suite struct AttributionTests {
  private static let tokens = [80, 108, 117]

  private static let report: Result<DriftReport, DriftError> = Result { () throws(DriftError) in
    try DriftMeasurement(model: .seeded, tokens: tokens, blocks: 0...1, attributes: true).report()
  }

  private static func attribution() throws -> Attribution { try #require(try report.get().attribution) }

  @Test func thePartsAddUpToTheWholeExactly() throws {
    let attribution = try Self.attribution()
    #expect(attribution.logits.map(\.choice) == ["first choice", "drifts most"])
    #expect(attribution.places.map(\.name) == ["embedding", "block 0", "block 1", "final norm and unembedding"])
    for parts in [attribution.places, attribution.causes, attribution.totals] {
      for (index, logit) in attribution.logits.enumerated() {
        let values = parts.compactMap { Rational($0.values[index]) }
        #expect(values.count == parts.count)
        let sum = values.reduce(0, +)
        #expect(sum == Rational(logit.drift))
        #expect(!sum.isZero)
      }
      for part in parts {
        let greatest = try #require(Rational(exactly: part.greatest))
        for value in part.values {
          let part = try #require(Rational(value))
          #expect(part.magnitude <= greatest)
        }
      }
    }
  }

  @Test func theWholeIsTheEnginesLogitLessTheExactOne() throws {
    let report = try Self.report.get()
    let attribution = try Self.attribution()
    // The exact logits by another pass, at another precision.
    var exact: [Ball] = []
    try Reference.Pass(LoadedModel.seeded.transformer, precision: 600).run(Self.tokens) { name, activation in
      if name.role == .logits { exact = activation.elements }
    }
    let trace = try EngineTrace.record(LoadedModel.seeded.transformer, Self.tokens)
    let engine = trace[.logits].elements
    let error = try #require(Rational(exactly: attribution.error))
    for logit in attribution.logits {
      let drift = try #require(Rational(exactly: engine[logit.token])) - exact[logit.token].midpoint
      let shown = try #require(Rational(logit.drift))
      #expect((shown - drift).magnitude <= error)
    }
    #expect(error < Rational(significand: 1, exponent: -90))
    let drift = try #require(report.activations.first { $0.name == "logits" }?.accumulated)
    let (worst, radius) = (
      try #require(Rational(exactly: drift.worstAbsolute)), try #require(Rational(exactly: drift.radius))
    )
    let most = try #require(Rational(attribution.logits[1].drift)).magnitude
    // The report's distance is to the far end of an enclosure, and rounded up: it exceeds the midpoint's by at most twice the
    // radius and a Double's ulp, and what is shown here is off by `error`.
    let ulp = try #require(Rational(exactly: drift.worstAbsolute.ulp))
    #expect(most <= worst + error && worst <= most + 2 * radius + ulp + error)
  }

  @Test func whatFollowsTheBlocksIsTheirExactContinuation() throws {
    let transformer = LoadedModel.seeded.transformer
    let trace = try EngineTrace.record(transformer, Self.tokens)
    let attribution = try Self.attribution()
    // By hand: the final norm and the unembedding of the last row of the engine's last block.
    let hidden = trace[.feedForwardResidual, in: 1]
    let row = try #require(Activation(shape: [1, hidden.columns], elements: Array(hidden.row(2))).asBalls)
    guard case .rms(let layer)? = transformer.head.norm else { throw DriftError.notFinite(activation: "no norm") }
    let norm = try Reference.rmsNorm(row, layer, precision: 500)
    let logits = try Reference.linear(norm, try #require(transformer.head.unembedding), precision: 500)
    let last = try #require(attribution.places.last)
    let error = try #require(Rational(exactly: attribution.error))
    for (index, logit) in attribution.logits.enumerated() {
      let part =
        try #require(Rational(exactly: trace[.logits].elements[logit.token])) - logits.elements[logit.token].midpoint
      let shown = try #require(Rational(last.values[index]))
      #expect((shown - part).magnitude <= error)
    }
  }

  /// With everything added that was measured, the exact pass becomes the engine's: what is left is only that the added
  /// numbers were rounded to Float64.
  @Test func theCausesExplainEverything() throws {
    let attribution = try Self.attribution()
    let rest = try #require(attribution.causes.last)
    #expect(rest.layer == nil)
    let whole = attribution.causes.dropLast().map(\.greatest).max() ?? 0
    #expect(rest.greatest < whole * 0x1p-40)
    // The weights of the model that ships are Float32: nothing is turned.
    #expect(!attribution.causes.contains { $0.name == DriftCause.weights.rawValue })
    let nothing = try #require(attribution.totals.first)
    #expect(nothing.name == DriftCause.weights.rawValue && nothing.greatest == 0)
    #expect(nothing.values.allSatisfy { Rational($0) == 0 })
    #expect(Set(attribution.causes.map(\.name)).isSuperset(of: ["elementary functions", "sums of products"]))
  }

  @Test func theTableFitsAndThePageHasTheExactNumbers() throws {
    let report = try Self.report.get()
    let table = DriftTable(report).text
    for line in table.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    let attribution = try Self.attribution()
    let page = try PageReader(DriftPage(report, command: ["plumb"], version: "0").text)
    for (caption, parts) in [
      ("Drift of the logits by place", attribution.places), ("Drift of the logits by cause", attribution.totals),
      ("Drift of the logits by cause and kind of layer", attribution.causes),
    ] {
      let rows = try page.rows(of: caption).dropFirst()
      #expect(rows.map { Array($0[1...2]) } == parts.map(\.values) + [attribution.logits.map(\.drift)])
    }
  }
}
