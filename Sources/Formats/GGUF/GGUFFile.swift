import PlumbModel

/// A GGUF file, versions 2 and 3: metadata and tensors, checked through before anything is believed.
///
/// Reading is total: any bytes give a value or a `ModelError`. It checks every length against the bytes that
/// remain; every tensor's type, extents (1 to 4 of them, positive), product and place; that names and keys are
/// unique; that no two tensors overlap.
/// Source: the GGUF specification in ggml's `docs/gguf.md`.
package struct GGUFFile: Sendable {
  /// The file's name, for messages.
  package let file: String
  /// The version of the format: 2 or 3.
  package let version: Int
  /// The keys and values.
  package let metadata: GGUFMetadata
  /// The tensors in the order of the file's table.
  package let tensors: [Tensor]
  /// The names of those that are made of what is stored, of which it is known that all numbers are finite.
  let made: Set<String>
  /// The number of files that the tensors are from.
  let parts: Int

  /// A file whose metadata and tensors were read already.
  init(file: String, version: Int, metadata: GGUFMetadata, tensors: [Tensor], made: Set<String>, parts: Int) {
    self.file = file
    self.version = version
    self.metadata = metadata
    self.tensors = tensors
    self.made = made
    self.parts = parts
  }

  /// Reads `bytes`, which `file` names in messages.
  ///
  /// - Throws: `ModelError` when the bytes are not a sound GGUF file.
  package init(bytes: any WeightBytes, file: String) throws(ModelError) {
    // Sound: the reader is used only while the bytes are lent.
    let head = unsafe try bytes.withUnsafeBytes { (all: UnsafeRawBufferPointer) throws(ModelError) -> Head in
      var reader = unsafe ByteReader(all, file: file)
      return try Head(&reader)
    }
    self.file = file
    version = head.version
    metadata = head.metadata
    (tensors, made) = try head.table.tensors(over: bytes, file: file)
    parts = 1
  }

  /// Everything before the tensor data.
  private struct Head {
    let version: Int
    let metadata: GGUFMetadata
    let table: GGUFTensorTable

    init(_ reader: inout ByteReader) throws(ModelError) {
      let magic = try reader.integer(UInt32.self, "the magic number")
      guard magic == 0x4655_4747 else {
        throw ModelError(
          file: reader.file, offset: 0, problem: "is not a GGUF file (it does not begin with 'GGUF')",
          remedy: "name a model in GGUF format")
      }
      version = try Self.version(&reader)
      let tensorCount = try reader.count("the number of tensors", bytesEach: GGUFTensorTable.leastBytesPerTensor)
      let pairCount = try reader.count("the number of metadata keys", bytesEach: 13)
      metadata = try GGUFMetadata(&reader, count: pairCount)
      table = try GGUFTensorTable(&reader, count: tensorCount, alignment: metadata.integer("general.alignment") ?? 32)
    }

    private static func version(_ reader: inout ByteReader) throws(ModelError) -> Int {
      let version = try reader.integer(UInt32.self, "the version")
      switch version {
      case 2, 3: return Int(version)
      case let swapped where swapped.byteSwapped == 2 || swapped.byteSwapped == 3:
        throw ModelError(
          file: reader.file, offset: 4, problem: "is a big-endian GGUF file", remedy: "convert it to little-endian")
      default:
        throw ModelError(
          file: reader.file, offset: 4, problem: "has GGUF version \(version); versions 2 and 3 can be read",
          remedy: "convert the model again")
      }
    }
  }
}
