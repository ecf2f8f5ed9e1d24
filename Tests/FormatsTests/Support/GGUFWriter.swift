import PlumbFormats
import PlumbModel

/// Writes GGUF files for tests: sound ones, and ones that are wrong in exactly one place.
struct GGUFWriter {
  /// A metadata value, as it is stored.
  enum Value {
    case uint32(UInt32)
    case float32(Float)
    case bool(Bool)
    case string(String)
    case strings([String])
    case int32s([Int32])
    case float32s([Float])
    /// Any type code and bytes.
    case raw(type: UInt32, [UInt8])
  }

  /// A tensor and its data.
  struct Entry {
    var name: String
    var type: UInt32
    /// Innermost first, as the file has them.
    var extents: [UInt64]
    var data: [UInt8]
    /// The place of the data, if not after those before.
    var offset: UInt64?
  }

  var magic = Array("GGUF".utf8)
  var version: UInt32 = 3
  var pairs: [(key: String, value: Value)] = []
  var tensors: [Entry] = []
  var tensorCount: UInt64?
  var pairCount: UInt64?
  var alignment = 32

  /// Sets `key`, replacing what it had.
  mutating func set(_ key: String, _ value: Value?) {
    let index = pairs.firstIndex { $0.key == key }
    switch (index, value) {
    case (let index?, let value?): pairs[index].value = value
    case (let index?, nil): pairs.remove(at: index)
    case (nil, let value?): pairs.append((key, value))
    case (nil, nil): break
    }
  }

  /// Adds a tensor of `type`; `shape` is outermost first.
  mutating func add(_ name: String, _ type: TensorType, _ shape: [Int], _ data: [UInt8]) {
    tensors.append(Entry(name: name, type: type.rawValue, extents: shape.reversed().map(UInt64.init), data: data))
  }

  /// Adds a tensor of binary32.
  mutating func add(_ name: String, _ shape: [Int], _ values: [Float]) {
    add(name, .f32, shape, values.flatMap { littleEndian($0.bitPattern) })
  }

  /// Changes the tensor called `name`.
  mutating func change(_ name: String, _ body: (inout Entry) -> Void) {
    guard let index = tensors.firstIndex(where: { $0.name == name }) else { return }
    body(&tensors[index])
  }

  /// The file.
  func bytes() -> [UInt8] {
    var file = magic + littleEndian(version)
    file += littleEndian(tensorCount ?? UInt64(tensors.count)) + littleEndian(pairCount ?? UInt64(pairs.count))
    for (key, value) in pairs { file += Self.text(key) + Self.encoded(value) }
    var offset = 0
    var data: [UInt8] = []
    for tensor in tensors {
      file += Self.text(tensor.name) + littleEndian(UInt32(tensor.extents.count))
      for extent in tensor.extents { file += littleEndian(extent) }
      file += littleEndian(tensor.type) + littleEndian(tensor.offset ?? UInt64(offset))
      data += tensor.data
      data += [UInt8](repeating: 0, count: Self.padding(data.count, alignment))
      offset = data.count
    }
    guard !tensors.isEmpty else { return file }
    return file + [UInt8](repeating: 0, count: Self.padding(file.count, alignment)) + data
  }

  /// The file, read.
  func read() throws(ModelError) -> GGUFFile { try GGUFFile(bytes: WeightArray(bytes()), file: "test.gguf") }

  static func text(_ text: String) -> [UInt8] { littleEndian(UInt64(text.utf8.count)) + Array(text.utf8) }

  private static func encoded(_ value: Value) -> [UInt8] {
    switch value {
    case .uint32(let number): littleEndian(UInt32(4)) + littleEndian(number)
    case .float32(let number): littleEndian(UInt32(6)) + littleEndian(number.bitPattern)
    case .bool(let truth): littleEndian(UInt32(7)) + [truth ? 1 : 0]
    case .string(let string): littleEndian(UInt32(8)) + text(string)
    case .strings(let strings):
      littleEndian(UInt32(9)) + littleEndian(UInt32(8)) + littleEndian(UInt64(strings.count)) + strings.flatMap(text)
    case .int32s(let numbers):
      littleEndian(UInt32(9)) + littleEndian(UInt32(5)) + littleEndian(UInt64(numbers.count))
        + numbers.flatMap { littleEndian($0) }
    case .float32s(let numbers):
      littleEndian(UInt32(9)) + littleEndian(UInt32(6)) + littleEndian(UInt64(numbers.count))
        + numbers.flatMap { littleEndian($0.bitPattern) }
    case .raw(let type, let bytes): littleEndian(type) + bytes
    }
  }

  private static func padding(_ count: Int, _ alignment: Int) -> Int { (alignment - count % alignment) % alignment }
}

/// The bytes of `value`, the lowest first.
func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}
