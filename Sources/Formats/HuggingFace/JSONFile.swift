import Foundation

/// A JSON file of a model folder.
enum JSONFile {
  /// The greatest length of a file that is read: tokenizers have some ten million bytes.
  private static let greatestLength = 1 << 28

  /// The file at `path` as a `Value`.
  ///
  /// - Throws: `ModelError` when it is missing, too long, no JSON, or lacks what a `Value` needs, of which the key is named.
  static func read<Value: Decodable>(_ type: Value.Type, path: String) throws(ModelError) -> Value {
    let file = try MappedFile(path: path)
    guard file.count <= greatestLength else {
      throw ModelError(
        file: path, problem: "has \(file.count) bytes, more than any such file", remedy: "fetch the model again")
    }
    // Sound: the bytes are copied while they are lent.
    let data = unsafe file.withUnsafeBytes { unsafe Data($0) }
    do {
      return try JSONDecoder().decode(type, from: data)
    } catch let error as DecodingError {
      throw ModelError(file: path, problem: problem(error), remedy: "fetch the model again")
    } catch {
      throw ModelError(file: path, problem: "cannot be read as JSON", remedy: "fetch the model again")
    }
  }

  private static func problem(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, let context): "key '\(name(context.codingPath + [key]))' is missing"
    case .valueNotFound(_, let context): "key '\(name(context.codingPath))' is null"
    case .typeMismatch(let type, let context): "key '\(name(context.codingPath))' holds no \(type)"
    case .dataCorrupted(let context):
      context.codingPath.isEmpty ? "is not JSON" : "key '\(name(context.codingPath))' cannot be read"
    @unknown default: "cannot be read as JSON"
    }
  }

  private static func name(_ path: [any CodingKey]) -> String {
    path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
  }
}
