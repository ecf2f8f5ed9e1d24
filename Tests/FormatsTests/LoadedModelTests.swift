import PlumbFormats
import PlumbModel
import Testing

@Suite struct LoadedModelTests {
  @Test func theSeededModelIsSound() {
    let model = LoadedModel.seeded
    #expect(model.transformer.shapeErrors == [])
    #expect(model.transformer.blocks.count == 2)
    #expect(model.transformer.vocabularySize == 256)
    #expect(model.tokenizer.vocabularySize == 256)
    #expect(model.name == "plumb-tiny (seeded weights, untrained)")
  }

  @Test func aTinyFileBecomesAModel() throws {
    let model = try LoadedModel(TinyLlama.writer(blocks: 2).read())
    #expect(model.transformer.shapeErrors == [])
    #expect(model.transformer.blocks.count == 2)
    #expect(model.tokenizer.vocabularySize == TinyLlama.tokens.count)
    #expect(try model.tokenizer.encode(" hello") == [260])
  }
}
