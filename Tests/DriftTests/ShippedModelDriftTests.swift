import Foundation
import PlumbEngine
import PlumbFormats
import PlumbModel
import Testing

@testable import PlumbDrift
@testable import PlumbReports
@testable import PlumbVerdicts

@Suite struct ShippedModelDriftTests {
  private static let tokens = Array("Plumb.".utf8).map { Int($0) }

  private static let report: Result<DriftReport, DriftError> = Result { () throws(DriftError) in
    try DriftMeasurement(model: .seeded, tokens: tokens, blocks: 0...1).report()
  }

  @Test func everyActivationOfTheCorrectEngineIsWithin() throws {
    let report = try Self.report.get()
    #expect(report.verdict == .within)
    #expect(report.activations.count == 1 + 2 * 18 + 3)
    for activation in report.activations {
      #expect(activation.local.verdict == .within, "\(activation.name)")
      #expect(activation.local.margin <= 1, "\(activation.name)")
      #expect(activation.local.outsideDomain == 0, "\(activation.name)")
    }
  }

  @Test func oneRoundingIsAtMostHalfAnUlpAndAccumulatedDriftIsAboveLocal() throws {
    for activation in try Self.report.get().activations {
      if ["embedding", "residual-add", "gate"].contains(activation.layer) {
        #expect(activation.local.worstUlps <= 0.5, "\(activation.name)")
      }
    }
    let last = try #require(try Self.report.get().activations.last)
    #expect(last.name == "probabilities")
    let accumulated = try #require(last.accumulated)
    #expect(accumulated.worstUlps > last.local.worstUlps)
    // Balls far narrower than what they measure: far below the spacing of the greatest probability.
    #expect(accumulated.radius < accumulated.worstAbsolute / 1024)
  }

  @Test func probabilitiesAreEnclosedAndAddUp() throws {
    let next = try #require(try Self.report.get().next)
    #expect(next.count == 10)
    for token in next {
      let lower = try #require(Double(token.lower))
      let upper = try #require(Double(token.upper))
      #expect(lower <= upper && upper <= 1 && lower >= 0)
    }
    let uppers = try next.map { try #require(Double($0.upper)) }
    #expect(uppers == uppers.sorted(by: >))
  }

  @Test func histogramsCountEveryElementThatHoldsAValueAndReachTheWorst() throws {
    for activation in try Self.report.get().activations {
      let local = activation.local
      var count = activation.shape.reduce(1, *)
      if activation.layer == "attention-scores" {
        // Below the diagonal and on it: what the mask allows.
        let tokens = activation.shape[1]
        count = activation.shape[0] * tokens * (tokens + 1) / 2
      }
      for (bins, worst) in [(local.ulps, local.worstUlps), (local.margins, local.margin)] {
        #expect(bins.reduce(0) { $0 + $1.count } == count, "\(activation.name)")
        let last = try #require(bins.last)
        #expect(worst <= last.upTo, "\(activation.name)")
        #expect(worst > last.upTo / 2 || last.upTo <= 0x1p-4, "\(activation.name)")
      }
    }
  }

  @Test func relativeDriftIsTheDistanceOverTheGreatestElement() throws {
    let trace = try EngineActivations.of(Self.tokens)
    for activation in try Self.report.get().activations where activation.layer != "attention-scores" {
      let engine = try #require(trace[activation.name])
      let accumulated = try #require(activation.accumulated)
      let greatest = Double(engine.lazy.map(\.magnitude).max() ?? 0)
      for (relative, absolute) in [
        (activation.local.relative, activation.local.worstAbsolute),
        (accumulated.relative, accumulated.worstAbsolute),
      ] {
        // The greatest exact magnitude is within the greatest distance of the engine's.
        #expect(relative * (greatest + absolute) >= absolute * (1 - 0x1p-50), "\(activation.name)")
        #expect(relative * (greatest - absolute) <= absolute * (1 + 0x1p-50), "\(activation.name)")
      }
    }
  }

  @Test func theTableFitsIntoEightyColumns() throws {
    let table = DriftTable(try Self.report.get()).text
    for line in table.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    #expect(table.contains("rotary-embedding"))
  }

  @Test func theJSONHasTheDocumentedKeys() throws {
    let data = Data(try ReportJSON.text(of: try Self.report.get()).utf8)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    for key in [
      "schema", "model", "fingerprint", "tokens", "precision", "activations", "next", "topTokenProved", "verdict",
      "seconds",
    ] { #expect(object[key] != nil, "\(key)") }
    let first = try #require((object["activations"] as? [[String: Any]])?.first)
    #expect(Set(first.keys) == ["name", "block", "layer", "shape", "local", "accumulated"])
    #expect(first["block"] is NSNull)
    let local = try #require(first["local"] as? [String: Any])
    #expect(
      Set(local.keys) == [
        "worstUlps", "medianUlps", "worstAbsolute", "relative", "bound", "margin", "verdict", "outsideDomain",
        "undecided", "worst", "ulps", "margins", "problem",
      ])
    let accumulated = try #require(first["accumulated"] as? [String: Any])
    #expect(Set(accumulated.keys) == ["worstUlps", "worstAbsolute", "relative", "radius"])
  }

  @Test func measuringLeavesTheWeightsAsTheyWere() throws {
    _ = try Self.report.get()
    #expect(LoadedModel.seeded.fingerprint == Fingerprint.of(LoadedModel.seeded.transformer))
  }
}

/// The engine's activations of a prompt, by their names.
private enum EngineActivations {
  static func of(_ tokens: [Int]) throws -> [String: [Float]] {
    var all: [String: [Float]] = [:]
    try Engine.Pass(LoadedModel.seeded.transformer).append(tokens) { all[$0.description] = $1.elements }
    return all
  }
}
