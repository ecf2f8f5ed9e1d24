extension SafeTensors {
  /// The key of the metadata under which a file that plumb wrote has its checksum: the SHA-256 of the whole file, with
  /// zeros in place of these 64 digits.
  static let checksumKey = "plumbline.sha256"

  /// The text before the checksum in a file as plumb writes it; nothing else in a header reads so, as quotation marks
  /// within names are escaped.
  private static var mark: [UInt8] { Array("\"\(checksumKey)\":\"".utf8) }

  private static let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: 64)

  /// The place of the checksum in the header of `bytes`, which ends at `end`.
  private static func place(in bytes: UnsafeRawBufferPointer, end: Int) -> Range<Int>? {
    // Sound: the header lies within the bytes, and the caller lends them.
    guard let found = unsafe bytes[..<end].firstRange(of: mark), found.upperBound + zeros.count <= end else {
      return nil
    }
    return found.upperBound..<found.upperBound + zeros.count
  }

  /// The checksum of `bytes`, which have one at `place`.
  private static func checksum(of bytes: UnsafeRawBufferPointer, except place: Range<Int>) -> String {
    var digest = Digest()
    // Sound: the place lies within the bytes, the caller lends them, and nothing of them is kept.
    unsafe digest.update(UnsafeRawBufferPointer(rebasing: bytes[..<place.lowerBound]))
    unsafe zeros.withUnsafeBytes { unsafe digest.update($0) }
    unsafe digest.update(UnsafeRawBufferPointer(rebasing: bytes[place.upperBound...]))
    return digest.hexadecimal()
  }

  /// Refuses bytes that name a checksum and are not what was written; `end` is where their header ends.
  ///
  /// - Throws: `ModelError`.
  static func verify(
    _ bytes: UnsafeRawBufferPointer, end: Int, metadata: [String: String], file: String
  ) throws(ModelError) {
    guard let recorded = metadata[checksumKey] else { return }
    // Sound: the caller lends the bytes, here and below.
    let found = unsafe place(in: bytes, end: end).map { unsafe checksum(of: bytes, except: $0) }
    guard found != recorded else { return }
    throw ModelError(
      file: file,
      problem: "was changed after plumb wrote it" + (found.map { ": the checksum of what it holds is \($0)" } ?? ""),
      remedy: "write it again, or take '\(checksumKey)' out of its metadata")
  }

  /// `writer`'s file with its checksum.
  static func sealed(_ writer: SafeTensorsWriter) -> [UInt8] {
    var writer = writer
    writer.metadata[checksumKey] = String(decoding: zeros, as: UTF8.self)
    var bytes = writer.bytes()
    let checksum = unsafe bytes.withUnsafeBytes { all -> (place: Range<Int>, text: String)? in
      guard let place = unsafe place(in: all, end: all.count) else { return nil }
      return (place, unsafe self.checksum(of: all, except: place))
    }
    guard let checksum else { preconditionFailure("the writer left out metadata") }
    bytes.replaceSubrange(checksum.place, with: Array(checksum.text.utf8))
    return bytes
  }
}
