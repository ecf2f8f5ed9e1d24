import PlumbModel

/// Matrices as AWQ packs them for its matrix products: `qweight` `[inputs, outputs / 8]`, `qzeros` `[groups, outputs / 8]` and
/// `scales` `[groups, outputs]`; a word holds the codes of eight outputs, from the lowest bits up those of 0, 2, 4, 6, 1, 3, 5, 7.
///
/// The value is (code − zero) · scale.
/// Source: `utils/packing_utils.py` of AutoAWQ.
struct AWQ: WeightContainer {
  /// The inputs of a group; `nil` for all of them.
  let groupSize: Int?

  let parts = [".qweight", ".qzeros", ".scales"]

  func matrix(_ parts: StoredParts) throws(ModelError) -> MadeMatrix {
    let packed = try parts.part(".qweight", .i32)
    guard packed.shape.count == 2 else {
      throw parts.fault(".qweight", "has shape \(packed.shape), expected a matrix")
    }
    let (columns, words) = (packed.shape[0], packed.shape[1])
    let size = groupSize ?? max(columns, 1)
    let (rows, count) = (words * 8, (columns + size - 1) / size)
    let scales = try parts.part(".scales", .f16, .bf16, .f32, shape: [count, rows])
    let zeros = try parts.part(".qzeros", .i32, shape: [count, words])
    try parts.check(".scales", scales.numbers, greatest: 15, least: scales.isShort ? nil : 1)
    return MadeMatrix(rows: rows, columns: columns, isShort: scales.isShort) { row in
      // An even output of eight is among the lower four codes, an odd one among the upper.
      let shift = UInt32(4 * (row % 8 / 2 + row % 2 * 4))
      let codes = packed.words(UInt32.self, at: stride(from: row / 8, to: packed.count, by: words))
      let zeros = zeros.words(UInt32.self, at: stride(from: row / 8, to: zeros.count, by: words))
      let scales = scales.numbers(at: stride(from: row, to: scales.count, by: rows))
      return codes.enumerated().map { column, word in
        let group = column / size
        return (Double(word >> shift & 15) - Double(zeros[group] >> shift & 15)) * scales[group]
      }
    }
  }
}
