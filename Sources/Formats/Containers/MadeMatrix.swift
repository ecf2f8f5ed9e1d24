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
      var bytes: [UInt8] = []
      bytes.reserveCapacity(count * size)
      for index in 0..<(count == 0 ? 0 : rows) {
        let elements = row(index)
        bytes +=
          isShort ? littleEndian(elements.map { Float($0).bitPattern }) : littleEndian(elements.map(\.bitPattern))
      }
      return bytes
    }
    return Tensor(name: name, type: isShort ? .f32 : .f64, shape: [rows, columns], bytes: bytes)
  }
}
