/// Puts tensors together into a safetensors file, always the same bytes for the same tensors.
///
/// Data are laid out by type, the widest first, and then by name, as the format's own library does, so that every
/// tensor is aligned to its elements.
package struct SafeTensorsWriter: Sendable {
  private struct Entry {
    let name: String
    let type: SafeTensorsType
    let shape: [Int]
    let bytes: [UInt8]
  }

  /// The file's statements about itself.
  package var metadata: [String: String] = [:]
  private var entries: [Entry] = []

  /// Makes a writer without tensors.
  package init() {}

  /// Adds a tensor.
  ///
  /// - Precondition: `bytes` are as many as `shape` of `type` takes, and no other tensor or metadata has the name.
  package mutating func add(_ name: String, _ type: SafeTensorsType, shape: [Int], bytes: [UInt8]) {
    precondition(type.byteCount(of: shape) == bytes.count, "\(bytes.count) bytes do not fill \(shape) of \(type)")
    // By their bytes: two spellings of one character are two names.
    let isTaken = name == "__metadata__" || entries.contains { $0.name.utf8.elementsEqual(name.utf8) }
    precondition(!isTaken, "two tensors called '\(name)'")
    entries.append(Entry(name: name, type: type, shape: shape, bytes: bytes))
  }

  /// Adds a tensor of binary32.
  ///
  /// - Precondition: as for `add(_:_:shape:bytes:)`.
  package mutating func add(_ name: String, shape: [Int], _ values: [Float]) {
    add(name, .f32, shape: shape, bytes: littleEndian(values.map(\.bitPattern)))
  }

  /// Adds a tensor of binary64.
  ///
  /// - Precondition: as for `add(_:_:shape:bytes:)`.
  package mutating func add(_ name: String, shape: [Int], _ values: [Double]) {
    add(name, .f64, shape: shape, bytes: littleEndian(values.map(\.bitPattern)))
  }

  /// Adds a tensor of whole numbers as I64.
  ///
  /// - Precondition: as for `add(_:_:shape:bytes:)`.
  package mutating func add(_ name: String, shape: [Int], _ values: [Int]) {
    add(name, .i64, shape: shape, bytes: littleEndian(values.map { UInt64(bitPattern: Int64($0)) }))
  }

  /// The file.
  package func bytes() -> [UInt8] {
    let order = Dictionary(uniqueKeysWithValues: zip(SafeTensorsType.allCases, 0...))
    let ordered = entries.sorted { left, right in
      let (leftOrder, rightOrder) = (order[left.type] ?? 0, order[right.type] ?? 0)
      return leftOrder != rightOrder
        ? leftOrder > rightOrder : left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
    }
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { "\(Self.quoted($0.key)):\(Self.quoted($0.value))" }
      members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for entry in ordered {
      let end = offset + entry.bytes.count
      let shape = entry.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(Self.quoted(entry.name)):{\"dtype\":\"\(entry.type.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var header = Array("{\(members.joined(separator: ","))}".utf8)
    header += [UInt8](repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
    let length = stride(from: 0, to: 64, by: 8).map { UInt8(truncatingIfNeeded: header.count >> $0) }
    return length + header + ordered.flatMap(\.bytes)
  }

  /// The file with the checksum of all of it in the metadata, which is verified where it is read.
  package func sealedBytes() -> [UInt8] { SafeTensors.sealed(self) }

  /// Writes the file with its checksum to `path`: under a temporary name first, then renamed, so that nobody sees half of it.
  ///
  /// - Throws: `ModelError` when the file cannot be written.
  package func write(to path: String) throws(ModelError) { try AtomicFile.write(sealedBytes(), to: path) }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
