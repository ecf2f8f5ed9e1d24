import PlumbModel

/// The numbers that the `config.json` of a Hugging Face folder states about its transformer.
///
/// A key that the family's class reads is used, or refused where it would change the values and is not computed here; a key
/// that the class does not read changes nothing there and is left alone here.
package struct HuggingFaceConfiguration: Sendable {
  let family: Family
  let blocks: Int
  let contextLength: Int
  /// The row of the first position.
  let firstPosition: Int
  let hiddenSize: Int
  let feedForwardSize: Int
  let vocabularySize: Int
  let attention: AttentionLayer
  let epsilon: Float
  let isTied: Bool
  let isParallel: Bool
  let activation: ActivationFunction
  /// The limit of queries, keys and values; `nil` for none.
  let inputClamp: ClampLayer?
  let embeddingScale, branchScale, logitScale: ScaleLayer?
  let logitCap: Float?
  /// Whether queries and keys are normalised before they are turned.
  let hasHeadNorms: Bool
  /// The sizes of low-rank attention; `nil` for another.
  let lowRank: Family.StatedLowRank?
  /// The experts of the blocks that have some; `nil` for none.
  let experts: Family.StatedExperts?
  /// The clamped gate of the experts; `nil` for none.
  let clamp: ClampedGateLayer?
  /// Whether the experts are packed as MXFP4.
  let hasPackedExperts: Bool
  /// The containers of matrices that are kept in several tensors.
  let containers: [any WeightContainer]
  /// The tokens after which the model has nothing more to say.
  let endOfText: [Int]
  private let windows: HuggingFaceWindows
  /// How heads are turned, and how in blocks with a window.
  private let rotary, rotaryOfWindows: RotaryEmbeddingLayer
  /// Whether a block is turned, where the file lists them.
  private let areTurned: [Bool]?
  private let biases: [String: Bool]

  /// Reads `bytes`, which `file` names in messages.
  ///
  /// - Throws: `ModelError` when they are damaged, or describe a model that is not computed here.
  package init(_ bytes: [UInt8], file: String) throws(ModelError) {
    var json = try JSONFile.decode(JSONValue.self, bytes, file: file)
    guard case .object(var members) = json else {
      throw ModelError(file: file, problem: "holds no object", remedy: "name the folder of a Hugging Face model")
    }
    let whole = json
    let named = Family.all.filter { $0.name == whole["model_type"].text }
    guard let family = named.first(where: { $0.isMeant?(whole) ?? true }) else {
      throw HuggingFaceKeys(json: json, aliases: [:], file: file)
        .fault("model_type", Family.words(Family.all.map(\.name)))
    }
    self.family = family
    if let key = family.nestedKeys, case .object(let nested)? = members.removeValue(forKey: key) {
      for (name, value) in nested where !Self.objects.contains(name) { members["\(key).\(name)"] = value }
      json = .object(members)
    }
    let keys = HuggingFaceKeys(json: json, aliases: family.aliases, file: file)
    hasPackedExperts =
      family.experts?.mayBePacked == true && json["quantization_config"]["quant_method"].text == "mxfp4"
    containers = hasPackedExperts ? [] : try keys.containers()
    for (key, accepted) in Self.changesNothing.merging(family.changesNothing, uniquingKeysWith: { $1 }).sorted(by: {
      $0.key < $1.key
    })
    where json[key] != .null && !accepted.contains(json[key]) {
      throw keys.fault(key, accepted.map(\.shown).joined(separator: " or ") + ", as nothing else is computed here")
    }
    for (key, value) in members.sorted(by: { $0.key < $1.key })
    where !Self.objects.contains(key) && !HuggingFaceKeys.quantisation.contains(key) {
      if case .object(let inner) = value, !inner.isEmpty {
        throw keys.fault(key, "none: what it holds may change the values, and nobody here knows it")
      }
    }

    blocks = try keys.count("num_hidden_layers")
    let context = try keys.count("max_position_embeddings", otherwise: family.contextLength)
    firstPosition = family.countsFromPadding ? try keys.padding(otherwise: 1) + 1 : 0
    guard firstPosition < context else { throw keys.fault("pad_token_id", "less than the \(context) positions") }
    let hidden = try keys.count("hidden_size")
    hiddenSize = hidden
    feedForwardSize = try keys.count("intermediate_size", otherwise: family.feedForwardShare.map { $0 * hidden })
    vocabularySize = try keys.count("vocab_size")
    let heads = try keys.count("num_attention_heads")
    let statedHeads = try keys.count(
      "num_key_value_heads",
      otherwise: members["num_key_value_heads"] == nil ? family.keyValueHeads ?? heads : heads)
    let keyValueHeads = family.impliedKeyValueHeads?(json, heads) ?? statedHeads
    let lowRank = try keys.lowRank(family, heads: heads, keyValueHeads: keyValueHeads)
    self.lowRank = lowRank
    guard lowRank != nil || json["head_dim"] != .null || family.headSize != nil || hiddenSize.isMultiple(of: heads)
    else {
      throw keys.fault("num_attention_heads", "a divisor of hidden_size, \(hiddenSize)")
    }
    let headSize =
      if let lowRank { lowRank.headSize } else {
        try keys.count("head_dim", otherwise: family.headSize ?? hiddenSize / heads)
      }
    let reader = HuggingFaceRotary(
      keys: keys, family: family, headSize: lowRank?.sharedSize ?? headSize, context: context)
    var attention = AttentionLayer(
      heads: heads, keyValueHeads: keyValueHeads, headSize: headSize, isCausal: !family.isEncoder)
    switch family.attentionScale {
    case .headSize: break
    case .size(let key, let otherwise, _):
      let size = try keys.count(key, otherwise: otherwise)
      if size != headSize { attention.scaleSize = size }
    case .factor(let key): attention.scale = try keys.positive(key, otherwise: 1)
    }
    attention.softCap = try keys.softCap("attn_logit_softcapping", family.scoreCap)
    switch family.linearBias {
    case .none: break
    case .always: attention.linearBias = LinearBias(heads: heads)
    case .stated(let key, let isScaled):
      if try keys.flag(key, otherwise: false) { attention.linearBias = LinearBias(heads: heads, isScaled: isScaled) }
    }
    if lowRank != nil { attention.stretch = try reader.stretch }
    self.attention = attention
    logitCap = try keys.softCap("final_logit_softcapping", family.logitCap)
    let number = try keys.number(family.epsilon.key, otherwise: family.epsilon.otherwise)
    guard number >= 0 else { throw keys.fault(family.epsilon.key, "a number from 0 up") }
    epsilon = number
    (embeddingScale, branchScale, logitScale) = (
      try family.embeddingScale.scale(hidden: hiddenSize, keys.positive(_:otherwise:)),
      try family.branchScale.scale(hidden: hiddenSize, keys.positive(_:otherwise:)),
      try family.logitScale.scale(hidden: hiddenSize, keys.positive(_:otherwise:))
    )
    activation = try keys.activation(family)
    inputClamp = try family.clampKey.flatMap { key throws(ModelError) in
      keys[key] == .null ? nil : ClampLayer(limit: try keys.positive(key, otherwise: 1))
    }
    experts = try keys.experts(family, blocks: blocks)
    clamp = try family.clamp.map { clamp throws(ModelError) in
      ClampedGateLayer(
        alpha: try keys.positive("swiglu_alpha", otherwise: clamp.alpha),
        limit: try keys.positive("swiglu_limit", otherwise: clamp.limit))
    }
    switch family.normalises {
    case .none: hasHeadNorms = false
    case .each, .all: hasHeadNorms = true
    case .stated(let key): hasHeadNorms = try keys.flag(key, otherwise: false)
    }
    switch family.isParallel {
    case .never: isParallel = false
    case .always: isParallel = true
    case .stated(let key, let otherwise): isParallel = try keys.flag(key, otherwise: otherwise)
    }

    var (rotary, limit) = try reader.layer(ofWindows: false)
    rotary.firstRotated = lowRank?.ownSize ?? 0
    if let key = family.lowRank?.pairingKey, try !keys.flag(key, otherwise: true) { rotary.pairing = .halfSplit }
    self.rotary = rotary
    rotaryOfWindows = try family.thetaOfWindows == nil ? rotary : reader.layer(ofWindows: true).layer
    contextLength = min(context, limit ?? context) - firstPosition
    isTied = try keys.flag("tie_word_embeddings", otherwise: family.isTied)
    var biases: [String: Bool] = [:]
    for bias in [family.inputBias, family.outputBias, family.feedForwardBias] {
      if case .stated(let key, let otherwise) = bias { biases[key] = try keys.flag(key, otherwise: otherwise) }
    }
    self.biases = biases
    windows = try HuggingFaceWindows(members, family.window, blocks: blocks) { keys.fault($0, $1) }
    areTurned = try keys.turned(family.unturned, blocks: blocks)
    endOfText = (json["eos_token_id"].elements ?? [json["eos_token_id"]]).compactMap(\.integer)
  }

  /// Whether a product with the biases `bias` has one, and the reason.
  func bias(_ bias: Family.Bias) -> (Bool, String) {
    let usual = { "those of the family '\(family.name)' have \($0 ? "one" : "none")" }
    switch bias {
    case .stated(let key, let otherwise):
      let isThere = biases[key] ?? otherwise
      return (isThere, "config.json says \(key) is \(isThere)")
    case .always: return (true, usual(true))
    case .never: return (false, usual(false))
    }
  }

  /// The window of each block, and how its heads are turned; `nil` for none.
  ///
  /// As many as there are blocks: a count that the tensors bear out.
  var partsOfBlocks: [(window: Int?, rotary: RotaryEmbeddingLayer?)] {
    (0..<blocks).map { index in
      let window = windows[index]
      let isTurned =
        switch family.unturned {
        case .none: family.tensors.positions == nil && attention.linearBias == nil
        case .listed(let period): areTurned?[index] ?? ((index + 1) % period != 0)
        case .withoutWindow: window != nil
        }
      return (window, isTurned ? (window == nil ? rotary : rotaryOfWindows) : nil)
    }
  }

  /// Keys that classes read, with the values that leave everything as it is computed here.
  private static let changesNothing: [String: [JSONValue]] = [
    "is_causal": [.bool(true)], "use_bidirectional_attention": [.bool(false)],
  ]

  /// Keys that hold objects: those of the rotary embedding, and others that change nothing, as how weights began.
  private static let objects: Set<String> = [
    "rope_scaling", "rope_parameters", "id2label", "label2id", "task_specific_params", "auto_map",
    "transformers.js_config", "init_config",
  ]
}
