import PlumbFormats
import PlumbModel
import Testing

/// Sound files whose model contradicts itself, or asks for something that no layer here computes.
@Suite struct GGUFRefusalTests {
  @Test(arguments: models) func isRefused(_ file: BadFile) throws {
    let read = try GGUFFile(bytes: WeightArray(file.bytes), file: "test.gguf")
    do {
      _ = try LoadedModel(read)
      Issue.record("was accepted")
    } catch { file.expectSaid(by: error) }
  }

  /// Token numbers need no tokenizer, and a text is told why there is none.
  @Test(arguments: tokenizers) func onlyTextIsRefused(_ file: BadFile) throws {
    let read = try GGUFFile(bytes: WeightArray(file.bytes), file: "test.gguf")
    let model = try LoadedModel(read)
    #expect(model.transformer.vocabularySize == TinyLlama.tokens.count && model.tokenizer.vocabularySize == 263)
    #expect(model.tokenizer.text(of: [3, 262]) == "<3><262>")
    let problem = try #require(model.tokenizerProblem)
    file.expectSaid(by: problem)
    do {
      _ = try model.tokenizer.encode("a")
      Issue.record("was encoded")
    } catch { file.expectSaid(by: error) }
  }

  private static func changed(_ body: (inout GGUFWriter) -> Void) -> [UInt8] {
    var writer = TinyLlama.writer()
    body(&writer)
    return writer.bytes()
  }

  private static func key(_ key: String, _ value: GGUFWriter.Value?) -> [UInt8] { changed { $0.set(key, value) } }

  private static func tensor(_ name: String, _ shape: [Int]) -> [UInt8] {
    changed { writer in
      writer.tensors.removeAll { $0.name == name }
      writer.add(name, shape, [Float](repeating: 1, count: shape.reduce(1, *)))
    }
  }

  private static func refusesKey(_ name: String, _ value: GGUFWriter.Value, _ shown: String) -> BadFile {
    BadFile(name, key(name, value), says: "key '\(name)' is \(shown)", "model of the family without it")
  }

