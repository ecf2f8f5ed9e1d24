import PlumbModel

/// The base and the scaling of the rotary angles, as a `config.json` states them.
///
/// The members stand at the top, under `rope_scaling`, or under `rope_parameters` in newer files. A kind of scaling that is not
/// computed here is refused by its name, and so is a member that nobody here knows.
/// Source: `modeling_rope_utils.py` of huggingface/transformers 5.
struct HuggingFaceRotary {
  let keys: HuggingFaceKeys
  let family: Family
  let headSize: Int
  /// The tokens that the model was made for.
  let context: Int

  /// Members that hold for every kind of scaling.
  private static let common: Set<String> = ["rope_type", "type", "rope_theta", "partial_rotary_factor", "factor"]

  /// Members of each kind, beside the common ones.
  private static let members: [String: Set<String>] = [
    "default": [], "linear": [], "dynamic": [],
    "llama3": ["low_freq_factor", "high_freq_factor", "original_max_position_embeddings"],
    "yarn": [
      "attention_factor", "beta_fast", "beta_slow", "mscale", "mscale_all_dim", "original_max_position_embeddings",
      "truncate",
    ],
    "longrope": ["attention_factor", "short_factor", "long_factor", "original_max_position_embeddings"],
  ]

  /// Members of a family that scales queries beyond the positions of training.
  private static let late: Set<String> = ["llama_4_scaling_beta", "max_position_embeddings"]

  /// Members that each type of blocks has for itself.
  private static let types = ["full_attention", "sliding_attention"]

  /// The layer of the blocks with a window or of the others, and the number of tokens up to which its scaling is that; `nil` for no
  /// limit.
  ///
  /// - Throws: `ModelError` that names the key which is not computed here, or which another contradicts.
  func layer(ofWindows: Bool) throws(ModelError) -> (layer: RotaryEmbeddingLayer, limit: Int?) {
    let (scaling, parameters) = (keys.json["rope_scaling"], keys.json["rope_parameters"])
    guard scaling == .null || parameters == .null || scaling == parameters else {
      throw ModelError(
        file: keys.file, problem: "keys 'rope_scaling' and 'rope_parameters' differ",
        remedy: "which of the two holds is anyone's guess: leave one of them")
    }
    var key = scaling == .null ? "rope_parameters" : "rope_scaling"
    var json = keys.json[key]
    let isNested =
      if case .object(let members) = json { members.keys.contains(where: Self.types.contains) } else { false }
    if isNested {
      guard family.thetaOfWindows != nil, case .object(let members) = json, members.keys.allSatisfy(Self.types.contains)
      else {
        throw ModelError(
          file: keys.file,
          problem: "key '\(key)' holds members for types of blocks, which the family '\(family.name)' has not",
          remedy: "use a model of a family that is known")
      }
      key += "." + Self.types[ofWindows ? 1 : 0]
      json = json[Self.types[ofWindows ? 1 : 0]]
    } else if ofWindows {
      json = .null
    }
    let share = try share(json, key)
    let reader = Reader(
      keys: keys, scalesLateQueries: family.scalesLateQueries, hasOwnScaling: family.hasOwnScaling, json: json,
      key: key,
      size: Int(Double(headSize) * share), context: context, file: keys.file)
    let theta =
      ofWindows
      ? try reader.theta(stated: isNested ? .null : keys["rope_local_base_freq"], otherwise: family.thetaOfWindows ?? 0)
      : try reader.theta(stated: keys["rope_theta"], otherwise: family.theta)
    var layer = RotaryEmbeddingLayer(rotatedSize: reader.size, theta: theta, pairing: family.pairing)
    let limit = try reader.scale(&layer)
    return (layer, limit)
  }

  /// The share of a head that is turned.
  private func share(_ json: JSONValue, _ key: String) throws(ModelError) -> Double {
    let (name, usual) = ("partial_rotary_factor", family.turnedShare)
    let (outer, inner) = (keys[name], json[name])
    guard outer == .null || inner == .null || outer == inner else {
      throw keys.fault(name, "\(inner.shown), which '\(key).\(name)' is")
    }
    let stated = inner == .null ? outer : inner
    guard case .number(let share) = stated == .null ? .number(usual ?? 1) : stated, share > 0, share <= 1,
      usual != nil || share == 1
    else {
      throw ModelError(
        file: keys.file,
        problem: "key '\(inner == .null ? keys.name(name) : "\(key).\(name)")' is \(stated.shown), expected "
          + (usual == nil ? "1" : "a share above 0 and up to 1"),
        remedy: "use a model that says how its heads are turned")
    }
    return share
  }

