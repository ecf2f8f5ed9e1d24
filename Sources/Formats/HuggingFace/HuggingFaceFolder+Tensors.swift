import PlumbModel

/// The tensors of a folder: those that are stored as such, stacks of MXFP4, and those that are made of several.
typealias FolderTensors = (plain: [Tensor], packed: [PackedStack], made: [Tensor])

extension HuggingFaceFolder {
  /// Every tensor of the folder that has a part in what is computed, from one file or from the parts that the index names.
  ///
  /// - Throws: `ModelError` when a part is missing, damaged or elsewhere, a tensor is of a type that cannot be read, or both are
  ///   there and differ.
  func tensors() throws(ModelError) -> FolderTensors {
    let single = "\(path)/model.safetensors"
    let indexPath = "\(single).index.json"
    guard MappedFile.exists(path: indexPath) else {
      return try tensors(SafeTensors(path: single), file: single)
    }
    let parts = try tensors(index: HuggingFaceIndex(JSONFile.bytes(path: indexPath), file: indexPath))
    if MappedFile.exists(path: single) {
      let whole = try tensors(SafeTensors(path: single), file: single)
      if let name = Self.difference(whole.plain + whole.made, parts.plain + parts.made) {
        throw ModelError(
          file: path,
          problem:
            "has two sets of weights, model.safetensors and the parts that model.safetensors.index.json names, and "
            + "tensor \(ModelError.quoted(name)) is not the same in both",
          remedy: "delete the one that is not meant (transformers reads model.safetensors)")
      }
    }
    return parts
  }

  /// The first tensor by name that is not in both, or not the same in both.
  private static func difference(_ first: [Tensor], _ second: [Tensor]) -> String? {
    func byName(_ tensors: [Tensor]) -> [String: Tensor] {
      Dictionary(tensors.map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })
    }
    let (first, second) = (byName(first), byName(second))
    return Set(first.keys).union(second.keys).sorted().first { name in
      guard let one = first[name], let other = second[name] else { return true }
      return !one.isStoredAs(other)
    }
  }

  private func tensors(index: HuggingFaceIndex) throws(ModelError) -> FolderTensors {
    var entries: [(SafeTensors.Entry, file: String)] = []
    for (part, names) in index.parts.sorted(by: { $0.key < $1.key }) {
      let file = "\(path)/\(part)"
      let wanted = Set(names)
      let found = try SafeTensors(path: file).entries.filter { wanted.contains($0.name) && !isIgnored($0.name) }
      if let missing = wanted.subtracting(found.map(\.name)).filter({ !isIgnored($0) }).min() {
        throw ModelError(
          file: file, problem: "tensor \(ModelError.quoted(missing)) is missing, where the index says it is",
          remedy: "the model is incomplete: fetch it again")
      }
      entries += found.map { ($0, file) }
    }
    return try tensors(entries)
  }

  /// Whether the tensor called `name` is of a block behind those that are counted, in a family that may have some.
  private func isOfLaterBlock(_ name: String) -> Bool {
    guard let first = firstLaterBlock, name.hasPrefix("model.layers.") else { return false }
    let digits = name.dropFirst("model.layers.".count).prefix { $0.isASCII && $0.isNumber }
    return Int(digits).map { $0 >= first } ?? false
  }

  private func isIgnored(_ name: String) -> Bool { names.ignores(name) || isOfLaterBlock(name) }

  private func tensors(_ file: SafeTensors, file name: String) throws(ModelError) -> FolderTensors {
    try tensors(file.entries.filter { !isIgnored($0.name) }.map { ($0, name) })
  }

  /// The tensors of `entries`, each of the file beside it; what the folder says that it keeps in several is one.
  private func tensors(_ entries: [(SafeTensors.Entry, file: String)]) throws(ModelError) -> FolderTensors {
    var entries = entries
    let made = try containers.take(from: &entries)
    var (plain, packed): ([Tensor], [PackedStack]) = ([], [])
    let scales = hasPackedExperts ? entries.filter { $0.0.name.hasSuffix(PackedStack.scales) } : []
    let scalesByName = Dictionary(scales.map { ($0.0.name, $0.0) }, uniquingKeysWith: { first, _ in first })
    for (entry, file) in entries where scalesByName[entry.name] == nil {
      if hasPackedExperts, entry.name.hasSuffix(PackedStack.blocks) {
        let name = String(entry.name.dropLast(PackedStack.blocks.count))
        guard let scales = scalesByName[name + PackedStack.scales] else {
          throw TensorSource.missing(name + PackedStack.scales, file: file)
        }
        packed.append(try PackedStack(name, entry, scales, file: file))
        continue
      }
      guard let tensor = entry.weights else { throw unreadable(entry, file: file) }
      plain.append(tensor)
    }
    return (plain, packed, made)
  }

  /// The error that `entry` is no tensor of numbers, and no part of one that is.
  private func unreadable(_ entry: SafeTensors.Entry, file: String) -> ModelError {
    let problem = "tensor \(ModelError.quoted(entry.name)) is stored as \(entry.type.rawValue)"
    let ends = containers.filter { $0.parts.contains { entry.name.hasSuffix($0) } }.map { "'…\($0.parts[0])'" }
    guard ends.isEmpty else {
      return ModelError(
        file: file, problem: "\(problem), but there is no \(Set(ends).sorted().joined(separator: " or ")) beside it",
        remedy: "the model is incomplete: fetch it again")
    }
    return ModelError(
      file: file, problem: "\(problem), which cannot be read", remedy: "use a model stored in F32, F16 or BF16")
  }
}

extension Tensor {
  /// Whether `other` has the same shape, type and bytes.
  func isStoredAs(_ other: Tensor) -> Bool {
    // Sound: both buffers are used only while they are lent.
    type == other.type && shape == other.shape
      && (unsafe withUnsafeBytes { first in unsafe other.withUnsafeBytes { unsafe first.elementsEqual($0) } })
  }
}
