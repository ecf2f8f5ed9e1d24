/// The keys and values at the head of a GGUF file.
package struct GGUFMetadata: Sendable {
  /// Every value by its key.
  package let values: [String: GGUFValue]
  private let file: String

  /// Reads `count` pairs.
  init(_ reader: inout ByteReader, count: Int) throws(ModelError) {
    var values: [String: GGUFValue] = [:]
    for index in 0..<count {
      let start = reader.offset
      let key = try reader.ggufString("metadata key \(index)")
      guard values[key] == nil else {
        throw ModelError(
          file: reader.file, offset: start, problem: "key \(ModelError.quoted(key)) stands twice",
          remedy: "which of the two holds is anyone's guess: convert the model again")
      }
      values[key] = try reader.ggufValue(of: key)
    }
    self.values = values
    file = reader.file
  }

  /// The integer at `key`, or `nil` where there is none.
  ///
  /// - Throws: `ModelError` when the value is of another kind.
  package func integer(_ key: String) throws(ModelError) -> Int? {
    switch values[key] {
    case nil: return nil
    case .integer(let value): return value
    case .some(let other): throw mismatch(key, other, "an integer below 2^63")
    }
  }

  /// The binary32 at `key`, or `nil` where there is none; a binary64 that is no binary32 is refused.
  ///
  /// - Throws: `ModelError` when the value is of another kind, not finite, or not a binary32.
  package func float(_ key: String) throws(ModelError) -> Float? {
    switch values[key] {
    case nil: return nil
    case .float32(let value) where value.isFinite: return value
    case .float64(let value) where value.isFinite && Double(Float(value)) == value: return Float(value)
    case .some(let other): throw mismatch(key, other, "a finite 32-bit floating-point number")
    }
  }

  /// The truth value at `key`, or `nil` where there is none.
  ///
  /// - Throws: `ModelError` when the value is of another kind.
  package func bool(_ key: String) throws(ModelError) -> Bool? {
    switch values[key] {
    case nil: return nil
    case .bool(let value): return value
    case .some(let other): throw mismatch(key, other, "a truth value")
    }
  }

  /// The text at `key`, or `nil` where there is none.
  ///
  /// - Throws: `ModelError` when the value is of another kind.
  package func string(_ key: String) throws(ModelError) -> String? {
    switch values[key] {
    case nil: return nil
    case .string(let value): return value
    case .some(let other): throw mismatch(key, other, "a string")
    }
  }

  /// The texts at `key`, or `nil` where there are none.
  ///
  /// - Throws: `ModelError` when the value is of another kind.
  package func strings(_ key: String) throws(ModelError) -> [String]? {
    switch values[key] {
    case nil: return nil
    case .strings(let value): return value
    case .some(let other): throw mismatch(key, other, "an array of strings")
    }
  }

  /// The integers at `key`, or `nil` where there are none.
  ///
  /// - Throws: `ModelError` when the value is of another kind.
  package func integers(_ key: String) throws(ModelError) -> [Int]? {
    switch values[key] {
    case nil: return nil
    case .integers(let value): return value
    case .some(let other): throw mismatch(key, other, "an array of integers")
    }
  }

  /// The integer at `key`, which may also be stored once a block.
  ///
  /// - Throws: `ModelError` when the value is of another kind, or its elements differ.
  package func uniformInteger(_ key: String) throws(ModelError) -> Int? {
    guard case .integers(let values)? = values[key] else { return try integer(key) }
    guard let first = values.first, values.allSatisfy({ $0 == first }) else {
      throw ModelError(
        file: file, problem: "key '\(key)' differs from block to block",
        remedy: "only models whose blocks are all alike can be read")
    }
    return first
  }

  /// `value`, which the model cannot do without.
  func required<T>(_ value: T?, _ key: String) throws(ModelError) -> T {
    guard let value else {
      throw ModelError(file: file, problem: "key '\(key)' is missing", remedy: "convert the model again")
    }
    return value
  }

  private func mismatch(_ key: String, _ value: GGUFValue, _ expected: String) -> ModelError {
    let found =
      switch value {
      case .float32(let number): "\(number)"
      case .float64(let number): "\(number)"
      case .hugeInteger(let number): "\(number)"
      default: value.kind
      }
    return ModelError(
      file: file, problem: "key '\(key)' is \(found), expected \(expected)", remedy: "convert the model again")
  }
}
