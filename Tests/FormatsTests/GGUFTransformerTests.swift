import PlumbFormats
import PlumbModel
import Testing

@Suite struct GGUFTransformerTests {
  @Test func factorsThatAreAllOneChangeNothing() throws {
    var writer = TinyLlama.writer()
    let plain = try LoadedModel(writer.read())
    writer.add("rope_freqs.weight", [2], [1, 1])
    writer.set("llama.rope.scaling.attn_factor", .float32(1))
    writer.set("llama.rope.scaling.type", .string("linear"))
    writer.set("llama.rope.scaling.factor", .float32(1))
    let model = try LoadedModel(writer.read())
    #expect(model.fingerprint == plain.fingerprint && model.transformer.rotary.scalingFactor == 1)
  }

  /// Every element of the tiny file is its own number, so the first one says which tensor a layer got.
  @Test func everyTensorReachesItsLayer() throws {
    let writer = TinyLlama.writer(blocks: 2, isTied: false)
    let transformer = try writer.read().transformer()
    #expect(transformer.shapeErrors == [])
    #expect(
      transformer.tensors.map(\.name) == [
        "token_embd.weight", "blk.0.attn_norm.weight", "blk.0.attn_q.weight", "blk.0.attn_k.weight",
        "blk.0.attn_v.weight", "blk.0.attn_output.weight", "blk.0.ffn_norm.weight", "blk.0.ffn_gate.weight",
        "blk.0.ffn_up.weight", "blk.0.ffn_down.weight", "blk.1.attn_norm.weight", "blk.1.attn_q.weight",
        "blk.1.attn_k.weight", "blk.1.attn_v.weight", "blk.1.attn_output.weight", "blk.1.ffn_norm.weight",
        "blk.1.ffn_gate.weight", "blk.1.ffn_up.weight", "blk.1.ffn_down.weight", "output_norm.weight", "output.weight",
      ])
    for tensor in transformer.tensors {
      let written = try #require(writer.tensors.first { $0.name == tensor.name })
      #expect(tensor.shape == written.extents.reversed().map { Int($0) })
      // Sound: the bytes are copied while they are lent.
      #expect(unsafe tensor.withUnsafeBytes { unsafe Array($0) } == written.data)
    }
  }

  @Test func theConfigurationIsRead() throws {
    var writer = TinyLlama.writer()
    writer.set("llama.rope.freq_base", .float32(100_000))
    writer.set("llama.rope.dimension_count", .uint32(2))
    let transformer = try writer.read().transformer()
    #expect(transformer.name == "tiny")
    #expect(transformer.contextLength == 32)
    #expect(transformer.attention.heads == 2)
    #expect(transformer.attention.keyValueHeads == 1)
    #expect(transformer.attention.headSize == 4)
    #expect(transformer.rotary.rotatedSize == 2)
    #expect(transformer.rotary.theta == 100_000)
    #expect(transformer.rotary.pairing == .adjacent)
    #expect(transformer.norms[0].epsilon == 0x1p-17)
    #expect(transformer.norms[transformer.norms.count - 1].epsilon == 0x1p-17)
  }

  @Test func whatIsNotSaidHasItsDefault() throws {
    var writer = TinyLlama.writer()
    writer.set("llama.attention.head_count_kv", nil)
    writer.set("llama.feed_forward_length", nil)
    for name in ["k", "v"] {
      writer.tensors.removeAll { $0.name == "blk.0.attn_\(name).weight" }
      writer.add("blk.0.attn_\(name).weight", [8, 8], [Float](repeating: 1, count: 64))
    }
    let transformer = try writer.read().transformer()
    #expect(transformer.rotary.theta == 10_000)
    #expect(transformer.rotary.rotatedSize == 4)
    #expect(transformer.attention.keyValueHeads == 2)
  }

  @Test func aHeadMayHaveItsOwnSize() throws {
    var writer = TinyLlama.writer()
    writer.set("llama.attention.head_count", .uint32(4))
    writer.set("llama.attention.head_count_kv", .int32s([2]))
    writer.set("llama.attention.key_length", .uint32(2))
    writer.set("llama.attention.value_length", .uint32(2))
    let transformer = try writer.read().transformer()
    #expect(transformer.attention.heads == 4)
    #expect(transformer.attention.headSize == 2)
    #expect(transformer.rotary.rotatedSize == 2)
  }

  @Test func withoutAnOutputTheUnembeddingIsTied() throws {
    let transformer = try TinyLlama.writer(isTied: true).read().transformer()
    #expect(transformer.head.unembedding?.weight.name == "token_embd.weight")
    let untied = try TinyLlama.writer(isTied: false).read().transformer()
    #expect(untied.head.unembedding?.weight.name == "output.weight")
  }

  @Test func biasesAreTaken() throws {
    var writer = TinyLlama.writer()
    let names = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"]
    for (name, size) in zip(names, [8, 4, 4, 8, 12, 12, 8]) {
      writer.add("blk.0.\(name).bias", [size], [Float](repeating: 1, count: size))
    }
    let plan = try writer.read().transformer().plan
    let products = plan.steps[plan.blocks[0]].compactMap(\.operation.product)
    #expect(products.map(\.bias?.name) == names.map { "blk.0.\($0).bias" })
  }

  /// llama.cpp's rules: the type is linear unless it says otherwise, the older key counts where the newer is absent, and
  /// a factor of 0 is none.
  @Test(
    arguments: [
      ([:], nil, 1), (["llama.rope.scaling.factor": 4], "linear", 4), (["llama.rope.scaling.factor": 4], nil, 4),
      (["llama.rope.scale_linear": 8], nil, 8), (["llama.rope.scale_linear": 8], "linear", 8),
      (["llama.rope.scale_linear": 8, "llama.rope.scaling.factor": 2], nil, 2),
      (["llama.rope.scaling.factor": 4], "none", 1), (["llama.rope.scaling.factor": 0], "linear", 1),
      ([:], "linear", 1),
    ] as [([String: Float], String?, Float)])
  func positionsAreScaledLinearly(keys: [String: Float], type: String?, factor: Float) throws {
    var writer = TinyLlama.writer()
    for (key, value) in keys { writer.set(key, .float32(value)) }
    if let type { writer.set("llama.rope.scaling.type", .string(type)) }
    #expect(try writer.read().transformer().rotary.scalingFactor == factor)
  }

  @Test func harmlessKeysAreAccepted() throws {
    var writer = TinyLlama.writer()
    writer.set("llama.vocab_size", .uint32(UInt32(TinyLlama.tokens.count)))
    writer.set("llama.rope.scaling.type", .string("none"))
    writer.set("llama.expert_count", .uint32(0))
    writer.set("general.file_type", .uint32(0))
    #expect(throws: Never.self) { try writer.read().transformer() }
  }
}
