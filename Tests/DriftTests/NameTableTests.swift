import Foundation
import PlumbFormats
import PlumbModel
import Testing

@testable import PlumbGrading

/// The names that other programs give to activations.
@Suite struct NameTableTests {
  private static func table(_ word: String) throws -> NameTable {
    try #require(NameTable.all.first { $0.word == word }).table
  }

  /// The names are those of `LlamaForCausalLM.named_modules()` in transformers 5.23.
  @Test(arguments: [
    ("model.embed_tokens", "embedding"), ("model.layers.7", "blocks.7.feed-forward-residual"),
    ("model.layers.7.output", "blocks.7.feed-forward-residual"),
    ("layers.0.input_layernorm", "blocks.0.attention-norm"),
    ("model.layers.12.self_attn.q_proj", "blocks.12.query"),
    ("model.layers.0.self_attn.o_proj", "blocks.0.attention-output"),
    ("model.layers.0.self_attn.o_proj.input", "blocks.0.attention-values"),
    ("model.layers.3.post_attention_layernorm", "blocks.3.feed-forward-norm"),
    ("model.layers.3.mlp.act_fn", "blocks.3.activated-gate"), ("model.layers.3.mlp", "blocks.3.down"),
    ("model.norm", "final-norm"), ("lm_head", "logits"), ("hidden_states.0", "embedding"),
    ("hidden_states.4", "blocks.3.feed-forward-residual"), ("hidden_states_4", "blocks.3.feed-forward-residual"),
    ("last_hidden_state", "final-norm"),
    ("model.layers.0.input_layernorm.input", "embedding"),
  ])
  func huggingFace(_ name: String, _ activation: String) throws {
    let table = try Self.table("hf")
    #expect(table.activation(name)?.description == activation)
  }

  /// The names are those that llama.cpp's evaluation callback is given for a Llama model (libllama 0.5.0).
  @Test(arguments: [
    ("embd", "embedding"), ("inp_embd", "embedding"), ("attn_norm-3", "blocks.3.attention-norm"),
    ("Qcur-0", "blocks.0.rotated-query"),
    ("ffn_inp-11", "blocks.11.attention-residual"), ("l_out-29", "blocks.29.feed-forward-residual"),
    ("result_norm", "final-norm"), ("result_output", "logits"), ("kq_soft_max-2", "blocks.2.attention-weights"),
    ("kqv_out-4", "blocks.4.attention-values"), ("attn_out-4", "blocks.4.attention-output"),
    ("ffn_swiglu-1", "blocks.1.gated-up"),
  ])
  func llamaCpp(_ name: String, _ activation: String) throws {
    let table = try Self.table("llama.cpp")
    #expect(table.activation(name)?.description == activation)
  }

  @Test func ownNamesAreTheirOwn() throws {
    for name in LoadedModel.seeded.transformer.plan.names {
      #expect(NameTable.plumb.activation(name.description) == name)
    }
  }

  @Test(arguments: [
    "", "layers.x.mlp", "layers..mlp", "layers.-1.mlp", "layers.99999999999999999999.mlp", "layers.1.mlp2",
  ])
  func whatIsNoNameIsNone(_ name: String) {
    for table in NameTable.all { #expect(table.table.activation(name) == nil) }
  }

  @Test func aFileWithANameTwiceIsRefused() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "plumb-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: path) }
    for (text, words) in [
      (#"{"a": "query", "b": "key"}"#, nil), (#"{"a": "query", "a": "key"}"#, "'a' stands twice"),
      (#"{"a": "query", "\u0061": "query"}"#, "'a' stands twice"),
    ] {
      try Data(text.utf8).write(to: path)
      guard let words else {
        _ = try NameTable(path: path.path(percentEncoded: false))
        continue
      }
      let error = #expect(throws: GradeError.self) { try NameTable(path: path.path(percentEncoded: false)) }
      #expect(error?.problem.contains(words) == true, "\(error?.problem ?? "")")
    }
  }

  @Test func theNearestNamesAreNear() throws {
    let hooks = try Self.table("hf")
    #expect(
      hooks.nearest(to: "model.layers.3.self_attn.qproj").first == "layers.{block}.self_attn.q_proj")
    #expect(NameTable.plumb.nearest(to: "logit").first == "logits")
  }
}
