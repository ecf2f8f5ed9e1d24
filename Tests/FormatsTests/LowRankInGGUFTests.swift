import Foundation
import PlumbExact
import PlumbModel
import PlumbReference
import Testing

@testable import PlumbFormats

/// Low-rank attention in GGUF files of the older form, which keep keys and values in one tensor, with the tensors of the folder that
/// transformers wrote; the newer form is that of `Tests/Fixtures/families_gguf.py`.
@Suite struct LowRankInGGUFTests {
  private static let names = [
    ("model.embed_tokens.", "token_embd."), ("model.norm.", "output_norm."), ("lm_head.", "output."),
    ("model.layers.", "blk."), ("input_layernorm", "attn_norm"), ("post_attention_layernorm", "ffn_norm"),
    ("self_attn.q_a_proj", "attn_q_a"), ("self_attn.q_a_layernorm", "attn_q_a_norm"),
    ("self_attn.q_b_proj", "attn_q_b"), ("self_attn.kv_a_proj_with_mqa", "attn_kv_a_mqa"),
    ("self_attn.kv_a_layernorm", "attn_kv_a_norm"), ("self_attn.kv_b_proj", "attn_kv_b"),
    ("self_attn.o_proj", "attn_output"), ("mlp.gate_proj", "ffn_gate"), ("mlp.up_proj", "ffn_up"),
    ("mlp.down_proj", "ffn_down"), ("mlp.gate.e_score_correction_bias", "exp_probs_b.bias"),
    ("mlp.gate.", "ffn_gate_inp."), ("mlp.shared_experts.gate_proj", "ffn_gate_shexp"),
    ("mlp.shared_experts.up_proj", "ffn_up_shexp"), ("mlp.shared_experts.down_proj", "ffn_down_shexp"),
  ]
  private let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/tiny-deepseekv3").path(percentEncoded: false)

  private func writer() throws -> GGUFWriter {
    var writer = GGUFWriter()
    writer.set("general.architecture", .string("deepseek2"))
    let counts: [(String, UInt32)] = [
      ("block_count", 3), ("context_length", 128), ("embedding_length", 16), ("feed_forward_length", 24),
      ("vocab_size", 32), ("attention.head_count", 4), ("attention.head_count_kv", 4), ("attention.key_length", 14),
      ("attention.value_length", 5), ("attention.q_lora_rank", 6), ("attention.kv_lora_rank", 12),
      ("rope.dimension_count", 8), ("expert_count", 6), ("expert_used_count", 2), ("expert_group_count", 3),
      ("expert_group_used_count", 2), ("expert_gating_func", 2), ("expert_shared_count", 2),
      ("expert_feed_forward_length", 8), ("leading_dense_block_count", 1),
      ("rope.scaling.original_context_length", 8),
    ]
    for (key, count) in counts { writer.set("deepseek2.\(key)", .uint32(count)) }
    let numbers: [(String, Float)] = [
      ("attention.layer_norm_rms_epsilon", 0x1p-17), ("expert_weights_scale", 2.5), ("rope.scaling.factor", 4),
      ("rope.scaling.yarn_beta_fast", 1), ("rope.scaling.yarn_beta_slow", 0x1p-6),
      ("rope.scaling.yarn_log_multiplier", 0.1),
    ]
    for (key, number) in numbers { writer.set("deepseek2.\(key)", .float32(number)) }
    writer.set("deepseek2.rope.scaling.type", .string("yarn"))
    writer.set("deepseek2.expert_weights_norm", .bool(true))
    var stacks: [String: (shape: [Int], bytes: [UInt8])] = [:]
    for entry in try SafeTensors(path: "\(folder)/model.safetensors").entries.sorted(by: { $0.name < $1.name }) {
      let bytes = entry.withUnsafeBytes { Array($0) }
      guard let part = entry.name.firstRange(of: ".mlp.experts.") else {
        let name = Self.names.reduce(entry.name) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
        writer.add(name, .f32, entry.shape, bytes)
        continue
      }
      let block = entry.name[..<part.lowerBound].replacingOccurrences(of: "model.layers.", with: "blk.")
      let kind = ["gate", "up", "down"].first { entry.name.hasSuffix("\($0)_proj.weight") } ?? ""
      stacks["\(block).ffn_\(kind)_exps.weight", default: ([6] + entry.shape, [])].bytes += bytes
    }
    for (name, stack) in stacks { writer.add(name, .f32, stack.shape, stack.bytes) }
    return writer
  }

  private func logits(_ transformer: Transformer) throws -> [Ball] {
    var logits: [Ball] = []
    try Reference.Pass(transformer, precision: 192).run([3, 20, 17, 5]) { name, activation in
      if name == ActivationName(.logits) { logits = activation.elements }
    }
    return logits
  }

  @Test func theOlderFormIsTheFolder() throws {
    let file = try writer().read().transformer()
    let folder = try LoadedModel.open(path: folder).transformer.editing { block in
      // A file has one number for all norms.
      block.editAttention { mixer in
        if case .rms(var norm)? = mixer.queryLatent?.norm {
          norm.epsilon = 0x1p-17
          mixer.queryLatent?.norm = .rms(norm)
        }
        if case .rms(var norm)? = mixer.keyValueLatent?.norm {
          norm.epsilon = 0x1p-17
          mixer.keyValueLatent?.norm = .rms(norm)
        }
      }
    }
    #expect(try logits(file) == logits(folder))
  }

  /// A key that does not fit, and the words of the refusal.
  @Test(arguments: [
    ("attention.kv_lora_rank", 13, "does not hold the 21 rows"),
    ("attention.value_length", 4, "does not hold the 40 rows"),
    ("rope.dimension_count", 14, "expected less than a head's 14 elements"),
    ("expert_group_count", 4, "expert_group_used_count"), ("expert_group_used_count", 4, "expert_group_used_count"),
    ("expert_gating_func", 4, "expert_gating_func"), ("expert_gating_func", 1, "a router's softmax has no bias here"),
    ("nextn_predict_layers", 1, "asks for something not computed here"),
  ]) func whatDoesNotFitIsRefusedInALine(key: String, value: Int, words: String) throws {
    var writer = try writer()
    writer.set("deepseek2.\(key)", .uint32(UInt32(value)))
    let error = #expect(throws: ModelError.self) { try writer.read().transformer() }
    let text = "\(try #require(error))"
    #expect(text.contains(words) && !text.contains { $0.isNewline }, "\(text)")
  }

  @Test func scaledAnglesNeedTheFactorOfTheScale() throws {
    var writer = try writer()
    writer.set("deepseek2.rope.scaling.yarn_log_multiplier", nil)
    let error = #expect(throws: ModelError.self) { try writer.read().transformer() }
    #expect("\(try #require(error))".contains("yarn_log_multiplier"))
  }
}
