/// The `model.safetensors.index.json` of a Hugging Face folder: the file of each tensor.
package struct HuggingFaceIndex {
  /// The names of the tensors of each file, by the file's name.
  package let parts: [String: [String]]

  private struct Contents: Decodable {
    let weightMap: [String: String]

    enum CodingKeys: String, CodingKey {
      case weightMap = "weight_map"
    }
  }

  /// Reads `bytes`, which `file` names in messages.
  ///
  /// - Throws: `ModelError` when they are damaged, or name a file outside the folder.
  package init(_ bytes: [UInt8], file: String) throws(ModelError) {
    let map = try JSONFile.decode(Contents.self, bytes, file: file).weightMap
    var parts: [String: [String]] = [:]
    for (name, part) in map { parts[part, default: []].append(name) }
    for part in parts.keys.sorted() where part.isEmpty || part.contains("/") || part.contains("\0") {
      throw ModelError(
        file: file, problem: "names the part \(ModelError.quoted(part)), which is no file of the folder",
        remedy: "fetch the model again")
    }
    self.parts = parts
  }
}
