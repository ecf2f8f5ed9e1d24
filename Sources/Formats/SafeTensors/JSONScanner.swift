/// A reader of the JSON that safetensors headers are made of: objects, strings, and arrays of non-negative integers.
///
/// Stricter than a general reader where the format is: no key may stand twice in an object. Nothing is nested without
/// the caller asking for it, so no input can exhaust the stack.
/// Source: RFC 8259.
struct JSONScanner {
  let bytes: [UInt8]
  private let file: String
  /// The place in the file at which the bytes begin.
  private let start: Int
  var place = 0

  init(_ bytes: [UInt8], file: String, start: Int) {
    self.bytes = bytes
    self.file = file
    self.start = start
  }

  /// The next byte, or `nil` at the end.
  func peek() -> UInt8? { place < bytes.count ? bytes[place] : nil }

  /// The error for a fault at the next byte.
  func fault(_ problem: String) -> ModelError {
    ModelError(file: file, offset: start + place, problem: problem, remedy: ByteReader.fetchAgain)
  }

  /// Refuses anything but white space up to the end.
  mutating func end() throws(ModelError) {
    skipSpace()
    guard place == bytes.count else { throw fault("the header goes on after its closing '}'") }
  }

  /// Reads an object: `member` is given each key and where it stands in the file, and reads the value.
  mutating func object(
    _ member: (inout JSONScanner, String, Int) throws(ModelError) -> Void
  ) throws(ModelError) {
    var keys = Set<[UInt8]>()
    try list("{", "}") { scanner throws(ModelError) in
      let place = scanner.start + scanner.place
      let key = try scanner.key(besides: &keys)
      try scanner.expect(":")
      try member(&scanner, key, place)
    }
  }

  /// Reads a key, and refuses it where it is one of `keys`, to which it is added.
  mutating func key(besides keys: inout Set<[UInt8]>) throws(ModelError) -> String {
    let place = start + place
    let key = try string()
    // Bytes rather than strings: two spellings of one character are two keys.
    guard keys.insert(Array(key.utf8)).inserted else {
      throw ModelError(
        file: file, offset: place, problem: "the key \(ModelError.quoted(key)) stands twice",
        remedy: ByteReader.fetchAgain)
    }
    return key
  }

  /// Reads an array of non-negative integers below 2^63.
  mutating func integers() throws(ModelError) -> [Int] {
    var result: [Int] = []
    try list("[", "]") { scanner throws(ModelError) in result.append(try scanner.integer()) }
    return result
  }

  /// Reads a whole number from 0 to 2^63 − 1.
  mutating func integer() throws(ModelError) -> Int {
    skipSpace()
    let first = place
    while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { place += 1 }
    let digits = bytes[first..<place]
    guard let value = Int(String(decoding: digits, as: UTF8.self)), digits.count == 1 || digits[first] != 0x30 else {
      place = first
      throw fault("expected a whole number from 0 to 2^63 − 1")
    }
    return value
  }

  /// Reads a string.
  mutating func string() throws(ModelError) -> String {
    try expect("\"")
    var result: [UInt8] = []
    while let byte = peek(), byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw fault("a string holds an unescaped control character") }
      place += 1
      if byte == UInt8(ascii: "\\") {
        result += Array(String(try escape()).utf8)
      } else {
        result.append(byte)
      }
    }
    try expect("\"")
    // The header was checked to be UTF-8, quotes and backslashes are never part of another character.
    return String(decoding: result, as: UTF8.self)
  }

  private mutating func escape() throws(ModelError) -> Unicode.Scalar {
    guard let byte = peek() else { throw fault("a string does not end") }
    place += 1
    switch Unicode.Scalar(byte) {
    case "\"", "\\", "/": return Unicode.Scalar(byte)
    case "b": return "\u{8}"
    case "f": return "\u{c}"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "u": return try unicodeEscape()
    default: throw fault("a string holds an unknown escape")
    }
  }

  private mutating func unicodeEscape() throws(ModelError) -> Unicode.Scalar {
    let first = try hexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    // A surrogate: the first half of a pair, or an error.
    guard first < 0xdc00, bytes[place...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else {
      throw fault("a string holds half of a surrogate pair")
    }
    place += 2
    let second = try hexadecimal()
    let (high, low) = (UInt32(first & 0x3ff), UInt32(second & 0x3ff))
    guard (0xdc00..<0xe000).contains(second), let scalar = Unicode.Scalar(0x10000 + (high << 10 | low))
    else { throw fault("a string holds half of a surrogate pair") }
    return scalar
  }

  private mutating func hexadecimal() throws(ModelError) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw fault("expected four hexadecimal digits")
      }
      value = value << 4 | UInt16(digit)
      place += 1
    }
    return value
  }

  /// Reads an array, each element of it by `element`.
  mutating func list(
    _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ element: (inout JSONScanner) throws(ModelError) -> Void
  ) throws(ModelError) {
    try expect(open)
    skipSpace()
    if peek() == UInt8(ascii: close) {
      place += 1
      return
    }
    while true {
      try element(&self)
      skipSpace()
      guard peek() == UInt8(ascii: ",") else { break }
      place += 1
    }
    try expect(close)
  }

  private mutating func expect(_ scalar: Unicode.Scalar) throws(ModelError) {
    // Inside a string nothing may be skipped, but a closing quote is only expected where it already stands.
    skipSpace()
    guard peek() == UInt8(ascii: scalar) else { throw fault("expected '\(scalar)'") }
    place += 1
  }

  /// Whether `word` stands next, which is then read.
  mutating func takes(_ word: StaticString) -> Bool {
    skipSpace()
    let word = "\(word)".utf8
    guard bytes[place...].starts(with: word) else { return false }
    place += word.count
    return true
  }

  /// Goes to the next byte that is no white space.
  mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { place += 1 }
  }
}
