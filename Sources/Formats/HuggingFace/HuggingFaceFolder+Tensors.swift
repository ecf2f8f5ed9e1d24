import PlumbModel

extension HuggingFaceFolder {
  /// What `model.safetensors.index.json` says.
  private struct Index: Decodable {
    /// The file of each tensor.
    let weightMap: [String: String]

    enum CodingKeys: String, CodingKey {
      case weightMap = "weight_map"
    }
  }

  /// Every tensor of the folder, from one file or from the parts that the index names.
  ///
  /// - Throws: `ModelError` when a part is missing, damaged or elsewhere, or a tensor is of a type that cannot be read.
  func tensors() throws(ModelError) -> [Tensor] {
    let single = "\(path)/model.safetensors"
    let indexPath = "\(single).index.json"
    guard MappedFile.exists(path: indexPath) else {
      return try tensors(SafeTensors(path: single), file: single)
    }
    let index = try JSONFile.read(Index.self, path: indexPath)
    var tensors: [Tensor] = []
    for (part, names) in Dictionary(grouping: index.weightMap.keys, by: { index.weightMap[$0] ?? "" })
      .sorted(by: { $0.key < $1.key })
    {
      guard !part.isEmpty, !part.contains("/"), !part.contains("\0") else {
        throw ModelError(
          file: indexPath, problem: "names the part \(ModelError.quoted(part)), which is no file of the folder",
          remedy: "fetch the model again")
      }
      let file = "\(path)/\(part)"
      let wanted = Set(names)
      let found = try self.tensors(SafeTensors(path: file), file: file).filter { wanted.contains($0.name) }
      if found.count < wanted.count, let missing = wanted.subtracting(found.map(\.name)).min() {
        throw ModelError(
          file: file, problem: "tensor \(ModelError.quoted(missing)) is missing, where the index says it is",
          remedy: "the model is incomplete: fetch it again")
      }
      tensors += found
    }
    return tensors
  }

  private func tensors(_ file: SafeTensors, file name: String) throws(ModelError) -> [Tensor] {
    var tensors: [Tensor] = []
    for entry in file.entries {
      guard let tensor = entry.weights else {
        throw ModelError(
          file: name,
          problem: "tensor \(ModelError.quoted(entry.name)) is stored as \(entry.type.rawValue), which cannot be read",
          remedy: "use a model stored in F32, F16 or BF16")
      }
      tensors.append(tensor)
    }
    return tensors
  }
}
