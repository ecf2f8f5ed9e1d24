import PlumbModel

/// A Llama decoder over bytes as a GGUF file: its tokenizer is byte-level BPE without merges.
package enum LlamaFile {
  /// The file's bytes: `weights` are in the places of `shape.parameters`; matrices are stored as `type`, normalisations as binary32.
  ///
  /// - Precondition: `type` is one of `StoredNumbers.types`, and its blocks divide the rows.
  package static func bytes(_ shape: LlamaShape, name: String, _ weights: [Float], as type: TensorType) -> [UInt8] {
    let pairs = metadata(shape, name: name)
    var header = Array("GGUF".utf8) + littleEndian(UInt32(3))
    header += littleEndian(UInt64(shape.parameters.count)) + littleEndian(UInt64(pairs.count))
    for (key, value) in pairs { header += text(key) + value }
    var data: [UInt8] = []
    for parameter in shape.parameters {
      let stored = parameter.shape.count == 2 ? type : .f32
      header += text(parameter.name) + littleEndian(UInt32(parameter.shape.count))
      for extent in parameter.shape.reversed() { header += littleEndian(UInt64(extent)) }
      header += littleEndian(stored.rawValue) + littleEndian(UInt64(data.count))
      data += padded(StoredNumbers.bytes(weights[parameter.places], as: stored))
    }
    return padded(header) + data
  }

  private static func metadata(_ shape: LlamaShape, name: String) -> [(key: String, value: [UInt8])] {
    let tokens = ByteAlphabet.scalars.map { String(Character($0)) }
    return [
      ("general.architecture", string("llama")), ("general.name", string(name)),
      ("llama.block_count", integer(shape.blocks)), ("llama.context_length", integer(shape.context)),
      ("llama.embedding_length", integer(shape.width)), ("llama.feed_forward_length", integer(shape.feedForward)),
      ("llama.attention.head_count", integer(shape.heads)),
      ("llama.attention.head_count_kv", integer(shape.keyValueHeads)),
      ("llama.attention.layer_norm_rms_epsilon", number(LlamaShape.epsilon)),
      ("llama.rope.freq_base", number(LlamaShape.theta)),
      ("llama.rope.dimension_count", integer(shape.headSize)), ("llama.vocab_size", integer(shape.vocabulary)),
      ("tokenizer.ggml.model", string("gpt2")), ("tokenizer.ggml.pre", string("default")),
      ("tokenizer.ggml.tokens", strings(tokens)), ("tokenizer.ggml.token_type", ones(tokens.count)),
      ("tokenizer.ggml.merges", strings([])), ("tokenizer.ggml.add_bos_token", littleEndian(UInt32(7)) + [0]),
    ]
  }

  private static func text(_ text: String) -> [UInt8] { littleEndian(UInt64(text.utf8.count)) + Array(text.utf8) }
  private static func string(_ value: String) -> [UInt8] { littleEndian(UInt32(8)) + text(value) }
  private static func integer(_ value: Int) -> [UInt8] { littleEndian(UInt32(4)) + littleEndian(UInt32(value)) }
  private static func number(_ value: Float) -> [UInt8] { littleEndian(UInt32(6)) + littleEndian(value.bitPattern) }
  private static func strings(_ values: [String]) -> [UInt8] {
    littleEndian(UInt32(9)) + littleEndian(UInt32(8)) + littleEndian(UInt64(values.count)) + values.flatMap(text)
  }
  private static func ones(_ count: Int) -> [UInt8] {
    littleEndian(UInt32(9)) + littleEndian(UInt32(5)) + littleEndian(UInt64(count))
      + [Int32](repeating: 1, count: count).flatMap { littleEndian($0) }
  }

  /// Zeros up to a multiple of 32 bytes.
  private static func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + [UInt8](repeating: 0, count: (32 - bytes.count % 32) % 32)
  }
}
