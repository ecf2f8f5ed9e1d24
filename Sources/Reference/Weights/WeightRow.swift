import PlumbExact
import PlumbModel

extension Reference {
  /// Row `index` of `tensor`: the very numbers that its format defines, without rounding.
  ///
  /// A tensor of one axis is one row.
  /// *Edge cases*: a negative zero is 0.
  /// - Throws: `EnclosureError.argumentOutsideDomain` naming the tensor, where a weight or a scale is NaN or infinite.
  /// - Precondition: `index` is one of the tensor's rows.
  package static func row(_ index: Int, of tensor: Tensor) throws(EnclosureError) -> IntegerRow {
    guard let row = integerRow(bytes(ofRow: index, of: tensor), tensor.type) else {
      throw .argumentOutsideDomain(function: "tensor '\(tensor.name)', row \(index), which holds NaN or infinity")
    }
    return row
  }

  /// The magnitudes of what is added to products with scales in row `index` of `tensor`, for runs of as many neighbouring weights each;
  /// none where its format has no such.
  ///
  /// - Throws: as `row(_:of:)`.
  package static func minima(ofRow index: Int, of tensor: Tensor) throws(EnclosureError) -> [Double] {
    let (bytes, type) = (bytes(ofRow: index, of: tensor), tensor.type)
    var minima: [Double] = []
    for start in stride(from: 0, to: bytes.count, by: type.bytesPerBlock) {
      guard let block = QuantisedBlock(bytes: bytes[start..<start + type.bytesPerBlock]).minima(type) else {
        throw .argumentOutsideDomain(function: "tensor '\(tensor.name)', row \(index), which holds NaN or infinity")
      }
      // Exact: below 2⁴⁶ units of 2⁻²⁴.
      minima += block.map { Double($0) * 0x1p-24 }
    }
    return minima
  }

  /// - Precondition: `index` is one of the tensor's rows.
  private static func bytes(ofRow index: Int, of tensor: Tensor) -> [UInt8] {
    precondition(0..<tensor.rows ~= index, "row \(index) of tensor '\(tensor.name)', which has \(tensor.rows)")
    let start = index * tensor.bytesPerRow
    // Sound: the row lies within the tensor, all of whose bytes the pointer covers; it is copied before the call ends.
    return unsafe tensor.withUnsafeBytes { all in
      unsafe Array(all[start..<start + tensor.bytesPerRow])
    }
  }

  /// The weights of a tensor of one axis as rational numbers.
  static func rationals(_ tensor: Tensor) throws(EnclosureError) -> [Rational] {
    let row = try row(0, of: tensor)
    return (0..<row.count).map { row[$0] }
  }

  /// The row that `bytes` hold, or `nil` where a number is NaN or infinite.
  private static func integerRow(_ bytes: [UInt8], _ type: TensorType) -> IntegerRow? {
    switch type {
    case .f32:
      return IntegerRow(
        exactly: stride(from: 0, to: bytes.count, by: 4).map { start in
          let low = UInt32(bytes[start]) | UInt32(bytes[start + 1]) << 8
          return Float(bitPattern: low | UInt32(bytes[start + 2]) << 16 | UInt32(bytes[start + 3]) << 24)
        })
    case .f64:
      return IntegerRow(
        exactly: stride(from: 0, to: bytes.count, by: 8).map { start in
          Double(bitPattern: (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) })
        })
    case .bf16:
      return IntegerRow(
        exactly: stride(from: 0, to: bytes.count, by: 2).map { start in
          Float(bitPattern: UInt32(bytes[start]) << 16 | UInt32(bytes[start + 1]) << 24)
        })
    case .mxfp4:
      var numbers: [Float] = []
      numbers.reserveCapacity(bytes.count / type.bytesPerBlock * type.elementsPerBlock)
      for start in stride(from: 0, to: bytes.count, by: type.bytesPerBlock) {
        guard let block = QuantisedBlock(bytes: bytes[start..<start + type.bytesPerBlock]).fours else { return nil }
        numbers += block
      }
      return IntegerRow(exactly: numbers)
    case .f16, .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q2_K, .q3_K, .q4_K, .q5_K, .q6_K, .iq4_NL, .iq4_XS:
      // Scales are binary16 numbers, multiples of 2^−24; so are their products with integers.
      var significands: [Int64] = []
      significands.reserveCapacity(bytes.count / type.bytesPerBlock * type.elementsPerBlock)
      for start in stride(from: 0, to: bytes.count, by: type.bytesPerBlock) {
        let block = QuantisedBlock(bytes: bytes[start..<start + type.bytesPerBlock])
        guard let weights = block.weights(type) else { return nil }
        significands += weights
      }
      return IntegerRow(significands: significands, exponent: -24)
    }
  }
}
