import PlumbModel

/// The numbers that a GGUF file of a family of decoders or encoders states about its transformer.
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
  let attention: AttentionLayer
  /// The sizes of low-rank attention; `nil` for another.
  let lowRank: Family.StatedLowRank?
  let rotary: GGUFRotary
  /// The base of the angles of blocks with a window, where they have their own.
  let thetaOfWindows: Float?
  let windows: GGUFWindows
  let epsilon: Float
  let activation: ActivationFunction
  let isParallel: Bool
  let embeddingScale, branchScale, logitScale: ScaleLayer?
  let logitCap: Float?
  /// The limit of queries, keys and values; `nil` for none.
  let inputClamp: ClampLayer?
  /// The experts of the blocks that have some; `nil` for none.
  let experts: GGUFExperts?

  private static let activationKey = "hidden_activation"
  private static let clampKey = "attention.clamp_kqv"
  private static let slopeKey = "attention.max_alibi_bias"
  private static let used: Set<String> = [
    "block_count", "context_length", "embedding_length", "feed_forward_length",
    "vocab_size", "attention.head_count", "attention.head_count_kv", "attention.key_length",
    "attention.value_length",
  ]

  /// Reads the `metadata` of a file with the tensors `tensors`.
  init(_ metadata: GGUFMetadata, tensors: Set<String>, file: String) throws(ModelError) {
    let architecture = try metadata.required(metadata.string("general.architecture"), "general.architecture")
    // A norm or a window tells apart two families that have one name in GGUF files.
    let named = Family.all.filter { $0.architecture == architecture }
    let withNorms = named.filter { $0.tensorsInGGUF.firstNorm.map(tensors.contains) ?? true }
    let families = withNorms.isEmpty ? named : withNorms
    let hasWindow = metadata.values["\(architecture).attention.sliding_window"] != nil
    guard let family = families.first(where: { GGUFWindows.keys(of: $0).isEmpty != hasWindow }) ?? families.first else {
      throw ModelError(
        file: file,
        problem: "has the architecture \(ModelError.quoted(architecture)); only "
          + "\(Family.words(Family.all.compactMap(\.architecture))) can be read",
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

    name = try metadata.string("general.name") ?? "unnamed \(architecture) model"
    blocks = try required(family.key("block_count"))
    contextLength = try required(family.key("context_length"))
    let hidden = try required(family.key("embedding_length"))
    hiddenSize = hidden
    feedForwardSize = try count(family.key("feed_forward_length"))
    vocabularySize = try count(family.key("vocab_size"))
    let heads = try required(family.key("attention.head_count"))
    let epsilonKey = family.epsilonKeyInGGUF
    epsilon = try metadata.required(metadata.float(family.key(epsilonKey)), family.key(epsilonKey))
    guard epsilon >= 0 else {
      throw ModelError(
        file: file, problem: "\(family.key(epsilonKey)) is \(epsilon), expected a number from 0 up",
        remedy: "convert the model again")
    }
    let word = try metadata.string(family.key(Self.activationKey))
    guard let function = word.map({ family.activations[$0] }) ?? family.activation.otherwise else {
      throw ModelError(
        file: file, problem: "\(family.key(Self.activationKey)) is \(ModelError.quoted(word ?? ""))",
        remedy: "those that can be read are \(family.activations.keys.sorted().joined(separator: ", "))")
    }
    activation = function
    let lowRank = try GGUFLowRank.stated(family, epsilon: epsilon, metadata, file: file, count)
    self.lowRank = lowRank
    let statedHeads = try count(family.key("attention.head_count_kv")) ?? heads
    // Each head of low-rank attention has a key of its own, whatever count the file states: a latent row stands for them.
    let keyValueHeads = lowRank == nil ? statedHeads : heads
    let keyLength = if let lowRank { lowRank.headSize } else { try count(family.key("attention.key_length")) }
    guard keyLength != nil || hiddenSize.isMultiple(of: heads) else {
      throw ModelError(
        file: file, problem: "\(heads) heads do not divide the embedding length \(hiddenSize) evenly",
        remedy: "convert the model again")
    }
    let headSize = keyLength ?? hiddenSize / heads
    let valueLength = try count(family.key("attention.value_length")) ?? headSize
    guard lowRank != nil || valueLength == headSize else {
      throw ModelError(
        file: file, problem: "keys have \(headSize) elements a head and values \(valueLength)",
        remedy: "only models where the two are equal can be read")
    }
    rotary = try GGUFRotary(
      metadata, family, headSize: headSize, firstRotated: lowRank?.ownSize ?? 0, context: contextLength, file: file)
    /// The positive number at a key, whose 0 is nothing.
    func positive(_ key: String) throws(ModelError) -> Float? {
      guard let value = try metadata.float(family.key(key)), value != 0 else { return nil }
      guard value > 0 else {
        throw ModelError(
          file: file, problem: "key '\(family.key(key))' is \(value), expected a positive number",
          remedy: "convert the model again")
      }
      return value
    }
    func scale(_ multiplier: Family.Multiplier, _ key: String) throws(ModelError) -> ScaleLayer? {
      try multiplier.scale(hidden: hidden) { _, otherwise throws(ModelError) in try positive(key) ?? otherwise }
    }
    func cap(_ cap: Family.SoftCap, _ key: String) throws(ModelError) -> Float? {
      guard case .stated(let otherwise) = cap else { return nil }
      return metadata.values[family.key(key)] == nil ? otherwise : try positive(key)
    }
    (embeddingScale, branchScale, logitScale) = (
      try scale(family.embeddingScale, "embedding_scale"), try scale(family.branchScale, "residual_scale"),
      try scale(family.logitScale, "logit_scale")
    )
    logitCap = try cap(family.logitCap, "final_logit_softcapping")
    inputClamp = family.isClampedInGGUF ? try positive(Self.clampKey).map { ClampLayer(limit: $0) } : nil
    thetaOfWindows = try family.thetaOfWindows.map { otherwise throws(ModelError) in
      try positive("rope.freq_base_swa") ?? otherwise
    }
    experts = try GGUFExperts(family, metadata, blocks: blocks, file: file, count)
    windows = try GGUFWindows(metadata, family, blocks: blocks, file: file)
    isParallel =
      switch family.isParallel {
      case .never: false
      case .always: true
      case .stated(let key, let otherwise): try metadata.bool(family.key(key)) ?? otherwise
      }
    var attention = AttentionLayer(
      heads: heads, keyValueHeads: keyValueHeads, headSize: headSize, isCausal: !family.isEncoder)
    switch family.attentionScale {
    case .headSize: break
    case .size(_, _, let many):
      if blocks == many, hiddenSize.isMultiple(of: heads), hiddenSize / heads != headSize {
        attention.scaleSize = hiddenSize / heads
      }
    case .factor: attention.scale = try positive("attention.scale")
    }
    attention.stretch = rotary.stretch
    attention.softCap = try cap(family.scoreCap, "attn_logit_softcapping")
    if case .always(let isStated) = family.linearBias {
      let last = isStated ? try metadata.required(positive(Self.slopeKey), family.key(Self.slopeKey)) : 8
      attention.linearBias = LinearBias(heads: heads, last: last)
    }
    self.attention = attention
  }

  /// The keys that the family has beside those of all.
  private static func own(_ family: Family) -> Set<String> {
    var keys = GGUFRotary.keys.union(used).union([family.epsilonKeyInGGUF, SentenceSettings.poolingKey])
    if case .stated = family.scoreCap { keys.insert("attn_logit_softcapping") }
    if case .stated = family.logitCap { keys.insert("final_logit_softcapping") }
    if case .factor = family.attentionScale { keys.insert("attention.scale") }
    if case .stated(let key, _) = family.isParallel { keys.insert(key) }
    if family.isEncoder { keys.insert(activationKey) }
    if family.isClampedInGGUF { keys.insert(clampKey) }
    if case .always(true) = family.linearBias { keys.insert(slopeKey) }
    if family.thetaOfWindows != nil { keys.insert("rope.freq_base_swa") }
    for (multiplier, key) in [
      (family.embeddingScale, "embedding_scale"), (family.branchScale, "residual_scale"),
      (family.logitScale, "logit_scale"),
    ] {
      switch multiplier {
      case .factor, .divisor: keys.insert(key)
      case .none, .rootOfHidden: break
      }
    }
    return keys.union(GGUFWindows.keys(of: family)).union(GGUFExperts.keys(of: family))
      .union(GGUFLowRank.keys(of: family))
  }

  /// Refuses, by name, everything that would change the values and that no layer here computes.
  private static func refuseWhatIsNotComputed(
    _ metadata: GGUFMetadata, _ family: Family, file: String
  ) throws(ModelError) {
    let (prefix, own) = (family.key(""), own(family))
    for key in metadata.values.keys.sorted() where key.hasPrefix(prefix) {
      let name = String(key.dropFirst(prefix.count))
      guard !own.contains(name), let value = metadata.values[key],
        !changesNothing(name, value, family)
      else { continue }
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
        remedy: "use a model of the family without it")
    }
  }

  /// Whether `key` with `value` leaves every activation as it would be without it.
  private static func changesNothing(_ key: String, _ value: GGUFValue, _ family: Family) -> Bool {
    switch (key, value) {
    case ("expert_count", .integer(0)), ("expert_used_count", .integer(0)): true
    // Scores that are the softmax of all logits, and weights that no number multiplies.
    case ("expert_gating_func", .integer(1)), ("expert_weights_scale", .float32(1)),
      ("expert_weights_scale", .float32(0)):
      true
    case ("attn_logit_softcapping", .float32(0)), ("final_logit_softcapping", .float32(0)): true
    case ("attention.causal", .bool(let isCausal)): isCausal != family.isEncoder
    // Converters write both where a configuration has either; a norm by mean and variance has the other.
    case ("attention.layer_norm_rms_epsilon", .float32): family.isEncoder
    // The labels and the pooling of a head that computes something else from the rows; the sizes of products behind a pooling.
    case ("classifier.output_labels", .strings), ("classifier.pooling_type", .integer): family.isEncoder
    case ("dense_2_feat_in", .integer), ("dense_2_feat_out", .integer), ("dense_3_feat_in", .integer),
      ("dense_3_feat_out", .integer):
      family.isEncoder
    case ("use_parallel_residual", .bool(false)): true
    case ("attention.sliding_window", .integer(0)), ("attention.scale", .float32(0)): true
    case ("rope.scaling.yarn_ext_factor", .float32(1)), ("rope.scaling.yarn_log_multiplier", .float32(0)): true
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
