import PlumbModel

/// Matrices as GPTQ packs them: `qweight` `[inputs · bits / 32, outputs]`, its codes one after the other along inputs, `scales` and
/// `qzeros` of each group of inputs, the zeros packed along outputs; `g_idx` may say which group an input is of.
///
/// The value is (code − zero) · scale. Files of the first version store each zero less 1. Programs disagree there on what a stored
/// zero of all ones is: 0, 2^bits, or a carry into the next one. Such a file is refused.
/// Source: `nn_modules/qlinear` and `utils/model.py` of gptqmodel.
struct GPTQ: WeightContainer {
  let bits: Int
  /// The inputs of a group; `nil` for all of them.
  let groupSize: Int?
  /// Whether zeros are stored less 1.
  let isFirstVersion: Bool

  let parts = [".qweight", ".qzeros", ".scales", ".g_idx"]

  func matrix(_ parts: StoredParts) throws(ModelError) -> MadeMatrix {
    let packed = try parts.part(".qweight", .i32)
    guard packed.shape.count == 2, (packed.shape[0] * 32).isMultiple(of: bits) else {
      throw parts.fault(".qweight", "has shape \(packed.shape), which is no matrix of codes of \(bits) bits")
    }
    let (columns, rows) = (packed.shape[0] * 32 / bits, packed.shape[1])
    let size = groupSize ?? max(columns, 1)
    let count = (columns + size - 1) / size
    let scales = try parts.part(".scales", .f16, .bf16, .f32, shape: [count, rows])
    let zeroWords = (rows * bits + 31) / 32
    let zeros = try parts.part(".qzeros", .i32, shape: [count, zeroWords])
    let places = parts.has(".g_idx") ? try parts.groupPlaces(".g_idx", columns: columns, groups: count) : nil
    try parts.check(".scales", scales.numbers, greatest: Double(1 << bits), least: scales.isShort ? nil : 1)
    if isFirstVersion { try refuseDisputed(zeros, groups: count, rows: rows, parts) }
    let groups = ScaleGroups(count: count, width: size, places: places)
    return MadeMatrix(rows: rows, columns: columns, isShort: scales.isShort) { row in
      let words = packed.words(UInt32.self, at: stride(from: row, to: packed.count, by: rows))
      let scales = scales.numbers(at: stride(from: row, to: scales.count, by: rows))
      let zeros = (0..<count).map { group in
        zeros.code(row, of: bits, first: group * zeroWords, stride: 1) + (isFirstVersion ? 1 : 0)
      }
      return unpacked(words, bits: bits, count: columns).enumerated().map { column, code in
        let group = groups.place(column)
        return Double(code - zeros[group]) * scales[group]
      }
    }
  }

  private func refuseDisputed(_ zeros: SafeTensors.Entry, groups: Int, rows: Int, _ parts: StoredParts)
    throws(ModelError)
  {
    let words = zeros.shape[1]
    for group in 0..<groups {
      let codes = unpacked(
        zeros.words(UInt32.self, at: group * words..<(group + 1) * words), bits: bits, count: rows)
      if let row = codes.firstIndex(of: 1 << bits - 1) {
        throw parts.fault(
          ".qzeros",
          "holds for group \(group) and output \(row) a zero less 1 of all ones, which programs read as three numbers",
          remedy: "save the model as checkpoint_format 'gptq_v2'")
      }
    }
  }
}
