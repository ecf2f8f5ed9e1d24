/// The sizes of low-rank attention that a GGUF file states.
///
/// Files have two forms: those in which keys and values are the latent row itself, one head for all, and the sizes of the heads that
/// it stands for have names of their own; and older ones.
/// Source: `load_arch_hparams` and `load_arch_tensors` of llama.cpp's `deepseek2`.
enum GGUFLowRank {
  /// The keys of a file of `family` beside those of all.
  static func keys(of family: Family) -> Set<String> {
    family.lowRank == nil
      ? []
      : [
        "attention.q_lora_rank", "attention.kv_lora_rank", "attention.key_length_mla", "attention.value_length_mla",
        "rope.scaling.yarn_log_multiplier",
      ]
  }

  /// The sizes, counts by `count`; `nil` where the family has no such attention.
  ///
  /// - Throws: `ModelError` where sizes contradict one another; what `count` throws.
  static func stated(
    _ family: Family, epsilon: Float, _ metadata: GGUFMetadata, file: String,
    _ count: (_ key: String) throws(ModelError) -> Int?
  ) throws(ModelError) -> Family.StatedLowRank? {
    guard family.lowRank != nil else { return nil }
    func required(_ names: String...) throws(ModelError) -> Int {
      for name in names { if let value = try count(family.key(name)) { return value } }
      return try metadata.required(nil, family.key(names[0]))
    }
    let size = try required("attention.key_length_mla", "attention.key_length")
    let shared = try required("rope.dimension_count")
    guard shared < size else {
      throw ModelError(
        file: file,
        problem:
          "key '\(family.key("rope.dimension_count"))' is \(shared), expected less than a head's \(size) elements",
        remedy: "convert the model again")
    }
    return Family.StatedLowRank(
      queryRank: try count(family.key("attention.q_lora_rank")),
      keyValueRank: try required("attention.kv_lora_rank"), ownSize: size - shared, sharedSize: shared,
      valueSize: try required("attention.value_length_mla", "attention.value_length"), epsilon: epsilon)
  }
}
