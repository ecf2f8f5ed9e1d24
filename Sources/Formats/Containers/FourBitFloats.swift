import PlumbModel

/// Matrices of floating-point numbers of four bits, two in a byte, the first in its low nibble, with a scale for each few neighbours.
///
/// NVFP4 has scales of FP8, and one number beside them for the whole matrix: a factor, as modelopt writes it, or a divisor, as
/// compressed-tensors does. By a divisor each scale is divided in Float32, and rounded, as that library does. MXFP4 has powers of two.
/// The value is code · scale (· factor), exactly.
/// Source: `compressors/nvfp4` and `compressors/mxfp4` of compressed-tensors; `qtensor/nvfp4_tensor.py` of NVIDIA/Model-Optimizer.
struct FourBitFloats: WeightContainer {
  /// The end of the name of the codes.
  let codes: String
  let groupSize: Int
  /// The end of the name of the number for the whole matrix, and whether it divides; `nil` where scales are powers of two.
  let whole: (end: String, divides: Bool)?

  // Codes called `weight` may be any matrix; by another name they tell what they are.
  var parts: [String] {
    let both = [codes] + (whole.map { [$0.end] } ?? [])
    return (codes == ".weight" ? both.reversed() : both) + [".weight_scale"]
  }
  let ignored = [".input_scale", ".input_global_scale"]

  func matrix(_ parts: StoredParts) throws(ModelError) -> MadeMatrix {
    let packed = try parts.part(codes, .u8)
    guard packed.shape.count == 2, (packed.shape[1] * 2).isMultiple(of: groupSize) else {
      throw parts.fault(codes, "has shape \(packed.shape), which are no rows of groups of \(groupSize)")
    }
    let (rows, columns) = (packed.shape[0], packed.shape[1] * 2)
    let groups = columns / groupSize
    let scales =
      try whole == nil
      ? parts.part(".weight_scale", .u8, .f8e8m0, shape: [rows, groups])
      : parts.part(".weight_scale", .f8e4m3, shape: [rows, groups])
    try parts.check(".weight_scale", scales.numbers, greatest: 6, least: nil)
    let factor = try factor(parts)
    return MadeMatrix(rows: rows, columns: columns, isShort: whole == nil) { row in
      let scales = scales.numbers(at: row * groups..<(row + 1) * groups).map(factor)
      let bytes = packed.words(UInt8.self, at: row * columns / 2..<(row + 1) * columns / 2)
      return (0..<columns).map { column in
        let byte = bytes[column / 2]
        return SmallFloat.e2m1[Int(column.isMultiple(of: 2) ? byte & 15 : byte >> 4)] * scales[column / groupSize]
      }
    }
  }

  /// The number that a scale becomes by the one for the whole matrix.
  private func factor(_ parts: StoredParts) throws(ModelError) -> @Sendable (Double) -> Double {
    guard let whole else { return { $0 } }
    let entry = try parts.part(whole.end, .f32)
    guard entry.count == 1 else { throw parts.fault(whole.end, "has shape \(entry.shape), expected one number") }
    let number = Float(entry.numbers(at: 0..<1)[0])
    guard whole.divides else {
      try parts.check(whole.end, CollectionOfOne(Double(number)), greatest: 6 * 448, least: 0x1p-10)
      return { $0 * Double(number) }
    }
    // Both ends of the scales' range must be normal after the division.
    try parts.check(whole.end, CollectionOfOne(Double(number)), greatest: 1, least: 1)
    for scale in [Float(448), 0x1p-9] {
      try parts.check(whole.end, CollectionOfOne(Double(scale / number)), greatest: 6, least: 0.5)
    }
    return { Double(Float($0) / number) }
  }
}
