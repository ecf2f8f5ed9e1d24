import Foundation
import PlumbDrift
import PlumbFormats
import PlumbModel
import Testing

@Suite struct ShippedModelDriftTests {
  private static let tokens = Array("Plumb.".utf8).map { Int($0) }

  private static let report: Result<DriftReport, DriftError> = Result { () throws(DriftError) in
    try DriftMeasurement(model: .shipped, tokens: tokens, blocks: 0...1).report()
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
    #expect(last.accumulated.worstUlps > last.local.worstUlps)
    // Balls far narrower than what they measure: far below the spacing of the greatest probability.
    #expect(last.accumulated.radius < last.accumulated.worstAbsolute / 1024)
  }

  @Test func probabilitiesAreEnclosedAndAddUp() throws {
    let next = try Self.report.get().next
    #expect(next.count == 10)
    for token in next {
      let lower = try #require(Double(token.lower))
      let upper = try #require(Double(token.upper))
      #expect(lower <= upper && upper <= 1 && lower >= 0)
    }
    #expect(next.map { Double($0.upper) ?? 0 } == next.map { Double($0.upper) ?? 0 }.sorted(by: >))
  }

  @Test func theTableFitsIntoEightyColumns() throws {
    let table = DriftTable(try Self.report.get()).text
    for line in table.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    #expect(table.contains("rotary-embedding"))
  }

  @Test func theJSONHasTheDocumentedKeys() throws {
    let data = try JSONEncoder().encode(try Self.report.get())
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
        "worstUlps", "medianUlps", "worstAbsolute", "bound", "margin", "verdict", "outsideDomain", "worst",
      ])
    let accumulated = try #require(first["accumulated"] as? [String: Any])
    #expect(Set(accumulated.keys) == ["worstUlps", "worstAbsolute", "radius"])
  }

  @Test func measuringLeavesTheWeightsAsTheyWere() throws {
    _ = try Self.report.get()
    #expect(LoadedModel.shipped.fingerprint == Fingerprint.of(LoadedModel.shipped.transformer))
  }
}
