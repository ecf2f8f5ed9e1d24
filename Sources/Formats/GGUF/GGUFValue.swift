/// A value in a GGUF file's metadata.
package enum GGUFValue: Sendable, Equatable {
  /// Any of the integer types.
  case integer(Int)
  /// A 64-bit unsigned integer that no `Int` holds.
  case hugeInteger(UInt64)
  /// binary32.
  case float32(Float)
  /// binary64.
  case float64(Double)
  /// A truth value.
  case bool(Bool)
  /// Text.
  case string(String)
  /// An array of any integer type.
  case integers([Int])
  /// An array of binary32 or binary64.
  case floats([Double])
  /// An array of truth values.
  case bools([Bool])
  /// An array of text.
  case strings([String])

  /// The kind of the value, for messages.
  var kind: String {
    switch self {
    case .integer, .hugeInteger: "an integer"
    case .float32, .float64: "a floating-point number"
    case .bool: "a truth value"
    case .string: "a string"
    case .integers: "an array of integers"
    case .floats: "an array of floating-point numbers"
    case .bools: "an array of truth values"
    case .strings: "an array of strings"
    }
  }
}

/// The type codes of metadata values.
enum GGUFValueType: UInt32 {
  case uint8 = 0
  case int8 = 1
  case uint16 = 2
  case int16 = 3
  case uint32 = 4
  case int32 = 5
  case float32 = 6
  case bool = 7
  case string = 8
  case array = 9
  case uint64 = 10
  case int64 = 11
  case float64 = 12

  /// The least number of bytes that one value takes in the file.
  var leastBytes: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64, .string: 8
    case .array: 12
    }
  }
}
