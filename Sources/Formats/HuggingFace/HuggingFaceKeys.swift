import PlumbModel

/// The keys of a `config.json`, each read as what it must be.
struct HuggingFaceKeys {
  let json: JSONValue
  /// The family's own names of keys that most families have, by the usual name.
  let aliases: [String: String]
  let file: String

  /// The value of `key`, by whichever name.
  subscript(_ key: String) -> JSONValue { json[name(key)] }

  /// The name of `key` in the file.
  func name(_ key: String) -> String { aliases[key] ?? key }

  /// The error that `key` holds something else than what was `expected`.
  func fault(_ key: String, _ expected: String) -> ModelError {
    ModelError(
      file: file, problem: "key '\(name(key))' is \(self[key].shown), expected \(expected)",
      remedy: "use a model of a family that is known")
  }

  func count(_ key: String, otherwise: Int? = nil) throws(ModelError) -> Int {
    if self[key] == .null, let otherwise { return otherwise }
    // No count of a model comes near 2^31; below it, products of two cannot overflow.
    guard let value = self[key].integer, value > 0, value < 1 << 31 else {
      throw fault(key, "a count from 1 to 2^31 − 1")
    }
    return value
  }

  /// The number of the padding token; null is none, which no class that counts from it can do with.
  func padding(otherwise: Int) throws(ModelError) -> Int {
    guard case .object(let members) = json, members["pad_token_id"] != nil else { return otherwise }
    guard let value = self["pad_token_id"].integer, 0..<1 << 31 ~= value else {
      throw fault("pad_token_id", "a number of a token")
    }
    return value
  }

  func flag(_ key: String, otherwise: Bool) throws(ModelError) -> Bool {
    guard self[key] != .null else { return otherwise }
    guard let truth = self[key].truth else { throw fault(key, "true or false") }
    return truth
  }

  func number(_ key: String, otherwise: Double) throws(ModelError) -> Float {
    if self[key] == .null { return Float(otherwise) }
    guard case .number(let number) = self[key], Float(number).isFinite else {
      throw ModelError(
        file: file, problem: "key '\(name(key))' is \(self[key].shown), expected a number",
        remedy: "fetch the model again")
    }
    return Float(number)
  }

  func positive(_ key: String, otherwise: Float) throws(ModelError) -> Float {
    if self[key] == .null { return otherwise }
    guard let number = self[key].positive else { throw fault(key, "a positive number") }
    return number
  }

  /// The cap at `key`, where the family has one: null is none.
  func softCap(_ key: String, _ cap: Family.SoftCap) throws(ModelError) -> Float? {
    guard case .stated(let otherwise) = cap else {
      guard self[key] == .null else { throw fault(key, "null, as nothing else is computed here") }
      return nil
    }
    guard case .object(let members) = json, members[name(key)] != nil else { return otherwise }
    return self[key] == .null ? nil : try positive(key, otherwise: 0)
  }

  func activation(_ family: Family) throws(ModelError) -> ActivationFunction {
    let (key, otherwise) = family.activation
    guard self[key] != .null else { return otherwise }
    guard let function = self[key].text.flatMap({ family.activations[$0] }) else {
      throw fault(key, Family.words(family.activations.keys.sorted()))
    }
    return function
  }

  /// Whether each block is turned, where the file lists them.
  func turned(_ rule: Family.Unturned, blocks: Int) throws(ModelError) -> [Bool]? {
    guard case .listed(let period) = rule else { return nil }
    guard self["no_rope_layers"] != .null else {
      guard try count("no_rope_layer_interval", otherwise: period) == period else {
        throw fault("no_rope_layer_interval", "\(period)")
      }
      return nil
    }
    let numbers = (self["no_rope_layers"].elements ?? []).compactMap(\.integer)
    guard numbers.count == blocks, numbers.allSatisfy([0, 1].contains) else {
      throw fault("no_rope_layers", "0 or 1 for each of \(blocks) blocks")
    }
    return numbers.map { $0 == 1 }
  }
}
