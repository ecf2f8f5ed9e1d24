import PlumbModel

/// Reads little-endian values from bytes, front to back, and never beyond their end.
///
/// Every length that the bytes themselves state is compared with the bytes that remain before it is believed.
/// A reader must not outlive the call that lent its bytes.
@safe struct ByteReader {
  /// The file's name, for messages.
  let file: String
  /// The place at which the next read begins.
  private(set) var offset = 0
  private let bytes: UnsafeRawBufferPointer

  /// Reads `bytes`.
  @unsafe init(_ bytes: UnsafeRawBufferPointer, file: String) {
    unsafe self.bytes = bytes
    self.file = file
  }

  /// The number of bytes.
  var count: Int { unsafe bytes.count }
  /// The number of bytes not yet read.
  var remaining: Int { count - offset }

  /// The next integer; `what` names it in the error.
  mutating func integer<T: FixedWidthInteger & BitwiseCopyable>(
    _ type: T.Type = T.self, _ what: @autoclosure () -> String
  ) throws(ModelError) -> T {
    let size = MemoryLayout<T>.size
    guard size <= remaining else { throw truncated(what(), needs: "\(size)") }
    defer { offset += size }
    // Sound: `size` bytes from `offset` on lie within the bytes; every bit pattern is an integer.
    return unsafe T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
  }

  /// A count of things that take at least `bytesEach` bytes: never more than the remaining bytes can hold.
  mutating func count(_ what: @autoclosure () -> String, bytesEach: Int) throws(ModelError) -> Int {
    let start = offset
    let stated = try integer(UInt64.self, what())
    guard stated <= UInt64(remaining / bytesEach) else {
      throw ModelError(
        file: file, offset: start,
        problem: "\(what()) is \(stated), but only \(remaining) bytes remain", remedy: Self.fetchAgain)
    }
    return Int(stated)
  }

  /// The next `length` bytes as text.
  mutating func text(_ length: Int, _ what: @autoclosure () -> String) throws(ModelError) -> String {
    guard length >= 0, length <= remaining else { throw truncated(what(), needs: "\(length)") }
    // Sound: the range was just checked to lie within the bytes.
    let slice = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])
    // Validating ends at the first byte that is not UTF-8, where repairing would go on through a damaged length's gigabyte.
    guard let text = unsafe String(validating: slice, as: UTF8.self) else {
      throw ModelError(file: file, offset: offset, problem: "\(what()) is not UTF-8", remedy: Self.fetchAgain)
    }
    offset += length
    return text
  }

  /// The error for a file that ends before `what`.
  func truncated(_ what: String, needs: String) -> ModelError {
    ModelError(
      file: file, offset: offset,
      problem: "the file ends inside \(what) (\(needs) bytes needed, \(remaining) remain)", remedy: Self.fetchAgain)
  }

  /// The remedy for bytes that were damaged on the way.
  static let fetchAgain = "the file is damaged or cut short: fetch it again"
}
