/// The parts of a model that was split into several GGUF files.
///
/// Part i of n is called `NAME-0000i-of-0000n.gguf`, counted from 1, and has `split.no` i − 1, `split.count` n and
/// `split.tensors.count`, the number of tensors of all parts. Keys and values stand in the first.
/// Source: `llama_split_path` and the loader in llama.cpp.
extension GGUFFile {
  /// Maps and reads the file at `path`; where it is the first part of a model, all parts of it, which lie beside it.
  ///
  /// - Throws: `ModelError` when a file cannot be mapped or is not a sound GGUF file, when it is a later part, or when a part
  ///   is missing or belongs to another model.
  package init(path: String) throws(ModelError) {
    let first = try GGUFFile(bytes: MappedFile(path: path), file: path)
    let count = try first.metadata.integer("split.count") ?? 1
    guard count > 1 else {
      self = first
      return
    }
    let number = try first.metadata.integer("split.no") ?? 0
    guard count <= Int(UInt16.max), 0..<count ~= number else {
      throw Self.fault(path, "is part \(number) of \(count), counted from 0", "fetch or split the model again")
    }
    let suffix = Self.suffix(number, of: count)
    guard path.hasSuffix(suffix) else {
      throw Self.fault(
        path, "is part \(number + 1) of \(count) of a model, but its name does not end in '\(suffix)'",
        "rename the parts, so that they can be found, and name the first")
    }
    let stem = String(path.dropLast(suffix.count))
    guard number == 0 else {
      throw Self.fault(
        path, "is part \(number + 1) of \(count) of a model", "name the first, \(stem)\(Self.suffix(0, of: count))")
    }
    var parts = [first]
    for index in 1..<count {
      let name = stem + Self.suffix(index, of: count)
      guard MappedFile.exists(path: name) else {
        throw Self.fault(name, "is missing: the model has \(count) parts", "fetch the part")
      }
      let part = try GGUFFile(bytes: MappedFile(path: name), file: name)
      try part.check(isPart: index, of: first, count)
      parts.append(part)
    }
    try self.init(joining: parts)
  }

  /// The end of the name of part `index`, counted from 0.
  private static func suffix(_ index: Int, of count: Int) -> String {
    func digits(_ number: Int) -> String { String(repeating: "0", count: max(0, 5 - "\(number)".count)) + "\(number)" }
    return "-\(digits(index + 1))-of-\(digits(count)).gguf"
  }

  /// Checks that this is part `index` of the `count` whose first is `first`.
  private func check(isPart index: Int, of first: GGUFFile, _ count: Int) throws(ModelError) {
    let (number, ownCount) = (try metadata.integer("split.no"), try metadata.integer("split.count"))
    guard number == index, ownCount == count else {
      throw Self.fault(
        file,
        "is called part \(index + 1) of \(count), but has split.no \(number.map(String.init) ?? "none") of "
          + (ownCount.map(String.init) ?? "none"), "fetch or split the model again")
    }
    for (key, value) in metadata.values.sorted(by: { $0.key < $1.key }) where key != "split.no" {
      guard let held = first.metadata.values[key], held != value else { continue }
      throw Self.fault(
        file, "has another value of the key \(ModelError.quoted(key)) than the first part",
        "fetch the parts of one model")
    }
  }

  /// The model that `parts` are, first to last.
  private init(joining parts: [GGUFFile]) throws(ModelError) {
    let first = parts[0]
    var names = Set<String>()
    for part in parts {
      for tensor in part.tensors where !names.insert(tensor.name).inserted {
        throw Self.fault(
          part.file, "tensor \(ModelError.quoted(tensor.name)) stands in another part, too",
          "fetch the parts of one model")
      }
    }
    if let count = try first.metadata.integer("split.tensors.count"), count != names.count {
      throw Self.fault(
        first.file, "says that the parts hold \(count) tensors, but they hold \(names.count)",
        "fetch the parts of one model")
    }
    self.init(
      file: first.file, version: first.version, metadata: first.metadata, tensors: parts.flatMap(\.tensors),
      made: parts.reduce(into: []) { $0.formUnion($1.made) },
      parts: parts.count)
  }

  private static func fault(_ file: String, _ problem: String, _ remedy: String) -> ModelError {
    ModelError(file: file, problem: problem, remedy: remedy)
  }
}
