import PlumbModel

/// Matrices as MLX quantises them to floating-point numbers of four or eight bits, E2M1 or E4M3, with a scale for each group of
/// neighbours: of MXFP4 and MXFP8 a power of two, of NVFP4 an E4M3, which is 0 where a group has small numbers only.
///
/// The value is code · scale, exactly.
/// Source: `mlx/backend/cpu/quantized.cpp` of ml-explore/mlx.
enum MLXFloats {
  /// The matrix of `parts` as the `setting` has it.
  ///
  /// - Throws: `ModelError` where a part is missing, damaged, or does not fit the others.
  static func matrix(_ parts: StoredParts, _ setting: MLX.Setting) throws(ModelError) -> MadeMatrix {
    let (bits, size) = (setting.bits, setting.groupSize)
    let packed = try parts.part(".weight", .u32)
    let scales = try parts.part(".scales", .u8)
    guard packed.shape.count == 2, scales.shape.count == 2, scales.shape[0] == packed.shape[0],
      scales.shape[1] * size * bits == packed.shape[1] * 32
    else { throw parts.noGroups(packed.shape, scales.shape, setting) }
    guard !parts.has(".biases") else { throw parts.fault(".biases", "is there, but \(setting.mode) has none") }
    let codes = bits == 4 ? SmallFloat.e2m1 : SmallFloat.e4m3
    let powers = setting.mode == .nvfp4 ? SmallFloat.e4m3 : SmallFloat.e8m0
    let (rows, groups, width) = (scales.shape[0], scales.shape[1], packed.shape[1])
    if bits == 8, let place = packed.firstNonFinite(codes) {
      throw parts.fault(
        ".weight", "holds NaN at element \(place)", remedy: "the weights are damaged: fetch the model again")
    }
    let all = (0..<scales.count).lazy.map { powers[Int(scales.words(UInt8.self, at: CollectionOfOne($0))[0])] }
    try parts.check(".scales", all, greatest: bits == 4 ? 6 : 448, least: nil, mayBeZero: setting.mode == .nvfp4)
    return MadeMatrix(rows: rows, columns: groups * size, isShort: true) { row in
      let words = packed.words(UInt32.self, at: row * width..<(row + 1) * width)
      let scales = scales.words(UInt8.self, at: row * groups..<(row + 1) * groups).map { powers[Int($0)] }
      return unpacked(words, bits: bits, count: groups * size).enumerated().map { codes[$1] * scales[$0 / size] }
    }
  }
}

extension StoredParts {
  /// The error that codes and scales of such shapes do not fit the `setting`.
  func noGroups(_ codes: [Int], _ scales: [Int], _ setting: MLX.Setting) -> ModelError {
    fault(
      ".weight",
      "has shape \(codes) and its scales \(scales), which are no groups of \(setting.groupSize) codes of "
        + "\(setting.bits) bits")
  }
}
