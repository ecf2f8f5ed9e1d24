import Foundation
import PlumbFormats
import PlumbModel
import Testing

#if os(Linux)
  /// A model file that is shortened in place after `plumb` mapped it.
  @Suite struct ShortenedFileTests {
    @Test func isAnErrorAndNoSignal() throws {
      let folder = try TemporaryFolder()
      try Self.write(LoadedModel.shipped.transformer, to: folder.url)
      // The prompt comes when the file is mapped, and cut to its first page.
      let command = try Command(
        shell: """
          cd '\(folder.url.path(percentEncoded: false))' && mkfifo prompt && exec 3<> prompt
          "$plumb" run . --prompt-file - < prompt 3>&- & process=$!
          while kill -0 $process && ! grep -q model.safetensors /proc/$process/maps; do sleep 0.01; done
          truncate -s 4096 model.safetensors
          echo hello >&3; exec 3>&-
          wait $process
          """)
      #expect(command.status == 2, "\(command.errors)")
      #expect(command.errors.contains("was shortened while it was read"), "\(command.errors)")
      #expect(command.errors.split(separator: "\n").count == 1)
    }

    /// Writes `transformer` as a Hugging Face folder.
    private static func write(_ transformer: Transformer, to folder: URL) throws {
      var writer = SafeTensorsWriter()
      func add(_ name: String, _ tensor: Tensor) {
        let bytes = unsafe tensor.withUnsafeBytes { Array(unsafe $0) }
        writer.add("\(name).weight", .f32, shape: tensor.shape, bytes: bytes)
      }
      add("model.embed_tokens", transformer.embedding.weight)
      for (index, block) in transformer.blocks.enumerated() {
        let name = "model.layers.\(index)"
        add("\(name).input_layernorm", block.attentionNorm.weight)
        add("\(name).post_attention_layernorm", block.feedForwardNorm.weight)
        for (part, layer) in [
          ("self_attn.q_proj", block.query), ("self_attn.k_proj", block.key), ("self_attn.v_proj", block.value),
          ("self_attn.o_proj", block.output), ("mlp.gate_proj", block.feedForward.gate),
          ("mlp.up_proj", block.feedForward.up), ("mlp.down_proj", block.feedForward.down),
        ] {
          add("\(name).\(part)", layer.weight)
        }
      }
      add("model.norm", transformer.finalNorm.weight)
      add("lm_head", transformer.unembedding.weight)
      let attention = transformer.attention
      let configuration = """
        {"model_type": "llama", "hidden_size": \(transformer.hiddenSize), "vocab_size": \(transformer.vocabularySize),
        "num_hidden_layers": \(transformer.blocks.count), "num_attention_heads": \(attention.heads),
        "num_key_value_heads": \(attention.keyValueHeads), "head_dim": \(attention.headSize),
        "intermediate_size": \(transformer.blocks.first?.feedForward.gate.weight.rows ?? 0)}
        """
      try Data(configuration.utf8).write(to: folder.appending(path: "config.json"))
      let bytes = Dictionary(uniqueKeysWithValues: ByteAlphabet.scalars.enumerated().map { (String($1), $0) })
      let vocabulary = String(decoding: try JSONEncoder().encode(bytes), as: UTF8.self)
      let tokenizer = """
        {"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
        "model": {"type": "BPE", "vocab": \(vocabulary), "merges": []}}
        """
      try Data(tokenizer.utf8).write(to: folder.appending(path: "tokenizer.json"))
      try writer.write(to: folder.appending(path: "model.safetensors").path(percentEncoded: false))
    }
  }
#endif
