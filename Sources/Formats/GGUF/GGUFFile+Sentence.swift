import PlumbModel

extension SentenceSettings {
  /// The key of the pooling, under the family's name.
  static let poolingKey = "pooling_type"
}

extension GGUFFile {
  /// The way from an encoder's rows, of `width` elements, to one row for a text, as the file states it.
  ///
  /// Source: `llama_pooling_type` of llama.cpp, and its converter for the products.
  ///
  /// - Throws: `ModelError` when the file asks for what is not computed here.
  func sentenceSettings(width: Int) throws(ModelError) -> SentenceSettings {
    var settings = SentenceSettings()
    let architecture = try metadata.string("general.architecture") ?? ""
    let key = "\(architecture).\(SentenceSettings.poolingKey)"
    switch try metadata.integer(key) {
    case nil, 0: break
    case 1: settings.pooling = .mean
    case 2: settings.pooling = .first
    case 3: settings.pooling = .last
    case let other?:
      throw ModelError(
        file: file, problem: "key '\(key)' is \(other), which is not computed here",
        remedy: "use a model with one pooling: mean, cls or last")
    }
    for name in ["dense_2.weight", "dense_3.weight"] {
      guard let weight = tensors.first(where: { $0.name == name }) else { continue }
      try settings.append(LinearLayer(weight: weight), width: width, file: file)
    }
    return settings
  }
}
