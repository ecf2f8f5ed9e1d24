import PlumbModel

/// The members of the object in which a `config.json` states how matrices are quantised, each read as what it must be.
struct StatedQuantisation {
  /// The key of the object, with its place where it lies within another.
  let key: String
  let json: JSONValue
  let file: String

  /// The member `name`, an object of its own.
  func inner(_ name: String) -> StatedQuantisation {
    StatedQuantisation(key: "\(key).\(name)", json: json[name], file: file)
  }

  /// The error that the member `name` holds something else than what was `expected`.
  func fault(_ name: String, _ expected: String) -> ModelError {
    ModelError(
      file: file, problem: "key '\(key).\(name)' is \(json[name].shown), expected \(expected)",
      remedy: "use a model that is quantised in a way that is known")
  }

  /// Refuses a member that is not among `known` and those that must have certain values, or that has another value than those.
  ///
  /// - Parameter fixed: the values that leave the matrices as they are read here, for each such member.
  func refuseOthers(_ known: Set<String>, fixed: [String: [JSONValue]] = [:]) throws(ModelError) {
    guard case .object(let members) = json else {
      throw ModelError(
        file: file, problem: "key '\(key)' is \(json.shown), expected an object", remedy: "fetch the model again")
    }
    for (name, value) in members.sorted(by: { $0.key < $1.key }) {
      if let accepted = fixed[name] {
        guard value == .null || accepted.contains(value) else {
          throw fault(
            name, (accepted + [.null]).map(\.shown).joined(separator: " or ") + ", as nothing else is read here")
        }
      } else if !known.contains(name) {
        throw fault(name, "none: it may change what the tensors mean, and nobody here knows it")
      }
    }
  }

  /// The count `name`, one of `accepted`.
  func count(_ name: String, among accepted: ClosedRange<Int>, otherwise: Int? = nil) throws(ModelError) -> Int {
    if json[name] == .null, let otherwise { return otherwise }
    guard let value = json[name].integer, accepted.contains(value) else {
      throw fault(name, "a number from \(accepted.lowerBound) to \(accepted.upperBound)")
    }
    return value
  }

  /// The elements of a group at `name`; `nil` for −1, which is all of them.
  func groupSize(_ name: String = "group_size", otherwise: Int? = nil) throws(ModelError) -> Int? {
    json[name].integer == -1 ? nil : try count(name, among: 1...1 << 20, otherwise: otherwise)
  }

  func flag(_ name: String, otherwise: Bool) throws(ModelError) -> Bool {
    guard json[name] != .null else { return otherwise }
    guard let truth = json[name].truth else { throw fault(name, "true or false") }
    return truth
  }

  /// The word at `name`, one of `accepted`.
  func word(_ name: String, among accepted: [String], otherwise: String? = nil) throws(ModelError) -> String {
    guard let word = json[name] == .null ? otherwise : json[name].text?.lowercased(), accepted.contains(word) else {
      throw fault(name, Family.words(accepted))
    }
    return word
  }

  /// Two counts, such as the extents of a block; `nil` for null.
  func extents(_ name: String) throws(ModelError) -> (Int, Int)? {
    guard json[name] != .null else { return nil }
    let numbers = json[name].elements?.compactMap(\.integer) ?? []
    guard numbers.count == 2, json[name].elements?.count == 2, numbers.allSatisfy({ 1...1 << 20 ~= $0 }) else {
      throw fault(name, "two counts")
    }
    return (numbers[0], numbers[1])
  }
}

extension HuggingFaceKeys {
  /// The keys that state a quantisation: transformers', and MLX's, which may stand beside it.
  static let quantisation = ["quantization_config", "quantization"]

  /// The file in which modelopt states a quantisation, which older of its folders state there alone.
  private static let ofModelOpt = "hf_quant_config.json"

  /// The containers of the folder's matrices, as `config.json` states them, or modelopt's own file beside it; none where all are plain.
  ///
  /// - Throws: `ModelError` where one is stated that nobody here knows, or with an option that nobody knows.
  func containers() throws(ModelError) -> [any WeightContainer] {
    let (usual, ofMLX) = (Self.quantisation[0], Self.quantisation[1])
    if json[ofMLX] != .null {
      guard json[usual] == .null || json[usual] == json[ofMLX] else {
        throw fault(usual, "what '\(ofMLX)' is, where both are there")
      }
      return try StatedQuantisation(key: ofMLX, json: json[ofMLX], file: file).ofMLX()
    }
    guard json[usual] != .null else { return try containersOfModelOpt() }
    let stated = StatedQuantisation(key: usual, json: json[usual], file: file)
    let methods: [String: (StatedQuantisation) throws(ModelError) -> [any WeightContainer]] = [
      "awq": { stated throws(ModelError) in try stated.ofAWQ() },
      "bitsandbytes": { stated throws(ModelError) in try stated.ofBitsAndBytes() },
      "compressed-tensors": { stated throws(ModelError) in try stated.ofCompressedTensors() },
      "fp8": { stated throws(ModelError) in try stated.ofFP8() },
      "gptq": { stated throws(ModelError) in try stated.ofGPTQ() },
      "modelopt": { stated throws(ModelError) in try stated.ofModelOpt() },
    ]
    return try methods[stated.word("quant_method", among: methods.keys.sorted())]?(stated) ?? []
  }

  /// The containers that modelopt's own file states; none where there is no such file.
  private func containersOfModelOpt() throws(ModelError) -> [any WeightContainer] {
    let path = file.split(separator: "/", omittingEmptySubsequences: false).dropLast() + [Self.ofModelOpt[...]]
    let own = path.joined(separator: "/")
    guard file.hasSuffix("/config.json"), MappedFile.exists(path: own) else { return [] }
    let members = try JSONFile.members(JSONFile.bytes(path: own), file: own)
    let stated = StatedQuantisation(key: "quantization", json: members["quantization"] ?? .null, file: own)
    return try stated.ofModelOpt()
  }
}
