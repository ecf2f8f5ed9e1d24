import PlumbModel

/// The smallest file that is a whole Llama model.
///
/// Hidden 8, two heads of 4, one head of keys and values, feed-forward 12; bytes and a few merges for tokens. Every
/// element is its own number, so that mistaken tensors show.
enum TinyLlama {
  static let hidden = 8
  static let feedForward = 12
  /// The bytes, in the alphabet of byte-level vocabularies, then the results of the merges, then two control tokens.
  static let tokens: [String] = byteAlphabet + ["he", "ll", "hell", "hello", "Ġhello", "<|end|>", "<|begin|>"]
  static let merges = ["h e", "l l", "he ll", "hell o", "Ġ hello"]

  /// A writer of the model with `blocks` blocks.
  static func writer(blocks: Int = 1, isTied: Bool = true) -> GGUFWriter {
    var writer = GGUFWriter()
    writer.set("general.architecture", .string("llama"))
    writer.set("general.name", .string("tiny"))
    writer.set("llama.block_count", .uint32(UInt32(blocks)))
    writer.set("llama.context_length", .uint32(32))
    writer.set("llama.embedding_length", .uint32(UInt32(hidden)))
    writer.set("llama.feed_forward_length", .uint32(UInt32(feedForward)))
    writer.set("llama.attention.head_count", .uint32(2))
    writer.set("llama.attention.head_count_kv", .uint32(1))
    writer.set("llama.attention.layer_norm_rms_epsilon", .float32(0x1p-17))
    writer.set("tokenizer.ggml.model", .string("gpt2"))
    writer.set("tokenizer.ggml.pre", .string("smollm"))
    writer.set("tokenizer.ggml.tokens", .strings(tokens))
    writer.set("tokenizer.ggml.token_type", .int32s(tokens.map { $0.hasPrefix("<|") ? 3 : 1 }))
    writer.set("tokenizer.ggml.merges", .strings(merges))
    writer.set("tokenizer.ggml.eos_token_id", .uint32(UInt32(tokens.count - 2)))
    writer.set("tokenizer.ggml.bos_token_id", .uint32(UInt32(tokens.count - 1)))

    var next: Float = 0
    func add(_ name: String, _ shape: [Int]) {
      let values = (0..<shape.reduce(1, *)).map { _ -> Float in
        next += 1
        return next / 4096
      }
      writer.add(name, shape, values)
    }
    add("token_embd.weight", [tokens.count, hidden])
    for block in 0..<blocks {
      let name = "blk.\(block)"
      add("\(name).attn_norm.weight", [hidden])
      add("\(name).attn_q.weight", [8, hidden])
      add("\(name).attn_k.weight", [4, hidden])
      add("\(name).attn_v.weight", [4, hidden])
      add("\(name).attn_output.weight", [hidden, 8])
      add("\(name).ffn_norm.weight", [hidden])
      add("\(name).ffn_gate.weight", [feedForward, hidden])
      add("\(name).ffn_up.weight", [feedForward, hidden])
      add("\(name).ffn_down.weight", [hidden, feedForward])
    }
    add("output_norm.weight", [hidden])
    if !isTied { add("output.weight", [tokens.count, hidden]) }
    return writer
  }

  /// The 256 characters, in the order of the bytes, written out from the definition and not from the code under test.
  static let byteAlphabet: [String] = {
    let printable = Array(33...126) + Array(161...172) + Array(174...255)
    var next: UInt32 = 256
    return (0..<256).compactMap { byte in
      if printable.contains(byte) { return Unicode.Scalar(UInt32(byte)).map { String($0) } }
      defer { next += 1 }
      return Unicode.Scalar(next).map { String($0) }
    }
  }()
}
