import PlumbCases
import PlumbModel
import PlumbVerdicts
import Testing

/// The bound is 0 and the check equality where no partial sum can round, whatever the order.
@Suite struct ExactSumTests {
  private static let layers: [LayerKind] = [.linear, .unembedding, .attentionValues, .attentionScores]

  @Test(arguments: layers) func oneUlpAnywhereIsOutside(layer: LayerKind) throws {
    let shape = layer == .attentionScores ? ["headSize": 4] : [:]
    let generator = CaseGenerator(layer: layer, strategy: .exact, seed: 11, shape: shape)
    var seen = 0
    for number in 0..<(layer == .attentionScores ? 60 : 12) {
      let input = try CheckedCase(generator.makeCase(number))
      // The division of a score is exact where the root of the head's size is a power of two; a soft cap never is, and a
      // linear bias is another sum.
      let attributes = input.source.attributes
      if [.attentionScores, .unembedding].contains(layer), attributes["softCap"] ?? .real(0) != .real(0) { continue }
      if layer == .attentionScores, ["scale", "alibi"].contains(where: { attributes[$0] ?? .real(0) != .real(0) }) {
        continue
      }
      var judge = CaseJudge(input)
      let engine = Catalogue.engine(input)
      let drift = judge.decideExactly(engine)
      #expect(drift.verdict == .within && drift.worstUlps == 0 && drift.bound == 0, "\(CaseLine(input.source).text)")
      for (index, _) in judge.claims().prefix(40) {
        for moved in [engine.elements[index].nextUp, engine.elements[index].nextDown] {
          var output = engine
          output.elements[index] = moved
          #expect(judge.decideExactly(output).verdict == .outside, "element \(index) of \(CaseLine(input.source).text)")
        }
      }
      seen += 1
    }
    #expect(seen > 0)
  }

  /// At the limit Σ|products| = 2²⁴ a partial sum may need one bit more than there is: 2²⁴ − 1 is exact, beyond is not.
  @Test func theLimitIsSharp() throws {
    func bound(_ x: [Float]) throws -> Double {
      let input = LayerCase(
        layer: .linear,
        tensors: [
          "x": .real(Activation(shape: [1, x.count], elements: x)),
          "weight": .real(Activation(shape: [1, x.count], elements: x.map { _ in 1 })),
        ])
      return Catalogue.judge(try CheckedCase(input)).bound
    }
    #expect(try bound([0x1p24 - 2, 1]) == 0)
    #expect(try bound([0x1p23, 0x1p23 - 1]) == 0)
    #expect(try bound([0x1p24 - 1, 1]) > 0)
    #expect(try bound([0x1p24 - 1, -2]) > 0)
    #expect(try bound([0x1p-149, 0x1p-149]) == 0)
    #expect(try bound([0x1p127, 0x1.fp126]) == 0)
  }

  /// A product below the least Float32 may be rounded on its own.
  @Test func underflowIsNotExact() throws {
    let input = LayerCase(
      layer: .linear,
      tensors: [
        "x": .real(Activation(shape: [1, 1], elements: [0x1p-100])),
        "weight": .real(Activation(shape: [1, 1], elements: [0x1p-50])),
      ])
    #expect(Catalogue.judge(try CheckedCase(input)).bound > 0)
  }
}
