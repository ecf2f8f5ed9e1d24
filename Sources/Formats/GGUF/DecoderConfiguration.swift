/// The numbers that a GGUF file of a family of decoders states about its transformer.
///
/// Every key under the family's name is either used or known to change nothing; any other is refused, because a key that is
/// ignored may be one that changes the values.
struct DecoderConfiguration {
  let family: Family
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
    "block_count", "context_length", "embedding_length", "feed_forward_length",
    "vocab_size", "attention.head_count", "attention.head_count_kv", "attention.key_length",
    "attention.value_length", "attention.layer_norm_rms_epsilon", "rope.dimension_count",
    "rope.freq_base", "rope.scaling.factor", "rope.scale_linear",
  ]

  init(_ metadata: GGUFMetadata, file: String) throws(ModelError) {
    let architecture = try metadata.required(metadata.string("general.architecture"), "general.architecture")
    let families = Family.all.filter { $0.pairingInGGUF != nil }
    guard let family = families.first(where: { $0.name == architecture }) else {
      throw ModelError(
        file: file,
        problem: "has the architecture \(ModelError.quoted(architecture)); only \(Family.words(families)) can be read",
        remedy: "use a model of one of these families")
    }
    self.family = family
    try Self.refuseWhatIsNotComputed(metadata, family, file: file)
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

    name = try metadata.string("general.name") ?? "unnamed \(family.name) model"
    blocks = try required(family.key("block_count"))
    contextLength = try required(family.key("context_length"))
    hiddenSize = try required(family.key("embedding_length"))
    feedForwardSize = try count(family.key("feed_forward_length"))
    vocabularySize = try count(family.key("vocab_size"))
    heads = try required(family.key("attention.head_count"))
    keyValueHeads = try count(family.key("attention.head_count_kv")) ?? heads
    let keyLength = try count(family.key("attention.key_length"))
    guard keyLength != nil || hiddenSize.isMultiple(of: heads) else {
      throw ModelError(
        file: file, problem: "\(heads) heads do not divide the embedding length \(hiddenSize) evenly",
        remedy: "convert the model again")
    }
    headSize = keyLength ?? hiddenSize / heads
    let valueLength = try count(family.key("attention.value_length")) ?? headSize
    guard valueLength == headSize else {
      throw ModelError(
        file: file, problem: "keys have \(headSize) elements a head and values \(valueLength)",
        remedy: "only models where the two are equal can be read")
    }
    rotatedSize = try count(family.key("rope.dimension_count")) ?? headSize
    theta = try metadata.float(family.key("rope.freq_base")) ?? 10_000
    positionFactor = try Self.positionFactor(metadata, family, file: file)
    let epsilonKey = family.key("attention.layer_norm_rms_epsilon")
    epsilon = try metadata.required(metadata.float(epsilonKey), epsilonKey)
    guard theta > 0, epsilon >= 0 else {
      throw ModelError(
        file: file, problem: "\(family.key("rope.freq_base")) is \(theta) and \(epsilonKey) is \(epsilon)",
        remedy: "the first must be positive and the second not negative: convert the model again")
    }
  }

  /// The number that positions are divided by; 1 where they are not.
  ///
  /// A factor without a type is linear, as in files from before scaling had a type; 0 means that there is none.
  private static func positionFactor(
    _ metadata: GGUFMetadata, _ family: Family, file: String
  ) throws(ModelError) -> Float {
    let keys = ["rope.scaling.factor", "rope.scale_linear"].map(family.key)
    let key = keys.first { metadata.values[$0] != nil } ?? keys[0]
    let factor = try metadata.float(key) ?? 0
    guard factor >= 0 else {
      throw ModelError(
        file: file, problem: "key '\(key)' is \(factor), expected a factor from 0 up", remedy: "convert the model again"
      )
    }
    let isOff = try metadata.string(family.key("rope.scaling.type")) == "none"
    return isOff || factor == 0 ? 1 : factor
  }

  /// Refuses, by name, everything that would change the values and that no layer here computes.
  private static func refuseWhatIsNotComputed(
    _ metadata: GGUFMetadata, _ family: Family, file: String
  ) throws(ModelError) {
    let prefix = family.key("")
    for key in metadata.values.keys.sorted() where key.hasPrefix(prefix) {
      let name = String(key.dropFirst(prefix.count))
      guard !used.contains(name), let value = metadata.values[key], !changesNothing(name, value) else { continue }
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
        remedy: "use a plain model of the family (no rope scaling but linear, experts, soft caps or sliding window)")
    }
  }

  /// Whether `key` with `value` leaves every activation as it would be without it.
  private static func changesNothing(_ key: String, _ value: GGUFValue) -> Bool {
    switch (key, value) {
    // The other types are made of more than a factor.
    case ("rope.scaling.type", .string("none")), ("rope.scaling.type", .string("linear")): true
    case ("expert_count", .integer(0)), ("expert_used_count", .integer(0)): true
    case ("attn_logit_softcapping", .float32(0)), ("final_logit_softcapping", .float32(0)): true
    case ("attention.causal", .bool(true)), ("use_parallel_residual", .bool(false)): true
    case ("attention.sliding_window", .integer(0)), ("attention.scale", .float32(0)): true
    case ("rope.scaling.attn_factor", .float32(1)): true
    case ("attention.clamp_kqv", .float32(0)), ("attention.max_alibi_bias", .float32(0)): true
    case ("logit_scale", .float32(let scale)), ("residual_scale", .float32(let scale)),
      ("embedding_scale", .float32(let scale)):
      scale == 1 || scale == 0
    // How the converter found the tensors; a word about the past.
    case ("tensor_data_layout", .string), ("rope.scaling.finetuned", .bool(false)): true
    default: false
    }
  }
}
