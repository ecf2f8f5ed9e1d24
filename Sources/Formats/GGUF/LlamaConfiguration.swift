/// The numbers that a GGUF file of the Llama architecture states about its transformer.
///
/// Every key under `llama.` is either used or known to change nothing; any other is refused, because a key that is
/// ignored may be one that changes the values.
struct LlamaConfiguration {
  let name: String
  let blocks: Int
  let contextLength: Int
  let hiddenSize: Int
  let feedForwardSize: Int?
  let vocabularySize: Int?
  let heads: Int
  let keyValueHeads: Int
  let headSize: Int
  let rotatedSize: Int
  let theta: Float
  let positionFactor: Float
  let epsilon: Float

  private static let used: Set<String> = [
    "llama.block_count", "llama.context_length", "llama.embedding_length", "llama.feed_forward_length",
    "llama.vocab_size", "llama.attention.head_count", "llama.attention.head_count_kv", "llama.attention.key_length",
    "llama.attention.value_length", "llama.attention.layer_norm_rms_epsilon", "llama.rope.dimension_count",
    "llama.rope.freq_base", "llama.rope.scaling.factor", "llama.rope.scale_linear",
  ]

  init(_ metadata: GGUFMetadata, file: String) throws(ModelError) {
    let architecture = try metadata.required(metadata.string("general.architecture"), "general.architecture")
    guard architecture == "llama" else {
      throw ModelError(
        file: file, problem: "has the architecture \(ModelError.quoted(architecture)); only 'llama' can be read",
        remedy: "use a Llama model")
    }
    try Self.refuseWhatIsNotComputed(metadata, file: file)
    func count(_ key: String) throws(ModelError) -> Int? {
      guard let value = try metadata.uniformInteger(key) else { return nil }
      // No count of a model comes near 2^31; below it, products of two cannot overflow.
      guard value > 0, value < 1 << 31 else {
        throw ModelError(
          file: file, problem: "key '\(key)' is \(value), expected a count from 1 to 2^31 − 1",
          remedy: "convert the model again")
      }
      return value
    }
    func required(_ key: String) throws(ModelError) -> Int {
      let value = try count(key)
      return try metadata.required(value, key)
    }

    name = try metadata.string("general.name") ?? "unnamed Llama model"
    blocks = try required("llama.block_count")
    contextLength = try required("llama.context_length")
    hiddenSize = try required("llama.embedding_length")
    feedForwardSize = try count("llama.feed_forward_length")
    vocabularySize = try count("llama.vocab_size")
    heads = try required("llama.attention.head_count")
    keyValueHeads = try count("llama.attention.head_count_kv") ?? heads
    let keyLength = try count("llama.attention.key_length")
    guard keyLength != nil || hiddenSize.isMultiple(of: heads) else {
      throw ModelError(
        file: file, problem: "\(heads) heads do not divide the embedding length \(hiddenSize) evenly",
        remedy: "convert the model again")
    }
    headSize = keyLength ?? hiddenSize / heads
    let valueLength = try count("llama.attention.value_length") ?? headSize
    guard valueLength == headSize else {
      throw ModelError(
        file: file, problem: "keys have \(headSize) elements a head and values \(valueLength)",
        remedy: "only models where the two are equal can be read")
    }
    rotatedSize = try count("llama.rope.dimension_count") ?? headSize
    theta = try metadata.float("llama.rope.freq_base") ?? 10_000
    positionFactor = try Self.positionFactor(metadata, file: file)
    let epsilonKey = "llama.attention.layer_norm_rms_epsilon"
    epsilon = try metadata.required(metadata.float(epsilonKey), epsilonKey)
    guard theta > 0, epsilon >= 0 else {
      throw ModelError(
        file: file, problem: "llama.rope.freq_base is \(theta) and \(epsilonKey) is \(epsilon)",
        remedy: "the first must be positive and the second not negative: convert the model again")
    }
  }

  /// What positions are divided by, and 1 where they are not.
  ///
  /// A factor without a type is linear, as in files from before scaling had a type; 0 means that there is none.
  private static func positionFactor(_ metadata: GGUFMetadata, file: String) throws(ModelError) -> Float {
    let keys = ["llama.rope.scaling.factor", "llama.rope.scale_linear"]
    let key = keys.first { metadata.values[$0] != nil } ?? keys[0]
    let factor = try metadata.float(key) ?? 0
    guard factor >= 0 else {
      throw ModelError(
        file: file, problem: "key '\(key)' is \(factor), expected a factor from 0 up", remedy: "convert the model again"
      )
    }
    let isOff = try metadata.string("llama.rope.scaling.type") == "none"
    return isOff || factor == 0 ? 1 : factor
  }

  /// Refuses, by name, everything that would change the values and that no layer here computes.
  private static func refuseWhatIsNotComputed(_ metadata: GGUFMetadata, file: String) throws(ModelError) {
    for key in metadata.values.keys.sorted() where key.hasPrefix("llama.") && !used.contains(key) {
      guard let value = metadata.values[key], !changesNothing(key, value) else { continue }
      let shown =
        switch value {
        case .string(let text): ModelError.quoted(text)
        case .integer(let number): "\(number)"
        case .float32(let number): "\(number)"
        case .bool(let truth): "\(truth)"
        default: value.kind
        }
      throw ModelError(
        file: file, problem: "key \(ModelError.quoted(key)) is \(shown), which asks for something not computed here",
        remedy: "use a plain Llama model (no rope scaling but linear, experts, soft caps or sliding window)")
    }
  }

  /// Whether `key` with `value` leaves every activation as it would be without it.
  private static func changesNothing(_ key: String, _ value: GGUFValue) -> Bool {
    switch (key, value) {
    // The other types are made of more than a factor.
    case ("llama.rope.scaling.type", .string("none")), ("llama.rope.scaling.type", .string("linear")): true
    case ("llama.expert_count", .integer(0)), ("llama.expert_used_count", .integer(0)): true
    case ("llama.attn_logit_softcapping", .float32(0)), ("llama.final_logit_softcapping", .float32(0)): true
    case ("llama.attention.causal", .bool(true)), ("llama.use_parallel_residual", .bool(false)): true
    case ("llama.attention.sliding_window", .integer(0)), ("llama.attention.scale", .float32(0)): true
    case ("llama.rope.scaling.attn_factor", .float32(1)): true
    case ("llama.attention.clamp_kqv", .float32(0)), ("llama.attention.max_alibi_bias", .float32(0)): true
    case ("llama.logit_scale", .float32(let scale)), ("llama.residual_scale", .float32(let scale)),
      ("llama.embedding_scale", .float32(let scale)):
      scale == 1 || scale == 0
    // How the converter found the tensors; a word about the past.
    case ("llama.tensor_data_layout", .string), ("llama.rope.scaling.finetuned", .bool(false)): true
    default: false
    }
  }
}
