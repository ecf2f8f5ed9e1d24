import PlumbModel

/// A matrix whose rows are computed from other tensors when somebody reads it.
struct MadeMatrix: Sendable {
  let rows, columns: Int
  /// Whether all elements are Float32s; otherwise they are kept as the Float64s that they are.
  let isShort: Bool
  /// The elements of a row, each exact.
  let row: @Sendable (_ row: Int) -> [Double]

  /// The matrix as the tensor called `name`; `nil` where it is beyond any memory.
  func tensor(_ name: String) -> Tensor? {
    let size = isShort ? 4 : 8
    let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
    guard !overflow, count < 1 << 56 else { return nil }
    let bytes = MadeBytes(count: count * size) { [self] in
      // Sound: each row is written within its bytes.
      count == 0 ? [] : unsafe MadeBytes.rows(rows, bytesEach: columns * size) { unsafe write(row($0), to: $1) }
    }
    return Tensor(name: name, type: isShort ? .f32 : .f64, shape: [rows, columns], bytes: bytes)
  }

  private func write(_ elements: [Double], to bytes: UnsafeMutableRawBufferPointer) {
    // Sound: the bytes are those of a row.
    for (index, element) in elements.enumerated() {
      if isShort {
        unsafe bytes.storeBytes(of: Float(element).bitPattern.littleEndian, toByteOffset: 4 * index, as: UInt32.self)
      } else {
        unsafe bytes.storeBytes(of: element.bitPattern.littleEndian, toByteOffset: 8 * index, as: UInt64.self)
      }
    }
  }
}
