import PlumbModel

/// Matrices as MLX quantises them: codes of few bits one after the other in words of 32 bits, for each group of neighbours a scale and
/// a bias.
///
/// The value is code · scale + bias, exactly.
/// Source: `mlx/backend/cpu/quantized.cpp` of ml-explore/mlx.
enum MLXAffine {
  /// The matrix of `parts` as the `setting` has it.
  ///
  /// - Throws: `ModelError` where a part is missing, damaged, or does not fit the others.
  static func matrix(_ parts: StoredParts, _ setting: MLX.Setting) throws(ModelError) -> MadeMatrix {
    let (bits, size) = (setting.bits, setting.groupSize)
    let packed = try parts.part(".weight", .u32)
    let scales = try parts.part(".scales", .f16, .bf16, .f32)
    guard packed.shape.count == 2, scales.shape.count == 2, scales.shape[0] == packed.shape[0],
      scales.shape[1] * size * bits == packed.shape[1] * 32
    else { throw parts.noGroups(packed.shape, scales.shape, setting) }
    let biases = try parts.part(".biases", .f16, .bf16, .f32, shape: scales.shape)
    let (rows, groups) = (scales.shape[0], scales.shape[1])
    let columns = groups * size
    try check(parts, scales, biases, bits: bits)
    return MadeMatrix(rows: rows, columns: columns, isShort: false) { row in
      let words = packed.words(UInt32.self, at: row * packed.shape[1]..<(row + 1) * packed.shape[1])
      let places = row * groups..<(row + 1) * groups
      let (scales, biases) = (scales.numbers(at: places), biases.numbers(at: places))
      return unpacked(words, bits: bits, count: columns).enumerated().map { column, code in
        Double(code) * scales[column / size] + biases[column / size]
      }
    }
  }

  /// Refuses scales and biases whose sums are not Float64s, or may be too small for Float32's precision.
  ///
  /// A scale s is a multiple of 2^(e − 23) below 2^(e + 1), e its exponent, and so is a bias b with exponent f. A code is below 2^bits.
  /// Sums are below 2^(max(e + bits, f) + 2) and multiples of 2^(min(e, f) − 23): they are Float64s where these powers are at most 53
  /// apart. Sums that are not 0 are normal in Float32 where min(e, f) is −103 or more.
  private static func check(_ parts: StoredParts, _ scales: SafeTensors.Entry, _ biases: SafeTensors.Entry, bits: Int)
    throws(ModelError)
  {
    try parts.check(".scales", scales.numbers, greatest: 0x1p9, least: 0x1p-23)
    try parts.check(".biases", biases.numbers, greatest: 2, least: 0x1p-23, mayBeZero: true)
    for (index, (scale, bias)) in zip(scales.numbers, biases.numbers).enumerated() where bias != 0 {
      let (e, f) = (Int(scale.exponent), Int(bias.exponent))
      // Numbers of fewer bits are multiples of greater powers.
      let lowest = min(lowestBit(scale), lowestBit(bias))
      guard max(e + bits, f) + 2 - lowest <= 53 else {
        throw parts.fault(
          ".biases", "holds \(bias) at element \(index), too far from its scale \(scale) for a sum that Float64 holds")
      }
    }
  }

  /// The greatest power of two that `number` is a multiple of.
  private static func lowestBit(_ number: Double) -> Int {
    Int(number.exponent) - number.significandWidth
  }
}