  /// Reads the members of one object.
  private struct Reader {
    let keys: HuggingFaceKeys
    let scalesLateQueries, hasOwnScaling: Bool
    let json: JSONValue
    let key: String
    let size, context: Int
    let file: String

    /// The base, which may stand at the top as `stated`, too.
    func theta(stated outer: JSONValue, otherwise: Float) throws(ModelError) -> Float {
      let inner = json["rope_theta"]
      guard outer == .null || inner == .null || outer == inner else {
        throw fault("'\(keys.name("rope_theta"))' is \(outer.shown), but '\(key).rope_theta' is \(inner.shown)")
      }
      let stated = inner == .null ? outer : inner
      if stated == .null { return otherwise }
      guard let theta = stated.positive else {
        throw fault("'rope_theta' is \(stated.shown), expected a positive number")
      }
      return theta
    }

    /// Gives `layer` its scaling, and returns the number of tokens up to which it holds.
    func scale(_ layer: inout RotaryEmbeddingLayer) throws(ModelError) -> Int? {
      if json == .null {
        // A class with a scaling of its own means that.
        guard !hasOwnScaling else { throw fault("'\(key)' is null, expected the scaling of the angles") }
        return nil
      }
      guard case .object(let members) = json else { throw fault("'\(key)' is \(json.shown), expected an object") }
      let kind = try kind
      guard var known = HuggingFaceRotary.members[kind] else {
        throw ModelError(
          file: file, problem: "key '\(key)' asks for the rotary scaling '\(kind)', which is not computed here",
          remedy: "those that are known are \(HuggingFaceRotary.members.keys.sorted().joined(separator: ", "))")
      }
      if scalesLateQueries { known.formUnion(HuggingFaceRotary.late) }
      for name in members.keys.sorted()
      where json[name] != .null && !HuggingFaceRotary.common.contains(name) && !known.contains(name) {
        throw fault("'\(key).\(name)' is \(json[name].shown), which nobody here knows with the scaling '\(kind)'")
      }
      switch kind {
      case "linear": layer.scalingFactor = try number("factor")
      // Up to `max_position_embeddings` tokens the base is multiplied by (factor − (factor − 1)) = 1 to some power, and no
      // pass here is longer; the power divides by the size of the heads less 2.
      case "dynamic":
        _ = try number("factor")
        guard size > 2 else { throw fault("'\(key)' scales heads of \(size) elements dynamically, which divides by 0") }
      case "llama3":
        let (low, high) = (try number("low_freq_factor"), try number("high_freq_factor"))
        let factor = try number("factor")
        guard low < high else { throw fault("'\(key).low_freq_factor' is \(low), but 'high_freq_factor' is \(high)") }
        if factor != 1 { layer.scaling = .smooth(factor: factor, low: low, high: high, context: Float(try original)) }
      case "yarn":
        try scaleByRamp(&layer)
        // Up to the positions of training the queries' number is 1.
        if ![.null, .number(0)].contains(json["llama_4_scaling_beta"]) { return try original }
      case "longrope": return try scaleByDivisors(&layer)
      default:
        guard [.null, .number(1)].contains(json["factor"]) else {
          throw fault("'\(key).factor' is \(json["factor"].shown), but there is no scaling that it belongs to")
        }
      }
      return nil
    }

