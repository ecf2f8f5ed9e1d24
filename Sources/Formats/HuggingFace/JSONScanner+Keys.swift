extension JSONScanner {
  /// The greatest depth to which arrays and objects are nested.
  private static let greatestDepth = 256

  /// Refuses an object that has a key twice, however deep it lies: a reader would take one of the two values and say nothing.
  ///
  /// Only keys and brackets are looked at; whether the rest is JSON is for whoever reads the values to say.
  mutating func refuseRepeatedKeys() throws(ModelError) {
    // The keys of each object around the place; nil for an array.
    var around: [Set<[UInt8]>?] = []
    var isKey = false
    while let byte = peek() {
      switch Unicode.Scalar(byte) {
      case "\"":
        guard isKey, var keys = around.popLast() ?? nil else {
          try skipString()
          continue
        }
        isKey = false
        _ = try key(besides: &keys)
        around.append(keys)
        continue
      case "{", "[":
        guard around.count < Self.greatestDepth else { throw fault("is nested deeper than \(Self.greatestDepth)") }
        isKey = byte == UInt8(ascii: "{")
        around.append(isKey ? [] : nil)
      case "}", "]":
        _ = around.popLast()
        isKey = false
      case ",": isKey = around.last.map { $0 != nil } ?? false
      default: break
      }
      place += 1
    }
  }

  /// Goes behind the value that begins here.
  mutating func skipValue() throws(ModelError) {
    skipSpace()
    var depth = 0
    while let byte = peek() {
      switch Unicode.Scalar(byte) {
      case "\"":
        try skipString()
        if depth == 0 { return }
        continue
      case "{", "[": depth += 1
      case "}", "]":
        // The end of a number is that of what it stands in.
        if depth == 0 { return }
        depth -= 1
        if depth == 0 {
          place += 1
          return
        }
      case ",": if depth == 0 { return }
      default: break
      }
      place += 1
    }
  }

  /// Goes behind the string that begins here.
  private mutating func skipString() throws(ModelError) {
    place += 1
    while let byte = peek() {
      place += byte == UInt8(ascii: "\\") ? 2 : 1
      if byte == UInt8(ascii: "\"") { return }
    }
    throw fault("a string does not end")
  }
}
