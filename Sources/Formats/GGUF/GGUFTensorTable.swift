import PlumbModel

/// The table of tensors in a GGUF file, and where their data lie.
struct GGUFTensorTable {
  /// The least number of bytes of an entry: an empty name, one extent, a type, an offset.
  static let leastBytesPerTensor = 8 + 4 + 8 + 4 + 8

  private struct Entry {
    let name: String
    let type: GGUFType
    /// Outermost first; the file has them innermost first.
    let shape: [Int]
    /// From the start of the data.
    let offset: Int
    /// The place of the entry in the file.
    let place: Int
  }

  private var entries: [Entry] = []
  private let dataStart: Int

  /// Reads `count` entries; the data begin at the next multiple of `alignment`.
  init(_ reader: inout ByteReader, count: Int, alignment: Int) throws(ModelError) {
    guard alignment > 0, alignment & (alignment - 1) == 0 else {
      throw ModelError(
        file: reader.file, problem: "general.alignment is \(alignment), not a power of two",
        remedy: "convert the model again")
    }
    var names = Set<String>()
    for index in 0..<count {
      let entry = try Self.entry(&reader, index: index, alignment: alignment)
      guard names.insert(entry.name).inserted else {
        throw ModelError(
          file: reader.file, offset: entry.place, problem: "tensor \(ModelError.quoted(entry.name)) stands twice",
          remedy: "which of the two holds is anyone's guess: convert the model again")
      }
      entries.append(entry)
    }
    let (padded, overflow) = reader.offset.addingReportingOverflow(alignment - 1)
    dataStart = padded & ~(alignment - 1)
    guard count == 0 || (!overflow && dataStart < reader.count) else {
      throw ModelError(
        file: reader.file, offset: reader.offset,
        problem: "the tensor data, aligned to \(alignment) bytes, would begin beyond the end of the file",
        remedy: ByteReader.fetchAgain)
    }
  }

  /// The tensors over `bytes`, in the order of the table, and the names of those that are made of others.
  func tensors(over bytes: any WeightBytes, file: String) throws(ModelError) -> (all: [Tensor], made: Set<String>) {
    var places: [GGUFPlace] = []
    for entry in entries {
      let (offset, overflow) = dataStart.addingReportingOverflow(entry.offset)
      guard !overflow, let place = GGUFPlace(entry.name, entry.type, entry.shape, offset: offset, bytes) else {
        throw ModelError(
          file: file, offset: entry.place,
          problem: "tensor \(ModelError.quoted(entry.name)) (\(entry.type.label), \(entry.shape)) at data offset "
            + "\(entry.offset) reaches beyond the end of the file (\(bytes.count) bytes)",
          remedy: ByteReader.fetchAgain)
      }
      places.append(place)
    }
    let ordered = zip(entries, places).sorted { $0.0.offset < $1.0.offset }
    for (before, after) in zip(ordered, ordered.dropFirst())
    where before.0.offset + before.1.byteCount > after.0.offset {
      throw ModelError(
        file: file, offset: after.0.place,
        problem: "tensors \(ModelError.quoted(before.0.name)) and \(ModelError.quoted(after.0.name)) overlap",
        remedy: ByteReader.fetchAgain)
    }
    return try GGUFPlace.tensors(places, file: file)
  }

  private static func entry(_ reader: inout ByteReader, index: Int, alignment: Int) throws(ModelError) -> Entry {
    let place = reader.offset
    let name = try reader.ggufString("the name of tensor \(index)")
    let what = "tensor \(ModelError.quoted(name))"
    let file = reader.file
    func fault(_ problem: String, at offset: Int, _ remedy: String = ByteReader.fetchAgain) -> ModelError {
      ModelError(file: file, offset: offset, problem: "\(what) \(problem)", remedy: remedy)
    }
    let rankPlace = reader.offset
    let rank = try reader.integer(UInt32.self, "the number of extents of \(what)")
    guard (1...4).contains(rank) else { throw fault("has \(rank) extents, expected 1 to 4", at: rankPlace) }
    var extents: [Int] = []
    for _ in 0..<rank {
      let extentPlace = reader.offset
      let extent = try reader.integer(UInt64.self, "the extents of \(what)")
      guard extent > 0, let extent = Int(exactly: extent) else {
        throw fault("has the extent \(Int64(bitPattern: extent))", at: extentPlace)
      }
      extents.append(extent)
    }
    let typePlace = reader.offset
    let code = try reader.integer(UInt32.self, "the type of \(what)")
    guard let type = GGUFType(code: code) else {
      let known = GGUFType.labels.joined(separator: ", ")
      throw fault(
        "is stored as \(GGUFTypeNames.name(of: code)), which cannot be read", at: typePlace,
        "use a model stored in \(known)")
    }
    guard extents[0].isMultiple(of: type.elementsPerBlock) else {
      throw fault(
        "has rows of \(extents[0]) elements, which blocks of \(type.elementsPerBlock) (\(type.label)) do not fill",
        at: typePlace)
    }
    let offsetPlace = reader.offset
    let offset = try reader.integer(UInt64.self, "the data offset of \(what)")
    guard let offset = Int(exactly: offset), offset.isMultiple(of: alignment) else {
      throw fault("has the data offset \(offset), not a multiple of the alignment \(alignment)", at: offsetPlace)
    }
    return Entry(name: name, type: type, shape: extents.reversed(), offset: offset, place: place)
  }
}
