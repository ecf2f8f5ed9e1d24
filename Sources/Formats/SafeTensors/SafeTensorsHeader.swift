/// The header of a safetensors file: its length in 64 bits, then JSON of one fixed form.
struct SafeTensorsHeader {
  /// The header's entry on one tensor.
  struct Entry {
    let name: String
    let type: SafeTensorsType
    let shape: [Int]
    /// The first byte, from the start of the data.
    let begin: Int
    /// The byte behind the last.
    let end: Int
    /// The place of the entry in the file.
    let place: Int
  }

  private(set) var entries: [Entry] = []
  private(set) var metadata: [String: String] = [:]
  /// The place at which the data begin.
  let dataStart: Int

  /// The greatest length of a header that the format allows.
  static let greatestLength = 100_000_000

  init(_ reader: inout ByteReader) throws(ModelError) {
    try Self.refuseOtherFormats(reader)
    let length = try reader.count("the length of the header", bytesEach: 1)
    guard length <= Self.greatestLength else {
      throw ModelError(
        file: reader.file, offset: 0,
        problem: "the header has \(length) bytes; the format allows \(Self.greatestLength)",
        remedy: "this is no sound safetensors file: fetch it again")
    }
    let start = reader.offset
    let text = try reader.text(length, "the header")
    dataStart = reader.offset
    var scanner = JSONScanner(Array(text.utf8), file: reader.file, start: start)
    guard scanner.peek() == UInt8(ascii: "{") else { throw scanner.fault("the header does not begin with '{'") }
    try scanner.object { scanner, key, place throws(ModelError) in
      if key == "__metadata__" {
        // MLX writes null where there is none, and the format's own reader takes it.
        if scanner.takes("null") { return }
        try scanner.object { scanner, key, _ throws(ModelError) in self.metadata[key] = try scanner.string() }
      } else {
        self.entries.append(try Self.entry(&scanner, name: key, place: place))
      }
    }
    try scanner.end()
  }

  /// Names the format of a file that is sound, and no safetensors file.
  private static func refuseOtherFormats(_ reader: ByteReader) throws(ModelError) {
    var reader = reader
    guard let magic = try? reader.integer(UInt32.self, "the first bytes") else { return }
    let format: String? =
      switch magic {
      case 0x4655_4747: "GGUF"
      case 0x0403_4B50: "zip, as PyTorch and NumPy write it,"
      case 0x4D55_4E93: "NumPy"
      default: nil
      }
    guard let format else { return }
    throw ModelError(
      file: reader.file, problem: "is a \(format) file, and a safetensors file is wanted here",
      remedy: "name another file, or save these tensors as safetensors")
  }

  private static func entry(_ scanner: inout JSONScanner, name: String, place: Int) throws(ModelError) -> Entry {
    var type: SafeTensorsType?
    var shape: [Int]?
    var offsets: [Int]?
    try scanner.object { scanner, key, _ throws(ModelError) in
      switch key {
      case "dtype":
        let name = try scanner.string()
        type = SafeTensorsType(rawValue: name)
        guard type != nil else { throw scanner.fault("dtype \(ModelError.quoted(name)) is unknown") }
      case "shape": shape = try scanner.integers()
      case "data_offsets": offsets = try scanner.integers()
      default: throw scanner.fault("tensor \(ModelError.quoted(name)) has the unknown field \(ModelError.quoted(key))")
      }
    }
    guard let type, let shape, let offsets, offsets.count == 2 else {
      throw scanner.fault("tensor \(ModelError.quoted(name)) lacks a dtype, a shape or two data_offsets")
    }
    return Entry(name: name, type: type, shape: shape, begin: offsets[0], end: offsets[1], place: place)
  }
}
