import PlumbModel

/// Matrices of whole numbers of few bits as compressed-tensors packs them: the codes of a row one after the other in words of 32 bits.
///
/// The value is (code − zero point) · scale, where a matrix without zero points has 2^(bits − 1) for all; zero points are packed along
/// rows as codes are along columns, and both may cross words.
/// Source: `compressors/pack_quantized` of compressed-tensors.
struct PackedCodes: WeightContainer {
  /// The numbers of bits that `config.json` states, and the parts that share a scale.
  let bits: Set<Int>
  let grids: [ScaleGrid]
  let needsZeroPoints: Bool

  let parts = [".weight_packed", ".weight_scale", ".weight_shape", ".weight_zero_point", ".weight_g_idx"]
  let ignored = [".input_scale", ".input_zero_point", ".input_global_scale"]

  func matrix(_ parts: StoredParts) throws(ModelError) -> MadeMatrix {
    let (rows, columns) = try shape(parts)
    let packed = try parts.part(".weight_packed", .i32)
    let fitting = bits.filter { packed.shape == [rows, words(columns, $0)] }
    guard let bits = fitting.first, fitting.count == 1 else {
      throw parts.fault(
        ".weight_packed",
        "has shape \(packed.shape), which are no \(rows) rows of \(columns) codes of "
          + "\(bits.sorted().map(String.init).joined(separator: " or ")) bits")
    }
    let scales = try parts.part(".weight_scale", .f32, .bf16, .f16)
    let groups = try groups(parts, scales, rows: rows, columns: columns)
    try parts.check(
      ".weight_scale", scales.numbers, greatest: Double(1 << bits - 1), least: scales.isShort ? nil : 1)
    var zeros: SafeTensors.Entry?
    if needsZeroPoints || parts.has(".weight_zero_point") {
      zeros = try parts.part(".weight_zero_point", .i32, shape: [words(rows, bits), groups.count])
    }
    let packedColumns = words(columns, bits)
    return MadeMatrix(rows: rows, columns: columns, isShort: scales.isShort) { [zeros] row in
      let codes = unpacked(
        packed.words(UInt32.self, at: row * packedColumns..<(row + 1) * packedColumns), bits: bits, count: columns)
      let scales = scales.numbers(at: (0..<groups.count).map { groups.isOfRows ? row * groups.count + $0 : 0 })
      let rowZeros = zeros.map { zeros in
        (0..<groups.count).map { zeros.code(row, of: bits, first: $0, stride: groups.count) }
      }
      return codes.enumerated().map { column, code in
        let group = groups.place(column)
        return Double(code - (rowZeros?[group] ?? 1 << (bits - 1))) * scales[group]
      }
    }
  }

  /// The words of `count` codes.
  private func words(_ count: Int, _ bits: Int) -> Int { (count * bits + 31) / 32 }

  private func shape(_ parts: StoredParts) throws(ModelError) -> (rows: Int, columns: Int) {
    let shape = try parts.part(".weight_shape", .i64, .i32, shape: [2])
    let extents =
      shape.type == .i64
      ? shape.words(Int64.self, at: 0..<2).map(Int.init) : shape.words(Int32.self, at: 0..<2).map(Int.init)
    guard extents.allSatisfy({ 0..<1 << 31 ~= $0 }) else {
      throw parts.fault(".weight_shape", "holds \(extents), which is no shape")
    }
    return (extents[0], extents[1])
  }

  private func groups(_ parts: StoredParts, _ scales: SafeTensors.Entry, rows: Int, columns: Int) throws(ModelError)
    -> ScaleGroups
  {
    let grid = try parts.grid(".weight_scale", scales.shape, among: grids, rows: rows, columns: columns)
    let (height, width) = grid.extents(rows: rows, columns: columns)
    guard height == 1 || grid == .tensor else {
      throw parts.fault(".weight_scale", "is of blocks of \(height) rows, which packed codes have not")
    }
    let count = columns == 0 ? 0 : columns / width
    guard parts.has(".weight_g_idx") else {
      return ScaleGroups(count: count, isOfRows: grid != .tensor, width: width, places: nil)
    }
    let places = try parts.groupPlaces(".weight_g_idx", columns: columns, groups: count)
    return ScaleGroups(count: count, isOfRows: grid != .tensor, width: width, places: places)
  }
}

/// The groups of a row's elements that share a scale: neighbours, or as a list says.
struct ScaleGroups: Sendable {
  let count: Int
  /// Whether each row has scales of its own.
  var isOfRows = true
  let width: Int
  /// The group of each column, where they are no neighbours.
  let places: [Int]?

  /// The group of a column.
  func place(_ column: Int) -> Int { places?[column] ?? column / width }
}

extension StoredParts {
  /// The group of each column, which the part `end` lists.
  ///
  /// - Throws: `ModelError` where it names one that is none of so many `groups`.
  func groupPlaces(_ end: String, columns: Int, groups: Int) throws(ModelError) -> [Int] {
    let places = try part(end, .i32, shape: [columns]).words(Int32.self, at: 0..<columns).map(Int.init)
    if let index = places.firstIndex(where: { !(0..<groups ~= $0) }) {
      throw fault(end, "holds \(places[index]) at element \(index), but there are \(groups) groups")
    }
    return places
  }
}

extension SafeTensors.Entry {
  /// Code `index` of so many `bits` in a run of words of which the first is at `first`, the next `stride` further, and so on.
  func code(_ index: Int, of bits: Int, first: Int, stride: Int) -> Int {
    let (word, shift) = (index * bits / 32, index * bits % 32)
    let places = [first + word * stride] + (shift + bits > 32 ? [first + (word + 1) * stride] : [])
    return unpacked(words(UInt32.self, at: places).shifted(shift), bits: bits, count: 1)[0]
  }
}

extension [UInt32] {
  /// The one or two words without their lowest `shift` bits.
  fileprivate func shifted(_ shift: Int) -> [UInt32] {
    let both = UInt64(self[0]) | (count > 1 ? UInt64(self[1]) << 32 : 0)
    return [UInt32(truncatingIfNeeded: both >> UInt64(shift))]
  }
}
