extension Family {
  /// Nomic: BERT with turned heads in place of positions and gated products without biases.
  ///
  /// Source: the documentation of `NomicBertConfig` in huggingface/transformers, and its class and its renamings for the tensors.
  static let nomic: Family = {
    let layer = "encoder.layers.{block}"
    var family = Family(
      name: "nomic_bert", architecture: "nomic-bert",
      tensors: TensorNames(
        embedding: "embeddings.word_embeddings", types: "embeddings.token_type_embeddings", embeddingNorm: "emb_ln",
        unembedding: "", attentionSumNorm: "\(layer).norm1", feedForwardSumNorm: "\(layer).norm2", query: "", key: "",
        value: "", fused: "\(layer).attn.Wqkv", output: "\(layer).attn.out_proj", queryNorm: "", keyNorm: "",
        gate: "\(layer).mlp.fc12", up: "\(layer).mlp.fc11", down: "\(layer).mlp.fc2",
        ignored: [".rotary_emb.inv_freq"], otherHeads: ["pooler.", "cls.", "classifier."]),
      tensorsInGGUF: TensorNames.encoderInGGUF.with { ($0.positions, $0.gate) = (nil, "blk.{block}.ffn_gate") },
      isEncoder: true, contextLength: 2048, inputBias: .never, outputBias: .never, feedForwardBias: .never,
      norm: .layer(hasBias: true), epsilon: ("layer_norm_eps", 1e-12), theta: 1000)
    family.changesNothing = ["is_decoder": [.bool(false)], "add_cross_attention": [.bool(false)]]
    return family
  }()
}
