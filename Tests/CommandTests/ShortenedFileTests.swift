import Foundation
import PlumbFormats
import PlumbModel
import Testing

#if os(Linux)
  /// A model file that is shortened in place after `plumb` mapped it.
  @Suite struct ShortenedFileTests {
    @Test func isAnErrorAndNoSignal() throws {
      let folder = try TemporaryFolder()
      try Self.write(LoadedModel.seeded.transformer, to: folder.url)
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
      func weight(_ role: ActivationName.Role, _ block: Int? = nil) -> Tensor {
        transformer.plan.step(ActivationName(block: block, role)).operation.tensors[0]
      }
      add("model.embed_tokens", weight(.embedding))
      for index in transformer.blocks.indices {
        let parts: [(String, ActivationName.Role)] = [
          ("input_layernorm", .attentionNorm), ("post_attention_layernorm", .feedForwardNorm),
          ("self_attn.q_proj", .query), ("self_attn.k_proj", .key), ("self_attn.v_proj", .value),
          ("self_attn.o_proj", .attentionOutput), ("mlp.gate_proj", .gate), ("mlp.up_proj", .up),
          ("mlp.down_proj", .down),
        ]
        for (part, role) in parts { add("model.layers.\(index).\(part)", weight(role, index)) }
      }
      add("model.norm", weight(.finalNorm))
      add("lm_head", weight(.logits))
      let attention = try #require(transformer.plan.attention(inBlock: 0))
      let configuration = """
        {"model_type": "llama", "hidden_size": \(transformer.hiddenSize), "vocab_size": \(transformer.vocabularySize),
        "num_hidden_layers": \(transformer.blocks.count), "num_attention_heads": \(attention.heads),
        "num_key_value_heads": \(attention.keyValueHeads), "head_dim": \(attention.headSize),
        "intermediate_size": \(weight(.gate, 0).rows)}
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
