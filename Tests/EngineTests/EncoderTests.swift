import PlumbModel
import Testing

@testable import PlumbEngine

/// Passes of models that read a text as a whole.
@Suite struct EncoderTests {
  private func encoder() -> Transformer {
    var random = SplitMix64(seed: 77)
    let decoder = random.transformer(Sizes(), contextLength: 1024)
    var blocks = decoder.blocks
    for index in blocks.indices { blocks[index].editAttention { $0.attention.isCausal = false } }
    return Transformer(
      name: "encoder", contextLength: 1024, stem: decoder.stem, blocks: blocks,
      head: Head(norm: decoder.head.norm, unembedding: nil))
  }

  private static let tokens = (0..<700).map { ($0 * 37 + 11) % 50 }

  /// More tokens than a decoder takes at a time, on any number of threads, watched or not.
  @Test(arguments: [1, 2, 3, 5]) func bitsAreThoseOfOneThread(threads: Int) throws {
    let encoder = encoder()
    let alone = try Engine.Pass(encoder, threads: 1).append(Self.tokens)
    #expect(alone.shape == [700, encoder.hiddenSize])
    #expect(try Engine.Pass(encoder, threads: threads).append(Self.tokens) == alone)
    var watched: Activation<Float>?
    try Engine.Pass(encoder, threads: threads).append(Self.tokens) { if $0 == encoder.rows { watched = $1 } }
    #expect(watched == alone)
  }

  /// The first token sees the last.
  @Test func laterTokensAreSeen() throws {
    let encoder = encoder()
    let (one, other) = (
      try Engine.Pass(encoder).append([3, 1, 4, 1, 5]), try Engine.Pass(encoder).append([3, 1, 4, 1, 6])
    )
    #expect(one.row(0) != other.row(0))
  }

  @Test func whatOnlyDecodersHaveIsRefused() throws {
    let encoder = encoder()
    #expect(encoder.shapeErrors.isEmpty && !encoder.isDecoder && !encoder.isCausal)
    let pass = try Engine.Pass(encoder)
    try pass.append([1, 2])
    #expect(throws: Engine.PassError.encoder) { try pass.append([3]) }
    #expect(throws: Engine.PassError.encoder) { try Engine.Pass(encoder).append([3]) { (_: Activation<Float>) in } }
    #expect(throws: Engine.PassError.encoder) { try Engine.Batch(encoder, count: 2) }
    var generator = Engine.Generator(try Engine.Pass(encoder), prompt: [1])
    #expect(throws: Engine.PassError.encoder) { try generator.next() }
    #expect(Engine.PassError.encoder.description.contains("encoder"))
  }

  @Test func rowsArePooled() {
    let x = Activation<Float>(shape: [3, 2], elements: [1, -2, 4, 8, 1, .nan])
    #expect(Engine.pooled(x, .first).elements == [1, -2])
    #expect(Engine.pooled(x, .last).elements[0] == 1 && Engine.pooled(x, .last).elements[1].isNaN)
    #expect(Engine.pooled(x, .mean).elements[0] == 2 && Engine.pooled(x, .mean).elements[1].isNaN)
    #expect(Engine.pooled(x, .max).elements[0] == 4 && Engine.pooled(x, .max).elements[1].isNaN)
  }
}
