import PlumbModel

/// A safetensors file: named tensors and text about them, checked through before anything is believed.
///
/// Reading is total. The format's rules are kept to the letter: a header of at most 100 MB that begins with `{`, no key
/// twice, offsets that are contiguous and cover the data, extents whose product is the number of bytes.
/// Source: the README of huggingface/safetensors, section *Format*.
package struct SafeTensors: Sendable {
  /// One tensor of the file.
  package struct Entry: Sendable {
    /// The name.
    package let name: String
    /// The form in which the elements are stored.
    package let type: SafeTensorsType
    /// The extents, outermost first; none for a single number.
    package let shape: [Int]
    private let bytes: any WeightBytes
    private let range: Range<Int>

    init(_ header: SafeTensorsHeader.Entry, range: Range<Int>, bytes: any WeightBytes) {
      name = header.name
      type = header.type
      shape = header.shape
      self.range = range
      self.bytes = bytes
    }

    /// Calls `body` with the bytes of the tensor; the pointer is valid only during the call.
    package func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
      let range = range
      // Sound: the range was checked to lie within the bytes, whose count never changes.
      return unsafe try bytes.withUnsafeBytes { (all: UnsafeRawBufferPointer) throws(E) -> R in
        unsafe try body(UnsafeRawBufferPointer(rebasing: all[range]))
      }
    }

    /// The tensor as weights over the same bytes, or `nil` where `type` is none of F32, F16 and BF16.
    package var weights: Tensor? {
      type.tensorType.flatMap {
        Tensor(name: name, type: $0, shape: shape, bytes: bytes, offset: range.lowerBound)
      }
    }
  }

  /// The tensors, in the order of their data.
  package let entries: [Entry]
  /// The file's statements about itself.
  package let metadata: [String: String]

  /// Maps and reads the file at `path`.
  ///
  /// - Throws: `ModelError` when the file cannot be mapped or breaks a rule of the format.
  package init(path: String) throws(ModelError) {
    try self.init(bytes: MappedFile(path: path), file: path)
  }

  /// Reads `bytes`, which `file` names in messages.
  ///
  /// - Throws: `ModelError` when the bytes break a rule of the format, or name a checksum and are not what plumb wrote.
  package init(bytes: any WeightBytes, file: String) throws(ModelError) {
    // Sound: the reader is used only while the bytes are lent.
    let header = unsafe try bytes.withUnsafeBytes {
      (all: UnsafeRawBufferPointer) throws(ModelError) -> SafeTensorsHeader in
      var reader = unsafe ByteReader(all, file: file)
      let header = try SafeTensorsHeader(&reader)
      unsafe try Self.verify(all, end: header.dataStart, metadata: header.metadata, file: file)
      return header
    }
    metadata = header.metadata
    var entries: [Entry] = []
    var end = 0
    let dataCount = bytes.count - header.dataStart
    // Empty tensors begin where they end; before others that begin there, they leave no gap.
    for entry in header.entries.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
      func fault(_ problem: String) -> ModelError {
        ModelError(
          file: file, offset: entry.place, problem: "tensor \(ModelError.quoted(entry.name)) \(problem)",
          remedy: ByteReader.fetchAgain)
      }
      guard entry.begin == end else {
        throw fault("begins at data offset \(entry.begin), expected \(end): tensors must follow without gap or overlap")
      }
      guard entry.end >= entry.begin, entry.end <= dataCount else {
        throw fault("ends at data offset \(entry.end), but there are \(dataCount) bytes of data")
      }
      guard entry.type.byteCount(of: entry.shape) == entry.end - entry.begin else {
        throw fault(
          "has \(entry.end - entry.begin) bytes, which its shape \(entry.shape) of \(entry.type.rawValue) does not fill"
        )
      }
      let range = header.dataStart + entry.begin..<header.dataStart + entry.end
      entries.append(Entry(entry, range: range, bytes: bytes))
      end = entry.end
    }
    guard end == dataCount else {
      throw ModelError(
        file: file, offset: header.dataStart + end,
        problem: "\(dataCount - end) bytes of data belong to no tensor", remedy: ByteReader.fetchAgain)
    }
    self.entries = entries
  }

  /// The tensor called `name`, or `nil`.
  package subscript(name: String) -> Entry? { entries.first { $0.name.utf8.elementsEqual(name.utf8) } }
}
