/// The base and the scaling of the rotary angles, as a `config.json` states them.
///
/// The members stand at the top, under `rope_scaling`, or under `rope_parameters` in newer files. A scaling that leaves every
/// angle as it is, or divides every position by one factor, is computed here; every other is refused by its name, and so is a
/// member that nobody here knows.
/// Source: `modeling_rope_utils.py` of huggingface/transformers 5.
struct HuggingFaceRotary {
  /// The base of the angles.
  let theta: Float
  /// The divisor of the positions: 1 where they are not scaled.
  let positionFactor: Float

  /// Members that hold for every kind of scaling.
  private static let common: Set<String> = ["rope_type", "type", "rope_theta", "partial_rotary_factor", "factor"]

  /// Members of each kind, beside the common ones, that change nothing where the factor is 1.
  private static let members: [String: Set<String>] = [
    "default": [], "linear": [], "dynamic": [],
    "llama3": ["low_freq_factor", "high_freq_factor", "original_max_position_embeddings"],
    "yarn": [
      "attention_factor", "beta_fast", "beta_slow", "mscale", "mscale_all_dim", "original_max_position_embeddings",
      "truncate",
    ],
  ]

  /// Reads what `configuration` says of heads of `headSize` elements.
  ///
  /// - Throws: `ModelError` that names the key which is not computed here, or which another contradicts.
  init(_ configuration: JSONValue, headSize: Int, file: String) throws(ModelError) {
    let (scaling, parameters) = (configuration["rope_scaling"], configuration["rope_parameters"])
    guard scaling == .null || parameters == .null || scaling == parameters else {
      throw ModelError(
        file: file, problem: "keys 'rope_scaling' and 'rope_parameters' differ",
        remedy: "which of the two holds is anyone's guess: leave one of them")
    }
    let key = scaling == .null ? "rope_parameters" : "rope_scaling"
    let json = configuration[key]
    theta = try Self.theta(configuration, json, key, file)
    positionFactor = try Self.positionFactor(json, key, headSize, file)
  }

  private static func theta(
    _ configuration: JSONValue, _ json: JSONValue, _ key: String, _ file: String
  ) throws(ModelError) -> Float {
    let (outer, inner) = (configuration["rope_theta"], json["rope_theta"])
    guard outer == .null || inner == .null || outer == inner else {
      throw fault("'rope_theta' is \(outer.shown), but '\(key).rope_theta' is \(inner.shown)", file)
    }
    let stated = inner == .null ? outer : inner
    if stated == .null { return 10_000 }
    guard case .number(let theta) = stated, Float(theta) > 0, Float(theta).isFinite else {
      throw fault("'rope_theta' is \(stated.shown), expected a positive number", file)
    }
    return Float(theta)
  }

  private static func positionFactor(
    _ json: JSONValue, _ key: String, _ headSize: Int, _ file: String
  ) throws(ModelError) -> Float {
    if json == .null { return 1 }
    guard case .object(let members) = json else { throw fault("'\(key)' is \(json.shown), expected an object", file) }
    let (type, older) = (json["rope_type"], json["type"])
    guard type == .null || older == .null || type == older else {
      throw fault("'\(key).rope_type' is \(type.shown), but '\(key).type' is \(older.shown)", file)
    }
    let stated = type == .null ? older : type
    let kind = stated == .null ? "default" : stated.text ?? ""
    func refusal() -> ModelError {
      ModelError(
        file: file, problem: "key '\(key)' asks for the rotary scaling \(stated.shown), which is not computed here",
        remedy: "use a model without rotary scaling, or with a linear one")
    }
    guard let known = Self.members[kind] else { throw refusal() }
    for name in members.keys.sorted() where json[name] != .null && !common.contains(name) && !known.contains(name) {
      throw fault("'\(key).\(name)' is \(json[name].shown), which nobody here knows with the scaling '\(kind)'", file)
    }
    let part = json["partial_rotary_factor"]
    guard part == .null || part == .number(1) else {
      throw fault("'\(key).partial_rotary_factor' is \(part.shown), expected 1", file)
    }
    let stretch = json["factor"]
    if kind == "default" && stretch == .null { return 1 }
    guard case .number(let number) = stretch, Float(number) > 0, Float(number).isFinite else {
      throw fault("'\(key).factor' is \(stretch.shown), expected a positive number", file)
    }
    switch kind {
    case "linear": return Float(number)
    // Up to `max_position_embeddings` tokens the base is multiplied by (factor − (factor − 1)) = 1 to some power, and no pass
    // here is longer; the power divides by the size of the heads less 2.
    case "dynamic" where headSize > 2: return 1
    // Every frequency is a mean of itself and of itself divided by the factor.
    case "default" where number == 1: return 1
    case "llama3" where number == 1 && json["low_freq_factor"] != json["high_freq_factor"]: return 1
    case "yarn" where number == 1 && [.null, .number(1)].contains(json["attention_factor"]): return 1
    case "default": throw fault("'\(key).factor' is \(stretch.shown), but there is no scaling that it belongs to", file)
    default: throw refusal()
    }
  }

  private static func fault(_ problem: String, _ file: String) -> ModelError {
    ModelError(file: file, problem: "key \(problem)", remedy: "use a model that says how its heads are turned")
  }
}
