import PlumbModel

extension SentenceSettings {
  /// Reads the files beside the Hugging Face model at `path`, whose own rows have `width` elements.
  ///
  /// Source: the classes `Pooling`, `Dense` and `Transformer` of sentence-transformers, which writes and reads them.
  ///
  /// - Throws: `ModelError` when a file is damaged, or asks for what is not computed here.
  init(path: String, width: Int) throws(ModelError) {
    self.init()
    func json(_ name: String) throws(ModelError) -> JSONValue? {
      let file = "\(path)/\(name)"
      guard MappedFile.exists(path: file) else { return nil }
      return try JSONFile.decode(JSONValue.self, JSONFile.bytes(path: file), file: file)
    }
    var isNormalised = false
    if let modules = try json("modules.json") {
      guard let elements = modules.elements else {
        throw Self.fault("\(path)/modules.json", "holds no array")
      }
      for module in elements {
        let kind = module["type"].text?.split(separator: ".").last ?? ""
        switch kind {
        case "Transformer": continue
        // Cosines do not change where rows are made one long.
        case "Normalize": isNormalised = true
        case "Pooling":
          let folder = module["path"].text ?? "1_Pooling"
          guard pooling == nil, !folder.contains("/"), !folder.hasPrefix(".") else {
            throw Self.fault("\(path)/modules.json", "asks for a pooling in \(ModelError.quoted(folder))")
          }
          let name = "\(folder)/config.json"
          guard let stated = try json(name) else { throw Self.missing("\(path)/\(name)") }
          pooling = try Self.pooling(stated, file: "\(path)/\(name)")
        case "Dense":
          let folder = module["path"].text ?? ""
          guard pooling != nil, !folder.isEmpty, !folder.contains("/"), !folder.hasPrefix(".") else {
            throw Self.fault("\(path)/modules.json", "asks for a product in \(ModelError.quoted(folder))")
          }
          guard let stated = try json("\(folder)/config.json") else {
            throw Self.missing("\(path)/\(folder)/config.json")
          }
          let product = try Self.product(stated, path: "\(path)/\(folder)")
          // Only a product without a bias keeps directions, whatever the length before it.
          guard product.bias == nil || !isNormalised else {
            throw Self.fault("\(path)/modules.json", "adds a bias to a row that was made one long")
          }
          try append(product, width: width, file: "\(path)/\(folder)/model.safetensors")
        default:
          throw Self.fault("\(path)/modules.json", "has a module of type \(module["type"].shown)")
        }
      }
    }
    // The first that is there counts.
    guard let name = Self.names.first(where: { MappedFile.exists(path: "\(path)/\($0)") }),
      let sentences = try json(name)
    else { return }
    let file = "\(path)/\(name)"
    guard sentences["do_lower_case"] == .null || sentences["do_lower_case"] == .bool(false) else {
      throw Self.fault(file, "has do_lower_case \(sentences["do_lower_case"].shown)")
    }
    let length = sentences["max_seq_length"]
    guard length == .null || length.integer.map({ $0 > 0 }) == true else {
      throw Self.fault(file, "has max_seq_length \(length.shown)")
    }
    greatestLength = length.integer
  }

  /// The names that the settings of a text's length have had, in the order in which they are looked for.
  private static let names = ["bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"]
    .map { "sentence_\($0)_config.json" }

  /// The product whose `config.json` this is, in the folder at `path`.
  private static func product(_ json: JSONValue, path: String) throws(ModelError) -> LinearLayer {
    let function = json["activation_function"]
    guard function == .null || function.text?.hasSuffix(".Identity") == true else {
      throw fault("\(path)/config.json", "has the activation function \(function.shown)")
    }
    let file = "\(path)/model.safetensors"
    let stored = try SafeTensors(path: file)
    func tensor(_ name: String) throws(ModelError) -> Tensor {
      guard let entry = stored[name] else { throw TensorSource.missing(name, file: file) }
      guard let tensor = entry.weights else {
        throw fault(file, "holds tensor '\(name)' as \(entry.type.rawValue)")
      }
      return tensor
    }
    let bias = json["bias"] == .bool(false) ? nil : try tensor("linear.bias")
    return LinearLayer(weight: try tensor("linear.weight"), bias: bias)
  }

  /// The pooling that a `config.json` states, by one of its flags or by name.
  private static func pooling(_ json: JSONValue, file: String) throws(ModelError) -> Pooling {
    guard case .object(let members) = json else { throw fault(file, "holds no object") }
    let flags: [String: Pooling] = [
      "pooling_mode_cls_token": .first, "pooling_mode_mean_tokens": .mean, "pooling_mode_max_tokens": .max,
      "pooling_mode_lasttoken": .last,
      // The mean times a number that is the same for all elements, which changes no cosine.
      "pooling_mode_mean_sqrt_len_tokens": .mean,
    ]
    let names: [String: Pooling] = [
      "cls": .first, "mean": .mean, "max": .max, "lasttoken": .last, "mean_sqrt_len_tokens": .mean,
    ]
    let set = members.keys.filter { $0.hasPrefix("pooling_mode_") && members[$0] == .bool(true) }.sorted()
    let words = members["pooling_mode"].map { $0.elements ?? [$0] } ?? []
    let found = set.map { flags[$0] } + words.map { $0.text.flatMap { names[$0] } }
    guard found.count == 1, let pooling = found[0] else {
      let stated = (set + words.map(\.shown)).joined(separator: ", ")
      throw fault(file, "states the pooling \(stated.isEmpty ? "none" : stated)")
    }
    return pooling
  }

  private static func missing(_ file: String) -> ModelError {
    ModelError(file: file, problem: "is missing", remedy: "modules.json asks for it: fetch the model again")
  }

  private static func fault(_ file: String, _ problem: String) -> ModelError {
    ModelError(
      file: file, problem: "\(problem), which is not computed here",
      remedy: "use a model with one pooling (cls, mean, max or lasttoken) and plain products behind it")
  }
}
