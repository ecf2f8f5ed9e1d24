import PlumbBounds
import PlumbCases
import PlumbModel
import PlumbTolerance
import PlumbVerdicts
import Testing

/// Legal computations that show why nothing is claimed of an element.
@Suite struct WitnessTests {
  private static func witnesses(_ line: String, _ arithmetic: String = "f32") throws -> [Witness] {
    let input = try CheckedCase(try CaseLine.parse(line))
    let model = try ArithmeticModel(parsing: arithmetic)
    let answer = try LayerAnswer(input, in: .model(model))
    return Witness.witnesses(of: input, in: model, at: answer.unclaimed(of: input))
  }

  /// 1.33 · −3.4e38 is −∞ and the norm of (−3.4e38, 3.3e38) is ∞: their quotient is no number, though the exact one is −0.7.
  @Test func aQuotientOfInfinitiesIsNoNumber() throws {
    let (x, y): ([Float], [Float]) = ([0x1.555554p+0, 0x1.7ffffep-104], [-0x1.fffffcp+127, 0x1.aaaaaap+127])
    let dot = x[0] * y[0] + x[1] * y[1]
    let norm = (y[0] * y[0] + y[1] * y[1]).squareRoot()
    #expect((dot / norm).isNaN)
    let line =
      "cosine-similarity epsilon=1 x=[1x2]:0x1.555554p+0,0x1.7ffffep-104 "
      + "y=[1x2]:-0x1.fffffcp+127,0x1.aaaaaap+127"
    let witness = try #require(try Self.witnesses(line).first)
    #expect(witness.place == 0 && witness.results.count == 1 && witness.results[0].value.isNaN)
    #expect(witness.sentence([0, 0]).hasPrefix("element [0, 0]: NaN where sums added one after the other"))
    let input = try CheckedCase(try CaseLine.parse(line))
    #expect(try LayerAnswer(input, in: .model(.f32)).witnessLines(of: input) == [witness.sentence([0, 0])])
  }

  @Test func whatIsClaimedHasNoWitness() throws {
    #expect(try Self.witnesses("softmax x=[1x2]:-inf,1").isEmpty)
    #expect(try Self.witnesses("linear weight=[1x2]:1,1 x=[1x2]:1,2").isEmpty)
    // Not for want of legal kernels, but because the input has no exact value.
    #expect(try Self.witnesses("linear weight=[1x2]:1,1 x=[1x2]:inf,2").isEmpty)
  }

  /// Every kernel that a witness may be of is within its bounds wherever these claim something.
  @Test(arguments: ArithmeticTests.layers) func everyKernelIsAllowed(layer: LayerKind) throws {
    var decided = 0
    for text in ["f32", "f32,unfused,order=sequence", "bf16"] {
      let model = try ArithmeticModel(parsing: text)
      let machines = MachineContext.all(in: model)
      #expect(!machines.isEmpty)
      for strategy in Strategy.drawn {
        let generator = CaseGenerator(layer: layer, strategy: strategy, seed: 23, mayBeLong: false)
        for number in 0..<2 {
          let input = try CheckedCase(generator.makeCase(number).representable(in: model.inputs))
          for machine in machines.enumerated().filter({ $0.offset % 7 == number }).map(\.element) {
            guard let output = Catalogue.forward(CaseInput(input, in: machine)) else { continue }
            let drift = try Catalogue.judge(input, output: output, in: model)
            #expect(
              drift.verdict != .outside,
              "\(text), \(machine.summary): plumb fuzz \(layer.rawValue) --replay '\(CaseLine(input.source).text)'")
            if drift.verdict == .within { decided += 1 }
          }
        }
      }
    }
    #expect(decided > 12 || !Catalogue.hasFormula(layer), "\(decided)")
  }

  @Test func whatHasNoKernelHereHasNoWitness() throws {
    for text in ["bf16,unit=h100", "f32,splits=2", "f16,sums=f16", "f32,order=4-lanes"] {
      #expect(MachineContext.all(in: try ArithmeticModel(parsing: text)).isEmpty, "\(text)")
    }
  }
}
