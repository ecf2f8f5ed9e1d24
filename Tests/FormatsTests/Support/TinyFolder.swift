import Foundation
import PlumbFormats
import PlumbModel

/// A whole Llama model as a Hugging Face folder, and the same one as a GGUF file.
///
/// Hidden 16, four heads of 4 on two of keys and values, feed-forward 24, two blocks, an unembedding of its own. Weight k
/// of all, in the order below, is ((k·2654435761 mod 2³²) ≫ 20 − 2048) / 4096, and 1 more in a normalisation.
struct TinyFolder {
  /// A tensor with its names in both formats.
  struct Entry {
    let name: String
    let gguf: String
    let shape: [Int]
    var values: [Float]
  }

  static let heads = 4
  static let keyValueHeads = 2
  static let headSize = 4
  static let vocabulary = TinyLlama.tokens.count

  var tensors: [Entry] = []
  /// The members of `config.json`, as they are written.
  var config: [String: String] = [
    "model_type": "\"llama\"", "hidden_size": "16", "intermediate_size": "24", "num_hidden_layers": "2",
    "num_attention_heads": "4", "num_key_value_heads": "2", "vocab_size": "\(vocabulary)", "rms_norm_eps": "1e-05",
    "max_position_embeddings": "64", "hidden_act": "\"silu\"", "rope_theta": "10000.0", "rope_scaling": "null",
    "tie_word_embeddings": "false", "eos_token_id": "261", "torch_dtype": "\"float32\"",
  ]
  var preTokenizer = #"""
    {"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},
    {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}]}
    """#
  var tokenizerModel = "BPE"
  /// Added tokens, as they are written, before the two control tokens.
  var addedTokens: [String] = []
  /// `tokenizer_config.json`, where there is one.
  var tokenizerConfiguration: String?

  init() {
    var count: UInt32 = 0
    func add(_ name: String, _ gguf: String, _ shape: [Int], plus: Float = 0) -> Entry {
      let values = (0..<shape.reduce(1, *)).map { _ in
        count += 1
        return plus + (Float((count &* 2_654_435_761) >> 20) - 2048) / 4096
      }
      return Entry(name: name, gguf: gguf, shape: shape, values: values)
    }
    tensors.append(add("model.embed_tokens.weight", "token_embd.weight", [Self.vocabulary, 16]))
    for block in 0..<2 {
      let (name, gguf) = ("model.layers.\(block)", "blk.\(block)")
      tensors += [
        add("\(name).input_layernorm.weight", "\(gguf).attn_norm.weight", [16], plus: 1),
        add("\(name).self_attn.q_proj.weight", "\(gguf).attn_q.weight", [16, 16]),
        add("\(name).self_attn.k_proj.weight", "\(gguf).attn_k.weight", [8, 16]),
        add("\(name).self_attn.v_proj.weight", "\(gguf).attn_v.weight", [8, 16]),
        add("\(name).self_attn.o_proj.weight", "\(gguf).attn_output.weight", [16, 16]),
        add("\(name).post_attention_layernorm.weight", "\(gguf).ffn_norm.weight", [16], plus: 1),
        add("\(name).mlp.gate_proj.weight", "\(gguf).ffn_gate.weight", [24, 16]),
        add("\(name).mlp.up_proj.weight", "\(gguf).ffn_up.weight", [24, 16]),
        add("\(name).mlp.down_proj.weight", "\(gguf).ffn_down.weight", [16, 24]),
      ]
    }
    tensors.append(add("model.norm.weight", "output_norm.weight", [16], plus: 1))
    tensors.append(add("lm_head.weight", "output.weight", [Self.vocabulary, 16]))
  }

  /// Changes the tensor called `name`.
  mutating func change(_ name: String, _ body: (inout Entry) -> Void) {
    if let index = tensors.firstIndex(where: { $0.name == name }) { body(&tensors[index]) }
  }

  /// Writes the folder into `folder`; in `parts` files, where that is more than one.
  func write(to folder: URL, parts: Int = 1) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let members = config.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
    try put("{\(members.joined(separator: ",\n"))}", folder, "config.json")
    try put(tokenizer, folder, "tokenizer.json")
    if let tokenizerConfiguration { try put(tokenizerConfiguration, folder, "tokenizer_config.json") }
    var map: [String] = []
    for part in 0..<parts {
      let name = parts == 1 ? "model.safetensors" : "model-\(part).safetensors"
      var writer = SafeTensorsWriter()
      for (index, tensor) in tensors.enumerated() where index % parts == part {
        writer.add(tensor.name, shape: tensor.shape, tensor.values)
        map.append("\"\(tensor.name)\": \"\(name)\"")
      }
      try Data(writer.bytes()).write(to: folder.appending(path: name))
    }
    if parts > 1 {
      try put("{\"weight_map\": {\(map.joined(separator: ", "))}}", folder, "model.safetensors.index.json")
    }
  }

  /// The same model as a GGUF file: the rows of queries and keys go from half a head apart to neighbours, as llama.cpp's
  /// conversion has them: row i of a half becomes row 2i, or 2i + 1 in the second half.
  func gguf() -> GGUFWriter {
    var writer = TinyLlama.writer(blocks: 0, isTied: true)
    writer.tensors = []
    writer.set("llama.block_count", .uint32(2))
    writer.set("llama.context_length", .uint32(64))
    writer.set("llama.embedding_length", .uint32(16))
    writer.set("llama.feed_forward_length", .uint32(24))
    writer.set("llama.attention.head_count", .uint32(4))
    writer.set("llama.attention.head_count_kv", .uint32(2))
    writer.set("llama.attention.layer_norm_rms_epsilon", .float32(1e-5))
    for tensor in tensors {
      let isTurned = tensor.name.hasSuffix("q_proj.weight") || tensor.name.hasSuffix("k_proj.weight")
      var values = tensor.values
      if isTurned {
        let columns = tensor.shape[1]
        for row in 0..<tensor.shape[0] {
          let (head, place) = (row / Self.headSize, row % Self.headSize)
          let half = Self.headSize / 2
          let target = head * Self.headSize + 2 * (place % half) + place / half
          values.replaceSubrange(
            target * columns..<(target + 1) * columns, with: tensor.values[row * columns..<(row + 1) * columns])
        }
      }
      writer.add(tensor.gguf, tensor.shape, values)
    }
    return writer
  }

  private var tokenizer: String {
    let vocabulary = TinyLlama.tokens.enumerated().filter { !$1.hasPrefix("<|") }.map { "\(Self.quoted($1)): \($0)" }
      .joined(separator: ", ")
    let merges = TinyLlama.merges.map(Self.quoted).joined(separator: ", ")
    let added =
      addedTokens
      + TinyLlama.tokens.enumerated().filter { $1.hasPrefix("<|") }.map {
        "{\"id\": \($0), \"content\": \(Self.quoted($1)), \"special\": true, \"lstrip\": false}"
      }
    return """
      {"version": "1.0", "added_tokens": [\(added.joined(separator: ", "))], "normalizer": null,
      "pre_tokenizer": \(preTokenizer), "post_processor": {"type": "ByteLevel"},
      "model": {"type": "\(tokenizerModel)", "vocab": {\(vocabulary)}, "merges": [\(merges)]}}
      """
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  private func put(_ text: String, _ folder: URL, _ name: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: name))
  }
}