  private static let models: [BadFile] = [
    // What the metadata lack or get wrong.
    BadFile("no architecture", key("general.architecture", nil), says: "'general.architecture' is missing"),
    BadFile(
      "gemma", key("general.architecture", .string("gemma4")), says: "architecture 'gemma4'",
      "only 'llama', 'qwen2', 'qwen3'"),
    BadFile("no block count", key("llama.block_count", nil), says: "'llama.block_count' is missing"),
    BadFile("no context", key("llama.context_length", nil), says: "'llama.context_length' is missing"),
    BadFile(
      "no epsilon", key("llama.attention.layer_norm_rms_epsilon", nil), says: "layer_norm_rms_epsilon' is missing"),
    BadFile("0 blocks", key("llama.block_count", .uint32(0)), says: "'llama.block_count' is 0"),
    BadFile("2 blocks", key("llama.block_count", .uint32(2)), says: "llama.block_count is 2", "11 tensors"),
    BadFile("2^32 − 1 blocks", key("llama.block_count", .uint32(.max)), says: "'llama.block_count' is 4294967295"),
    BadFile("2^31 − 1 blocks", key("llama.block_count", .uint32(.max >> 1)), says: "llama.block_count is 2147483647"),
    BadFile("blocks as text", key("llama.block_count", .string("1")), says: "'llama.block_count' is a string"),
    BadFile("0 heads", key("llama.attention.head_count", .uint32(0)), says: "'llama.attention.head_count' is 0"),
    BadFile("3 heads", key("llama.attention.head_count", .uint32(3)), says: "3 heads do not divide", "8"),
    BadFile("unlike heads", key("llama.attention.head_count", .int32s([2, 4])), says: "differs from block to block"),
    BadFile("odd rotation", key("llama.rope.dimension_count", .uint32(3)), says: "rotated size 3"),
    BadFile("theta NaN", key("llama.rope.freq_base", .float32(.nan)), says: "'llama.rope.freq_base' is nan", "finite"),
    BadFile("theta 0", key("llama.rope.freq_base", .float32(0)), says: "'llama.rope.freq_base' is 0.0"),
    BadFile(
      "epsilon −1", key("llama.attention.layer_norm_rms_epsilon", .float32(-1)), says: "layer_norm_rms_epsilon is -1.0"),
    BadFile(
      "unlike lengths", key("llama.attention.value_length", .uint32(2)), says: "keys have 4 elements", "values 2"),
    BadFile("a part", key("split.count", .uint32(3)), says: "one of 3 parts", "name the first"),
    // What would change the values.
    BadFile("dynamic", key("llama.rope.scaling.type", .string("dynamic")), says: "scaling.type' is 'dynamic'"),
    BadFile(
      "no divisors", key("llama.rope.scaling.type", .string("longrope")), says: "'rope_factors_long.weight' is missing"),
    BadFile("type 1", key("llama.rope.scaling.type", .uint32(1)), says: "'llama.rope.scaling.type' is an integer"),
    refusesKey("llama.rope.scaling.yarn_ext_factor", .float32(0.5), "0.5"),
    BadFile("factor of turns", key("llama.rope.scaling.attn_factor", .float32(0)), says: "attn_factor' is 0.0"),
    BadFile(
      "factor −4", key("llama.rope.scaling.factor", .float32(-4)), says: "'llama.rope.scaling.factor' is -4.0"),
    BadFile(
      "factor infinite", key("llama.rope.scaling.factor", .float32(.infinity)), says: "'llama.rope.scaling.factor' is"),
    BadFile(
      "factor as text", key("llama.rope.scale_linear", .string("4")), says: "'llama.rope.scale_linear' is a string"),
    BadFile(
      "experts without a router", key("llama.expert_count", .uint32(8)), says: "'llama.expert_count' is 8",
      "blk.0.ffn_gate_inp.weight"),
    refusesKey("llama.expert_gating_func", .uint32(2), "2"),
    refusesKey("llama.final_logit_softcapping", .float32(30), "30.0"),
    refusesKey("llama.attn_logit_softcapping", .float32(50), "50.0"),
    refusesKey("llama.attention.sliding_window", .uint32(16), "16"),
    refusesKey("llama.attention.causal", .bool(false), "false"),
    refusesKey("llama.logit_scale", .float32(2), "2.0"),
    refusesKey("llama.something.new", .uint32(1), "1"),
    BadFile(
      "rope_freqs", changed { $0.add("rope_freqs.weight", [2], [1, -2]) }, says: "divisor -2.0", "not positive"),
    BadFile("more rope_freqs", tensor("rope_freqs.weight", [3]), says: "'rope_freqs.weight' (F32, [3])"),
    BadFile("query norm", tensor("blk.0.attn_q_norm.weight", [4]), says: "'blk.0.attn_q_norm.weight'", "no layer"),
    BadFile("block too many", tensor("blk.1.attn_norm.weight", [8]), says: "'blk.1.attn_norm.weight'"),
    // Tensors that are missing or contradict each other.
    BadFile(
      "no final norm", changed { $0.tensors.removeAll { $0.name == "output_norm.weight" } },
      says: "tensor 'output_norm.weight' is missing"),
    BadFile(
      "renamed final norm", changed { $0.change("output_norm.weight") { $0.name = "norm.weight" } },
      says: "tensor 'output_norm.weight' is missing"),
    BadFile(
      "renamed query", changed { $0.change("blk.0.attn_q.weight") { $0.name = "blk.0.query" } },
      says: "tensor 'blk.0.attn_q.weight' is missing"),
    BadFile(
      "query too long", tensor("blk.0.attn_q.weight", [9, 8]), says: "'blk.0.attn_q.weight'", "[9, 8]", "[8, 8]"),
    BadFile("query transposed", tensor("blk.0.attn_k.weight", [8, 4]), says: "'blk.0.attn_k.weight'", "[4, 8]"),
    BadFile("norm of two extents", tensor("blk.0.ffn_norm.weight", [1, 8]), says: "'blk.0.ffn_norm.weight'", "[8]"),
    BadFile("down too wide", tensor("blk.0.ffn_down.weight", [8, 13]), says: "'blk.0.ffn_down.weight'", "[8, 12]"),
    BadFile("bias too long", tensor("blk.0.attn_v.bias", [5]), says: "'blk.0.attn_v.bias'", "[5]", "[4]"),
    BadFile("embedding of one extent", tensor("token_embd.weight", [8]), says: "'token_embd.weight'", "[8]"),
    BadFile("unembedding too long", tensor("output.weight", [7, 8]), says: "'output.weight'", "[263, 8]"),
    BadFile("other embedding length", key("llama.embedding_length", .uint32(4)), says: "embedding_length is 4"),
    BadFile(
      "other vocabulary size", key("llama.vocab_size", .uint32(9)), says: "'token_embd.weight'", "vocab_size is 9"),
    BadFile("other feed-forward", key("llama.feed_forward_length", .uint32(9)), says: "feed_forward_length is 9"),
    // The tokenizer, against the tensors.
    BadFile(
      "fewer tokens than rows",
      changed {
        $0.set("tokenizer.ggml.tokens", .strings(TinyLlama.tokens.dropLast()))
        $0.set("tokenizer.ggml.token_type", nil)
        $0.set("tokenizer.ggml.bos_token_id", nil)
      }, says: "262 tokens", "263 rows"),
  ]

