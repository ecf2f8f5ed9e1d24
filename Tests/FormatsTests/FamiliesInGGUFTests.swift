import Foundation
import PlumbExact
import PlumbModel
import PlumbReference
import Testing

@testable import PlumbFormats

/// Families that differ from Llama in a part, from GGUF files that hold the tensors of the folders that transformers wrote.
@Suite struct FamiliesInGGUFTests {
  private static let names = [
    ("model.embed_tokens.", "token_embd."), ("model.norm.", "output_norm."), ("lm_head.", "output."),
    ("model.layers.", "blk."), ("input_layernorm", "attn_norm"), ("post_attention_layernorm", "ffn_norm"),
    ("self_attn.q_proj", "attn_q"), ("self_attn.k_proj", "attn_k"), ("self_attn.v_proj", "attn_v"),
    ("self_attn.o_proj", "attn_output"), ("self_attn.q_norm", "attn_q_norm"), ("self_attn.k_norm", "attn_k_norm"),
    ("mlp.gate_proj", "ffn_gate"), ("mlp.up_proj", "ffn_up"), ("mlp.down_proj", "ffn_down"),
  ]

  private func folder(_ family: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/tiny-\(family)").path(percentEncoded: false)
  }

  /// The file whose keys stand under `architecture`, with the tensors of the folder of `family`.
  private func writer(_ family: String, as architecture: String? = nil, headSize: Int) throws -> GGUFWriter {
    let architecture = architecture ?? family
    var writer = GGUFWriter()
    writer.set("general.architecture", .string(architecture))
    let counts: [(String, UInt32)] = [
      ("block_count", 3), ("context_length", 128), ("embedding_length", 16), ("feed_forward_length", 24),
      ("attention.head_count", 4), ("attention.head_count_kv", 2), ("attention.key_length", UInt32(headSize)),
      ("attention.value_length", UInt32(headSize)),
    ]
    for (key, count) in counts { writer.set("\(architecture).\(key)", .uint32(count)) }
    writer.set("\(architecture).attention.layer_norm_rms_epsilon", .float32(0x1p-17))
    for entry in try SafeTensors(path: "\(folder(family))/model.safetensors").entries {
      let name = Self.names.reduce(entry.name) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
      writer.add(name, .f32, entry.shape, entry.withUnsafeBytes { Array($0) })
    }
    return writer
  }

  private func logits(_ transformer: Transformer) throws -> [Ball] {
    var logits: [Ball] = []
    // Fewer tokens than Qwen 2's window, of which its files say nothing.
    try Reference.Pass(transformer, precision: 256).run([3, 20, 17]) { name, activation in
      if name == ActivationName(.logits) { logits = activation.elements }
    }
    return logits
  }

  @Test(arguments: [("qwen2", 4), ("qwen3", 8)])
  func theFolderAndTheFileGiveEqualBalls(family: String, headSize: Int) throws {
    let file = try LoadedModel(writer(family, headSize: headSize).read())
    let folder = try LoadedModel.open(path: folder(family))
    #expect(file.architecture == family && file.fingerprint == folder.fingerprint)
    #expect(file.transformer.rotary.pairing == .halfSplit)
    #expect(try logits(file.transformer) == logits(folder.transformer))
  }

  /// A part that a family does not have is refused by name, and so is one that it lacks.
  @Test func partsOfAnotherFamilyAreRefused() throws {
    let norms = try writer("qwen3", as: "llama", headSize: 8)
    do {
      _ = try norms.read().transformer()
      Issue.record("Llama with norms of its heads was read")
    } catch { #expect("\(error)".contains("attn_k_norm")) }
    let none = try writer("qwen2", as: "qwen3", headSize: 4)
    do {
      _ = try none.read().transformer()
      Issue.record("Qwen 3 without norms of its heads was read")
    } catch { #expect("\(error)".contains("'blk.0.attn_q_norm.weight' is missing")) }
    var mistral = try writer("qwen2", headSize: 4)
    mistral.set("general.architecture", .string("mistral"))
    do {
      _ = try mistral.read().transformer()
      Issue.record("an architecture that no file has was read")
    } catch { #expect("\(error)".contains("'llama', 'qwen2', 'qwen3'")) }
  }

  /// Windows of positions, as the folder states them.
  @Test func windowsAreTheBlocks() throws {
    func windows(_ family: String) throws -> [Int?] {
      let plan = try LoadedModel.open(path: folder(family)).transformer.plan
      return plan.blocks.indices.map { plan.attention(inBlock: $0)?.window }
    }
    #expect(try windows("mistral") == [5, 5, 5])
    #expect(try windows("qwen2") == [nil, nil, 4])
    #expect(try windows("qwen3") == [nil, nil, nil])
  }
}
