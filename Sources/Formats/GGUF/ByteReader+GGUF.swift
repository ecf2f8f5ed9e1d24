extension ByteReader {
  /// A string: its length as 64 bits, then UTF-8.
  mutating func ggufString(_ what: @autoclosure () -> String) throws(ModelError) -> String {
    let length = try count("the length of \(what())", bytesEach: 1)
    return try text(length, what())
  }

  /// A value's type code.
  mutating func ggufValueType(of key: String) throws(ModelError) -> GGUFValueType {
    let start = offset
    let code = try integer(UInt32.self, "the type of key \(ModelError.quoted(key))")
    guard let type = GGUFValueType(rawValue: code) else {
      throw ModelError(
        file: file, offset: start, problem: "key \(ModelError.quoted(key)) has the unknown value type \(code)",
        remedy: Self.fetchAgain)
    }
    return type
  }

  /// The value of `key`.
  mutating func ggufValue(of key: String) throws(ModelError) -> GGUFValue {
    let type = try ggufValueType(of: key)
    let what = "key \(ModelError.quoted(key))"
    switch type {
    case .float32: return .float32(Float(bitPattern: try integer(UInt32.self, what)))
    case .float64: return .float64(Double(bitPattern: try integer(UInt64.self, what)))
    case .bool: return .bool(try ggufBool(what))
    case .string: return .string(try ggufString(what))
    case .array: return try ggufArray(of: key)
    case .uint64:
      let value = try integer(UInt64.self, what)
      return Int(exactly: value).map { .integer($0) } ?? .hugeInteger(value)
    case .uint8, .int8, .uint16, .int16, .uint32, .int32, .int64:
      return .integer(try ggufInteger(type, what))
    }
  }

  private mutating func ggufArray(of key: String) throws(ModelError) -> GGUFValue {
    let what = "key \(ModelError.quoted(key))"
    let start = offset
    let type = try ggufValueType(of: key)
    let count = try count("the number of elements of \(what)", bytesEach: type.leastBytes)
    switch type {
    case .string: return .strings(try array(count) { reader throws(ModelError) in try reader.ggufString(what) })
    case .bool: return .bools(try array(count) { reader throws(ModelError) in try reader.ggufBool(what) })
    case .float32:
      return .floats(
        try array(count) { reader throws(ModelError) in
          Double(Float(bitPattern: try reader.integer(UInt32.self, what)))
        })
    case .float64:
      return .floats(
        try array(count) { reader throws(ModelError) in Double(bitPattern: try reader.integer(UInt64.self, what)) })
    case .array:
      throw ModelError(
        file: file, offset: start, problem: "\(what) is an array of arrays, which no known model has",
        remedy: Self.fetchAgain)
    case .uint8, .int8, .uint16, .int16, .uint32, .int32, .int64, .uint64:
      return .integers(
        try array(count) { reader throws(ModelError) in try reader.ggufInteger(type, what) })
    }
  }

  private mutating func array<Element>(
    _ count: Int, _ element: (inout ByteReader) throws(ModelError) -> Element
  ) throws(ModelError) -> [Element] {
    var elements: [Element] = []
    // `count` elements of the least size were checked to remain; a damaged one ends the loop early.
    for _ in 0..<count { elements.append(try element(&self)) }
    return elements
  }

  private mutating func ggufBool(_ what: @autoclosure () -> String) throws(ModelError) -> Bool {
    let start = offset
    let byte = try integer(UInt8.self, what())
    guard byte <= 1 else {
      throw ModelError(
        file: file, offset: start, problem: "\(what()) is a truth value of \(byte), neither 0 nor 1",
        remedy: Self.fetchAgain)
    }
    return byte == 1
  }

  private mutating func ggufInteger(
    _ type: GGUFValueType, _ what: @autoclosure () -> String
  ) throws(ModelError) -> Int {
    let start = offset
    switch type {
    case .uint8: return Int(try integer(UInt8.self, what()))
    case .int8: return Int(try integer(Int8.self, what()))
    case .uint16: return Int(try integer(UInt16.self, what()))
    case .int16: return Int(try integer(Int16.self, what()))
    case .uint32: return Int(try integer(UInt32.self, what()))
    case .int32: return Int(try integer(Int32.self, what()))
    case .int64: return Int(try integer(Int64.self, what()))
    default:
      let value = try integer(UInt64.self, what())
      guard let value = Int(exactly: value) else {
        throw ModelError(
          file: file, offset: start, problem: "\(what()) holds \(value), beyond 2^63 − 1", remedy: Self.fetchAgain)
      }
      return value
    }
  }
}
