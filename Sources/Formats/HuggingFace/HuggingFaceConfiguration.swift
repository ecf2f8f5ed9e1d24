/// The numbers that the `config.json` of a Hugging Face folder states about its transformer.
///
/// A key that the family's class reads is used, or refused where it would change the values and is not computed here; a key
/// that the class does not read changes nothing there and is left alone here.
package struct HuggingFaceConfiguration: Sendable {
  let family: Family
  let blocks: Int
  let contextLength: Int
  let hiddenSize: Int
  let feedForwardSize: Int
  let vocabularySize: Int
  let heads: Int
  let keyValueHeads: Int
  let headSize: Int
  let rotary: HuggingFaceRotary
  let epsilon: Float
  let isTied: Bool
  private let windows: HuggingFaceWindows
  /// The tokens after which the model has nothing more to say.
  let endOfText: [Int]

  private let json: JSONValue
  private let file: String

  /// Reads `bytes`, which `file` names in messages.
  ///
  /// - Throws: `ModelError` when they are damaged, or describe a model that is not computed here.
  package init(_ bytes: [UInt8], file: String) throws(ModelError) {
    let json = try JSONFile.decode(JSONValue.self, bytes, file: file)
    self.json = json
    self.file = file
    func fault(_ key: String, _ expected: String) -> ModelError {
      ModelError(
        file: file, problem: "key '\(key)' is \(json[key].shown), expected \(expected)",
        remedy: "use a model of a family that is known")
    }
    func count(_ key: String, otherwise: Int? = nil) throws(ModelError) -> Int {
      if json[key] == .null, let otherwise { return otherwise }
      // No count of a model comes near 2^31; below it, products of two cannot overflow.
      guard let value = json[key].integer, value > 0, value < 1 << 31 else {
        throw fault(key, "a count from 1 to 2^31 − 1")
      }
      return value
    }
    func flag(_ key: String) throws(ModelError) -> Bool {
      guard json[key] != .null else { return false }
      guard let truth = json[key].truth else { throw fault(key, "true or false") }
      return truth
    }
    guard case .object(let members) = json else {
      throw ModelError(file: file, problem: "holds no object", remedy: "name the folder of a Hugging Face model")
    }
    guard let family = Family.all.first(where: { $0.name == json["model_type"].text }) else {
      throw fault("model_type", Family.words(Family.all))
    }
    self.family = family
    for (key, accepted) in Self.changesNothing where json[key] != .null && !accepted.contains(json[key]) {
      throw fault(key, accepted.map(\.shown).joined(separator: " or ") + ", as nothing else is computed here")
    }
    for (key, value) in members.sorted(by: { $0.key < $1.key }) where !Self.objects.contains(key) {
      if case .object(let inner) = value, !inner.isEmpty {
        throw fault(key, "none: what it holds may change the values, and nobody here knows it")
      }
    }

    blocks = try count("num_hidden_layers")
    contextLength = try count("max_position_embeddings", otherwise: family.contextLength)
    hiddenSize = try count("hidden_size")
    feedForwardSize = try count("intermediate_size")
    vocabularySize = try count("vocab_size")
    heads = try count("num_attention_heads")
    keyValueHeads = try count(
      "num_key_value_heads",
      otherwise: members["num_key_value_heads"] == nil ? family.keyValueHeads ?? heads : heads)
    guard json["head_dim"] != .null || family.headSize != nil || hiddenSize.isMultiple(of: heads) else {
      throw fault("num_attention_heads", "a divisor of hidden_size, \(hiddenSize)")
    }
    headSize = try count("head_dim", otherwise: family.headSize ?? hiddenSize / heads)
    let number = try Self.number(json, "rms_norm_eps", otherwise: 1e-6, file: file)
    guard number >= 0 else { throw fault("rms_norm_eps", "a number from 0 up") }
    epsilon = number
    rotary = try HuggingFaceRotary(json, headSize: headSize, file: file)
    isTied = try flag("tie_word_embeddings")
    for bias in [family.inputBias, family.outputBias, family.feedForwardBias] {
      if case .stated(let key) = bias { _ = try flag(key) }
    }
    windows = try HuggingFaceWindows(members, family.window, blocks: blocks, fault)
    endOfText = (json["eos_token_id"].elements ?? [json["eos_token_id"]]).compactMap(\.integer)
  }

  /// Whether a product with the biases `bias` has one.
  func has(_ bias: Family.Bias) -> Bool {
    switch bias {
    case .stated(let key): json[key].truth ?? false
    case .always: true
    case .never: false
    }
  }

  /// The window of each block; `nil` where it sees all positions.
  ///
  /// As many as there are blocks: a count that the tensors bear out.
  var windowOfBlocks: [Int?] { (0..<blocks).map { windows[$0] } }

  /// Keys that the class reads, with the values that leave everything as it is computed here.
  private static let changesNothing: [(key: String, accepted: [JSONValue])] = [
    ("hidden_act", [.string("silu"), .string("swish")]),
    ("quantization_config", [.null]),
    ("partial_rotary_factor", [.number(1)]), ("is_causal", [.bool(true)]),
  ]

  /// Keys that hold objects: those of the rotary embedding, and others that change nothing.
  private static let objects: Set<String> = [
    "rope_scaling", "rope_parameters", "id2label", "label2id", "task_specific_params", "auto_map",
    "transformers.js_config",
  ]

  private static func number(
    _ json: JSONValue, _ key: String, otherwise: Double, file: String
  ) throws(ModelError) -> Float {
    if json[key] == .null { return Float(otherwise) }
    guard case .number(let number) = json[key], Float(number).isFinite else {
      throw ModelError(
        file: file, problem: "key '\(key)' is \(json[key].shown), expected a number", remedy: "fetch the model again")
    }
    return Float(number)
  }
}