  private static func scores(_ scores: [Float]) -> [UInt8] {
    changed {
      $0.set("tokenizer.ggml.model", .string("llama"))
      $0.set("tokenizer.ggml.scores", .float32s(scores))
    }
  }

  private static let tokenizers: [BadFile] = [
    BadFile("no tokenizer", key("tokenizer.ggml.model", nil), says: "'tokenizer.ggml.model' is missing"),
    BadFile(
      "RWKV", key("tokenizer.ggml.model", .string("rwkv")), says: "tokenizer 'rwkv'", "'bert' and 't5' can be read"),
    BadFile(
      "no scores", key("tokenizer.ggml.model", .string("llama")), says: "'tokenizer.ggml.scores' is missing"),
    BadFile("too few scores", scores([1, 2]), says: "'tokenizer.ggml.scores' has 2 numbers for 263 tokens"),
    BadFile(
      "a score that is NaN", scores([1, .nan] + [Float](repeating: 0, count: 261)),
      says: "'tokenizer.ggml.scores' is NaN for token 1"),
    BadFile(
      "unknown pre", key("tokenizer.ggml.pre", .string("rot13")), says: "'rot13'", "smollm", "llama-bpe", "gpt-2"),
    BadFile("no tokens", key("tokenizer.ggml.tokens", .strings([])), says: "tokenizer.ggml.tokens is empty"),
    BadFile("tokens missing", key("tokenizer.ggml.tokens", nil), says: "'tokenizer.ggml.tokens' is missing"),
    BadFile("merges missing", key("tokenizer.ggml.merges", nil), says: "'tokenizer.ggml.merges' is missing"),
    BadFile("types too few", key("tokenizer.ggml.token_type", .int32s([1])), says: "263 elements", "token_type 1"),
    BadFile(
      "type 9", key("tokenizer.ggml.token_type", .int32s([9] + [Int32](repeating: 1, count: 262))),
      says: "token 0 has the unknown type 9"),
    BadFile(
      "a token twice", key("tokenizer.ggml.tokens", .strings(TinyLlama.tokens.dropLast(7) + TinyLlama.tokens[..<7])),
      says: "token 256", "twice"),
    BadFile(
      "a control token of 1,025 bytes",
      key(
        "tokenizer.ggml.tokens", .strings(TinyLlama.tokens.dropLast() + [String(repeating: "a", count: 1025)])),
      says: "token 262", "1025 bytes, more than 1024"),
    BadFile("merge of one", key("tokenizer.ggml.merges", .strings(["he"])), says: "merge 0, 'he'"),
    BadFile("merge into nothing", key("tokenizer.ggml.merges", .strings(["h e", "x y"])), says: "merge 1, 'x y'"),
    BadFile("end beyond", key("tokenizer.ggml.eos_token_id", .uint32(263)), says: "eos_token_id' is 263", "263 tokens"),
    BadFile(
      "beginning unknown",
      changed {
        $0.set("tokenizer.ggml.add_bos_token", .bool(true))
        $0.set("tokenizer.ggml.bos_token_id", nil)
      }, says: "'tokenizer.ggml.bos_token_id' is missing"),
  ]
}