    private func scaleByRamp(_ layer: inout RotaryEmbeddingLayer) throws(ModelError) {
      guard json["truncate"] == .null || json["truncate"].truth != nil else {
        throw fault("'\(key).truncate' is \(json["truncate"].shown), expected true or false")
      }
      let factor = try stretch
      let (own, all) = (json["mscale"], json["mscale_all_dim"])
      if json["attention_factor"] != .null {
        layer.magnitude = .number(try number("attention_factor"))
      } else if factor > 1 {
        // Both count, or neither; 0 is as good as nothing.
        let areGiven = ![.null, .number(0)].contains(own) && ![.null, .number(0)].contains(all)
        let (numerator, denominator): (Float, Float) =
          areGiven ? (try number("mscale"), try number("mscale_all_dim")) : (1, 0)
        if numerator != denominator {
          layer.magnitude = .logarithms(factor: factor, numerator: numerator, denominator: denominator)
        }
      }
      guard factor != 1 else { return }
      let ramp = YarnRamp(
        size: size, theta: layer.theta, context: Float(try original), fast: try turns("beta_fast", otherwise: 32),
        slow: try turns("beta_slow", otherwise: 1))
      if json["truncate"] == .bool(false) {
        guard ramp.liesWithin else { throw fault("'\(key)' is \(ramp.words), which is no ramp between pairs") }
        layer.scaling = .turns(factor: factor, fast: ramp.fast, slow: ramp.slow, context: ramp.context)
        return
      }
      guard let ends = ramp.ends else {
        throw fault("'\(key)' is \(ramp.words), which is no ramp")
      }
      layer.scaling = .ramp(factor: factor, first: ends.first, last: ends.last)
    }

    /// The divisors of short contexts: those of passes up to the positions of training, which are all that are computed.
    private func scaleByDivisors(_ layer: inout RotaryEmbeddingLayer) throws(ModelError) -> Int {
      var lists: [[Float]] = []
      for name in ["short_factor", "long_factor"] {
        let divisors = (json[name].elements ?? []).compactMap(\.positive)
        guard divisors.count == layer.pairs, json[name].elements?.count == layer.pairs else {
          throw fault("'\(key).\(name)' is \(json[name].shown), expected \(layer.pairs) positive numbers")
        }
        lists.append(divisors)
      }
      let (factor, original) = (try stretch, try original)
      if json["attention_factor"] != .null {
        layer.magnitude = .number(try number("attention_factor"))
      } else if factor > 1, original > 1 {
        layer.magnitude = .root(factor: factor, context: Float(original))
      }
      if lists[0].contains(where: { $0 != 1 }) { layer.scaling = .divisors(lists[0]) }
      return original
    }

    private var kind: String {
      get throws(ModelError) {
        let (type, older) = (json["rope_type"], json["type"])
        guard type == .null || older == .null || type == older else {
          throw fault("'\(key).rope_type' is \(type.shown), but '\(key).type' is \(older.shown)")
        }
        let stated = type == .null ? older : type
        guard let kind = stated == .null ? "default" : stated.text else {
          throw fault("'\(key).rope_type' is \(stated.shown), expected a name")
        }
        return kind
      }
    }

    /// The positions of training.
    private var original: Int {
      get throws(ModelError) {
        let name = "original_max_position_embeddings"
        let (outer, inner) = (keys[name], json[name])
        guard outer == .null || inner == .null || outer == inner else {
          throw fault("'\(name)' is \(outer.shown), but '\(key).\(name)' is \(inner.shown)")
        }
        let stated = inner == .null ? outer : inner
        if stated == .null { return context }
        guard let count = stated.integer, 1..<1 << 24 ~= count else {
          throw fault("'\(key).\(name)' is \(stated.shown), expected a count from 1 to 2^24 − 1")
        }
        return count
      }
    }

    /// The factor, or the quotient of the context and of that of training.
    private var stretch: Float {
      get throws(ModelError) {
        json["factor"] == .null ? Float(Double(context) / Double(try original)) : try number("factor")
      }
    }

    private func turns(_ name: String, otherwise: Float) throws(ModelError) -> Float {
      [.null, .number(0)].contains(json[name]) ? otherwise : try number(name)
    }

    private func number(_ name: String) throws(ModelError) -> Float {
      guard let number = json[name].positive else {
        throw fault("'\(key).\(name)' is \(json[name].shown), expected a positive number")
      }
      return number
    }

    private func fault(_ problem: String) -> ModelError {
      ModelError(file: file, problem: "key \(problem)", remedy: "use a model that says how its heads are turned")
    }
  }
}

extension JSONValue {
  /// The Float32 nearest to a number, where it is positive and finite.
  var positive: Float? {
    guard case .number(let number) = self, Float(number) > 0, Float(number).isFinite else { return nil }
    return Float(number)
  }
}
