import PlumbFormats
import PlumbModel

extension Activation<Float> {
  /// The numbers of a tensor of F32, F16, BF16 or F64.
  ///
  /// - Throws: `CaseFileError` where the elements are of another type, or no Float32 is the Float64 that an element is.
  package init(_ entry: SafeTensors.Entry, file: String) throws(CaseFileError) {
    try entry.expectReasonableShape(file: file)
    let elements: [Float]
    switch entry.type {
    case .f32: elements = entry.words(UInt32.self).map { Float(bitPattern: $0) }
    case .f16: elements = entry.words(UInt16.self).map { Float(halfPattern: $0) }
    case .bf16: elements = entry.words(UInt16.self).map { Float(bitPattern: UInt32($0) << 16) }
    case .f64:
      elements = try Self.exactly(try Activation<Double>(entry, file: file).elements, of: entry.name, file: file)
    default:
      throw CaseFileError(
        file, "tensor '\(entry.name)' holds \(entry.type.rawValue) elements, expected F32, F16, BF16 or F64")
    }
    self.init(shape: entry.shape, elements: elements)
  }

  /// The Float32s that `doubles`, the elements of the tensor `name`, are.
  ///
  /// - Throws: `CaseFileError` where no Float32 is one of them.
  package static func exactly(_ doubles: [Double], of name: String, file: String) throws(CaseFileError) -> [Float] {
    if let bad = doubles.firstIndex(where: { Float(exactly: $0) == nil && !$0.isNaN }) {
      throw CaseFileError(
        file,
        "tensor '\(name)': element \(bad) is \(doubles[bad].hexadecimal), which no Float32 is; round the tensor "
          + "to Float32 first")
    }
    return doubles.map { Float($0) }
  }
}

extension Activation<Double> {
  /// The numbers of a tensor of F64.
  ///
  /// - Throws: `CaseFileError` where the elements are of another type.
  package init(_ entry: SafeTensors.Entry, file: String) throws(CaseFileError) {
    guard entry.type == .f64 else {
      throw CaseFileError(file, "tensor '\(entry.name)' holds \(entry.type.rawValue) elements, expected F64")
    }
    try entry.expectReasonableShape(file: file)
    self.init(shape: entry.shape, elements: entry.words(UInt64.self).map { Double(bitPattern: $0) })
  }
}

extension Activation<Int> {
  /// The whole numbers of a tensor of I64 or I32.
  ///
  /// - Throws: `CaseFileError` where the elements are of another type.
  package init(_ entry: SafeTensors.Entry, file: String) throws(CaseFileError) {
    try entry.expectReasonableShape(file: file)
    let elements: [Int]
    switch entry.type {
    case .i64: elements = entry.words(UInt64.self).map { Int(truncatingIfNeeded: $0) }
    case .i32: elements = entry.words(UInt32.self).map { Int(Int32(bitPattern: $0)) }
    default:
      throw CaseFileError(file, "tensor '\(entry.name)' holds \(entry.type.rawValue) elements, expected I64 or I32")
    }
    self.init(shape: entry.shape, elements: elements)
  }
}

extension SafeTensors.Entry {
  /// The elements as words of their own size, from little-endian.
  fileprivate func words<Word: FixedWidthInteger>(_ type: Word.Type) -> [Word] {
    // Sound: the bytes are read only while they are lent, and each word lies within them.
    unsafe withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count / MemoryLayout<Word>.size * MemoryLayout<Word>.size, by: MemoryLayout<Word>.size)
        .map { unsafe Word(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: Word.self)) }
    }
  }

  /// Refuses an empty tensor of enormous extents: no bytes stand behind its rows, but loops would run over them.
  fileprivate func expectReasonableShape(file: String) throws(CaseFileError) {
    guard ReasonableShape.holds(shape) else {
      throw CaseFileError(file, "tensor '\(name)' of shape \(shape) is empty, and too long to walk along")
    }
  }
}
