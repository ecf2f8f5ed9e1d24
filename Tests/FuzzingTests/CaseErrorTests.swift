import PlumbCases
import PlumbModel
import PlumbVerdicts
import Testing

@Suite struct CaseErrorTests {
  private func real(_ shape: [Int]) -> CaseTensor {
    .real(Activation(shape: shape, elements: [Float](repeating: 1, count: shape.reduce(1, *))))
  }

  private func problem(_ input: LayerCase) -> String {
    do {
      _ = try CheckedCase(input)
      return ""
    } catch {
      return error.problem
    }
  }

  @Test func whatDoesNotFitIsNamedWithWhatWasExpected() {
    let x = real([2, 3])
    #expect(problem(LayerCase(layer: .rmsNorm, tensors: ["x": x])).contains("'weight' [hidden] is missing"))
    #expect(
      problem(LayerCase(layer: .rmsNorm, tensors: ["x": x, "weight": real([4])])).contains("hidden = 3"))
    #expect(
      problem(LayerCase(layer: .rmsNorm, tensors: ["x": real([3]), "weight": real([3])])).contains("[tokens, hidden]"))
    #expect(
      problem(LayerCase(layer: .silu, tensors: ["x": x, "y": x])).contains("no tensor 'y'"))
    #expect(
      problem(LayerCase(layer: .silu, attributes: ["scale": .real(1)], tensors: ["x": x])).contains("'scale'"))
    #expect(
      problem(
        LayerCase(layer: .rmsNorm, attributes: ["epsilon": .flag(true)], tensors: ["x": x, "weight": real([3])])
      )
      .contains("must be a number"))
    #expect(
      problem(
        LayerCase(
          layer: .embedding,
          tensors: ["tokens": .integer(Activation(shape: [1], elements: [5])), "weight": real([5, 2])])
      )
      .contains("holds 5, expected 0 to 4"))
    #expect(
      problem(LayerCase(layer: .embedding, tensors: ["tokens": real([1]), "weight": real([5, 2])]))
        .contains("expected integers"))
    #expect(
      problem(LayerCase(layer: .attentionScores, tensors: ["query": real([1, 3, 2]), "key": real([1, 2, 2])]))
        .contains("3 heads cannot share 2"))
  }

  @Test(arguments: [
    ("", 1), ("no-such-layer x=[1]:0x1p+0", 1), ("silu x", 6), ("silu x=[2]:0x1p+0", 6), ("silu x=[1]:zero", 6),
    ("silu x=[99999999999x99999999999]:0x1p+0", 6), ("rms-norm epsilon=high", 10), ("silu x=[-1]:", 6),
    // A name twice, and empty tensors whose rows nobody could walk along.
    ("silu x=[1]:0x1p+0 x=[1]:0x1p+0", 19), ("rms-norm epsilon=1 epsilon=1", 20),
    ("silu x=[4611686018427387904x0]:", 6), ("silu x=[0x9223372036854775807]:", 6),
  ]) func aLineThatDoesNotParseSaysWhere(line: String, column: Int) {
    #expect(throws: LineError.self) { try CaseLine.parse(line) }
    do {
      _ = try CaseLine.parse(line)
    } catch {
      #expect(error.column == column)
    }
  }
}
