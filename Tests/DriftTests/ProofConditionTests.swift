import PlumbDrift
import PlumbFormats
import PlumbModel
import PlumbVerdicts
import Testing

@testable import PlumbReports

@Suite struct ProofConditionTests {
  private static func text(_ layers: [LayerKind], isOwn: Bool = false) -> String? {
    ProofCondition(outside: layers, arithmetic: "bf16", isOwn: isOwn)?.text
  }

  @Test func theFormulaAndTheArithmeticAreNamed() throws {
    let text = try #require(Self.text([.silu, .silu]))
    #expect(text.contains("named: silu: y = x / (1 + e^(−x)); arithmetic 'bf16'."))
    #expect(
      text.contains("may be outside without a bug") && text.contains("--arithmetic") && text.contains("page Arithmetic")
    )
    #expect(!text.contains("\n"))
    #expect(Self.text([]) == nil)
  }

  @Test func manyFormulasAreCounted() throws {
    let text = try #require(Self.text(LayerKind.allCases))
    #expect(text.contains("and those of \(LayerKind.allCases.count - 3) more, which 'plumb layer --list' prints"))
  }

  /// The engine here declares its formula and its arithmetic: no other may be meant.
  @Test func thisEngineHasNoExcuse() throws {
    let text = try #require(Self.text([.relu], isOwn: true))
    #expect(text.contains("this engine's own arithmetic") && !text.contains("without a bug"))
  }

  @Test func aTableSaysItOnceAndInItsWidth() throws {
    let model = LoadedModel.seeded
    var outside: [ActivationDrift] = []
    for activation in try DriftMeasurement(model: model, tokens: [80], blocks: 0...0).localReport().activations {
      outside.append(
        ActivationDrift(
          name: activation.name, block: activation.block, layer: activation.layer, shape: activation.shape,
          local: LocalDrift(unmeasured: "planted"), accumulated: nil))
    }
    let conclusion = DriftTable.conclusion(outside)
    #expect(conclusion.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(conclusion.replacing("\n", with: " ").ranges(of: "Outside is proved for the formula").count == 1)
    #expect(!DriftTable.conclusion([]).contains("Outside is proved"))
  }
}
