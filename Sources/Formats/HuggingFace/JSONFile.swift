import Foundation

/// A JSON file of a model folder.
package enum JSONFile {
  /// The greatest length of a file that is read: tokenizers have some ten million bytes.
  private static let greatestLength = 1 << 28

  /// The bytes of the file at `path`.
  ///
  /// - Throws: `ModelError` when it is missing, or too long.
  static func bytes(path: String) throws(ModelError) -> [UInt8] {
    let file = try MappedFile(path: path)
    guard file.count <= greatestLength else {
      throw ModelError(
        file: path, problem: "has \(file.count) bytes, more than any such file", remedy: "fetch the model again")
    }
    // Sound: the bytes are copied while they are lent.
    return unsafe file.withUnsafeBytes { unsafe Array($0) }
  }

  /// The `Value` in `bytes`, which `file` names in messages.
  ///
  /// - Throws: `ModelError` when they are no JSON, have a key twice, or lack what a `Value` needs, of which the key is named.
  static func decode<Value: Decodable>(
    _ type: Value.Type, _ bytes: [UInt8], file: String
  ) throws(ModelError) -> Value {
    try refuseRepeatedKeys(bytes, file: file)
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch let error as DecodingError {
      throw ModelError(file: file, problem: problem(error), remedy: "fetch the model again")
    } catch {
      throw ModelError(file: file, problem: "cannot be read as JSON", remedy: "fetch the model again")
    }
  }

  /// Refuses JSON of which an object has a key twice.
  ///
  /// - Throws: `ModelError`.
  package static func refuseRepeatedKeys(_ bytes: [UInt8], file: String) throws(ModelError) {
    // Of other encodings, which a decoder takes where it finds zeros, the keys would not be seen.
    guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else {
      throw ModelError(file: file, problem: "is not UTF-8 text, as JSON is", remedy: "fetch the file again")
    }
    var scanner = JSONScanner(bytes, file: file, start: 0)
    try scanner.refuseRepeatedKeys()
  }

  /// The members of the JSON object that `bytes` hold.
  ///
  /// - Throws: `ModelError` where they hold none, or a key stands twice.
  package static func members(_ bytes: [UInt8], file: String) throws(ModelError) -> [String: JSONValue] {
    try refuseRepeatedKeys(bytes, file: file)
    guard let members = try? JSONDecoder().decode([String: JSONValue].self, from: Data(bytes)) else {
      throw ModelError(file: file, problem: "is no JSON object", remedy: "write one, such as {\"seed\": 1}")
    }
    return members
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
