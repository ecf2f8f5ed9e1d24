extension Family {
  /// BERT: types and positions added to the embedding, a norm before the first block and one after each sum.
  ///
  /// Its GGUF files hold the variants below as well: positions begin with the first that counts, and types may be missing.
  ///
  /// Source: the documentation of `BertConfig` in huggingface/transformers, and its class for the order of the norms.
  static let bert: Family = {
    let bias = Bias.always
    var family = Family(
      name: "bert", architecture: "bert", tensors: names("bert."), tensorsInGGUF: .encoderInGGUF, isEncoder: true,
      contextLength: 512, inputBias: bias, outputBias: bias, feedForwardBias: bias,
      norm: .layer(hasBias: true), epsilon: ("layer_norm_eps", 1e-12), activation: ("hidden_act", .gelu))
    family.changesNothing = [
      "is_decoder": [.bool(false)], "add_cross_attention": [.bool(false)],
      "position_embedding_type": [.string("absolute")],
    ]
    return family
  }()

  /// DistilBERT: BERT without types, by other names.
  ///
  /// Source: the documentation of `DistilBertConfig` in huggingface/transformers, and its class for epsilon.
  static let distilBERT: Family = {
    var family = bert
    family.name = "distilbert"
    family.architecture = nil
    family.tensors = TensorNames(
      embedding: "distilbert.embeddings.word_embeddings", positions: "distilbert.embeddings.position_embeddings",
      embeddingNorm: "distilbert.embeddings.LayerNorm", unembedding: "",
      attentionSumNorm: "distilbert.transformer.layer.{block}.sa_layer_norm",
      feedForwardSumNorm: "distilbert.transformer.layer.{block}.output_layer_norm",
      query: "distilbert.transformer.layer.{block}.attention.q_lin",
      key: "distilbert.transformer.layer.{block}.attention.k_lin",
      value: "distilbert.transformer.layer.{block}.attention.v_lin",
      output: "distilbert.transformer.layer.{block}.attention.out_lin", queryNorm: "", keyNorm: "",
      up: "distilbert.transformer.layer.{block}.ffn.lin1", down: "distilbert.transformer.layer.{block}.ffn.lin2",
      ignored: [".position_ids"],
      otherHeads: ["pre_classifier.", "classifier.", "vocab_", "qa_outputs."], prefix: "distilbert.")
    family.aliases = [
      "hidden_size": "dim", "num_hidden_layers": "n_layers", "num_attention_heads": "n_heads",
      "intermediate_size": "hidden_dim", "hidden_act": "activation",
    ]
    family.activation = ("activation", .gelu)
    family.changesNothing = ["layer_norm_eps": [.null]]
    return family
  }()

  /// RoBERTa: BERT with positions that begin behind the number of the padding token.
  ///
  /// Source: the documentation of `RobertaConfig` in huggingface/transformers, and its class for the positions.
  static let roBERTa = afterPadding("roberta")

  /// XLM-RoBERTa, the same by another name.
  ///
  /// Source: the documentation of `XLMRobertaConfig` in huggingface/transformers.
  static let xlmRoBERTa = afterPadding("xlm-roberta")

  private static func afterPadding(_ name: String) -> Family {
    var family = bert
    family.name = name
    family.architecture = nil
    family.countsFromPadding = true
    family.tensors = names("roberta.")
    return family
  }

  /// The names of BERT's tensors, which may begin with `prefix`.
  private static func names(_ prefix: String) -> TensorNames {
    let layer = "\(prefix)encoder.layer.{block}"
    return TensorNames(
      embedding: "\(prefix)embeddings.word_embeddings", types: "\(prefix)embeddings.token_type_embeddings",
      positions: "\(prefix)embeddings.position_embeddings", embeddingNorm: "\(prefix)embeddings.LayerNorm",
      unembedding: "", attentionSumNorm: "\(layer).attention.output.LayerNorm",
      feedForwardSumNorm: "\(layer).output.LayerNorm", query: "\(layer).attention.self.query",
      key: "\(layer).attention.self.key", value: "\(layer).attention.self.value",
      output: "\(layer).attention.output.dense", queryNorm: "", keyNorm: "", up: "\(layer).intermediate.dense",
      down: "\(layer).output.dense", ignored: [".position_ids"],
      otherHeads: ["pooler.", "cls.", "classifier.", "qa_outputs.", "lm_head."], prefix: prefix)
  }
}
