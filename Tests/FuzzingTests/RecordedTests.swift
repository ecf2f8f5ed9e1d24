import PlumbCases
import PlumbEngine
import PlumbFormats
import PlumbModel
import PlumbVerdicts
import Testing

@Suite struct RecordedTests {
  private static func elements(_ tensor: CaseTensor?) -> [Float] {
    if case .real(let activation)? = tensor { activation.elements } else { [] }
  }

  /// Weights are there as the model holds them, one row after the other.
  @Test func weightsAreThoseOfTheModel() throws {
    let table = Catalogue.engine(
      try CheckedCase(
        LayerCase(
          layer: .embedding,
          tensors: ["tokens": .integer(Activation(shape: [1], elements: [0])), "weight": .real(Self.embedding)])))
    #expect(table.elements == Array(Self.embedding.row(0)))
    let generator = CaseGenerator(
      layer: .unembedding, strategy: .recorded, seed: 1, shape: ["hidden": 128, "vocabulary": 3])
    let all = Set(Engine.decoded(try #require(LoadedModel.shipped.transformer.head.unembedding).weight))
    for number in 0..<4 {
      let numbers = Self.elements(generator.makeCase(number).tensors["weight"])
      let areWeights = numbers.allSatisfy { all.contains($0) }
      #expect(numbers.count == 384 && areWeights)
    }
  }

  private static let embedding = Activation(
    shape: [256, 128], elements: Engine.decoded(LoadedModel.shipped.transformer.stem.tokens.weight))

  @Test(arguments: LayerKind.allCases) func casesAreFiniteAndNotAllZero(layer: LayerKind) throws {
    let generator = CaseGenerator(layer: layer, strategy: .recorded, seed: 2)
    var isLively = false
    for number in 0..<12 {
      let input = generator.makeCase(number)
      #expect(input == CaseGenerator(layer: layer, strategy: .recorded, seed: 2).makeCase(number))
      for tensor in input.tensors.values {
        let areFinite = Self.elements(tensor).allSatisfy(\.isFinite)
        #expect(areFinite)
        isLively = isLively || Self.elements(tensor).contains { $0 != 0 && $0.exponent < 0 }
      }
    }
    #expect(isLively)
  }

  @Test func anotherPassGivesOtherCases() throws {
    let pass = try RecordedPass(SeededModel.transformer, tokens: [7, 8, 9])
    let (own, other) = (
      CaseGenerator(layer: .silu, strategy: .recorded, seed: 3).makeCase(0),
      CaseGenerator(layer: .silu, strategy: .recorded, seed: 3, pass: pass).makeCase(0)
    )
    #expect(own.tensors["x"]?.shape == other.tensors["x"]?.shape && own != other)
    #expect(throws: DriftError.self) { try RecordedPass(SeededModel.transformer, tokens: [-1]) }
  }
}
