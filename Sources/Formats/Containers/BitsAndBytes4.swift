import PlumbModel

/// Matrices as bitsandbytes keeps them in four bits: sixteen levels, times the greatest magnitude of each block of elements.
///
/// Elements stand row by row, two in a byte, the first in its high nibble, and blocks may cross rows. Where the greatest magnitudes are
/// themselves stored in eight bits, they are the Float32s that the library makes of them: code · scale, rounded, plus an offset, rounded.
/// The value is level · greatest magnitude, exactly.
/// Source: `functional.py` and `backends/default/ops.py` of bitsandbytes.
struct BitsAndBytes4: WeightContainer {
  enum Levels: String {
    case nf4, fp4
  }

  let levels: Levels

  var parts: [String] {
    [state, ".weight", ".weight.absmax", ".weight.quant_map", ".weight.nested_absmax", ".weight.nested_quant_map"]
  }
  private var state: String { ".weight.quant_state.bitsandbytes__\(levels.rawValue)" }

  func matrix(_ parts: StoredParts) throws(ModelError) -> MadeMatrix {
    let stated = try State(parts, state)
    let (rows, columns) = (stated.rows, stated.columns)
    let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
    let packed = try parts.part(".weight", .u8)
    guard !overflow, packed.count == (count + 1) / 2 else {
      throw parts.fault(
        ".weight", "has shape \(packed.shape), which are not the \(rows) × \(columns) elements of its state")
    }
    let map = try parts.part(".weight.quant_map", .f32, shape: [16])
    guard Array(map.numbers) == levels.table.map({ Double($0) }) else {
      throw parts.fault(
        ".weight.quant_map", "are not the levels of \(levels.rawValue), which the library takes instead")
    }
    let blocks = (count + stated.block - 1) / stated.block
    let greatest = try Greatest(parts, stated, blocks: blocks)
    let table = levels.table.map { Double($0) }
    // Blocks of zeros have the greatest magnitude 0.
    try parts.check(
      ".weight.absmax", (0..<blocks).lazy.map { Double(greatest[$0]) }, greatest: 1, least: 0x1p-8, mayBeZero: true)
    return MadeMatrix(rows: rows, columns: columns, isShort: false) { row in
      let (first, end) = (row * columns, (row + 1) * columns)
      guard first < end else { return [] }
      let bytes = packed.words(UInt8.self, at: first / 2..<(end + 1) / 2)
      let scales = (first / stated.block...(end - 1) / stated.block).map { Double(greatest[$0]) }
      return (first..<end).map { element in
        let byte = bytes[element / 2 - first / 2]
        return table[Int(element.isMultiple(of: 2) ? byte >> 4 : byte & 15)]
          * scales[element / stated.block - first / stated.block]
      }
    }
  }

  /// The numbers of a matrix that stand as JSON in a tensor of bytes.
  struct State {
    let rows, columns, block: Int
    /// The elements that share a scale among the greatest magnitudes, and what is added to them; `nil` where they are no codes.
    let nested: (block: Int, offset: Float)?

    init(_ parts: StoredParts, _ end: String) throws(ModelError) {
      let entry = try parts.part(end, .u8)
      let file = parts.module + end
      let json = try JSONFile.decode(JSONValue.self, entry.words(UInt8.self, at: 0..<entry.count), file: file)
      func count(_ key: String) throws(ModelError) -> Int {
        guard let value = json[key].integer, value > 0, value < 1 << 31 else {
          throw parts.fault(end, "has the \(key) \(json[key].shown), expected a count")
        }
        return value
      }
      let shape = json["shape"].elements?.compactMap(\.integer) ?? []
      guard shape.count == 2, json["shape"].elements?.count == 2, shape.allSatisfy({ 0..<1 << 31 ~= $0 }) else {
        throw parts.fault(end, "has the shape \(json["shape"].shown), expected that of a matrix")
      }
      (rows, columns) = (shape[0], shape[1])
      block = try count("blocksize")
      guard parts.has(".weight.nested_absmax") else {
        nested = nil
        return
      }
      guard case .number(let number) = json["nested_offset"], Float(number).isFinite else {
        throw parts.fault(end, "has the nested_offset \(json["nested_offset"].shown), expected a number")
      }
      nested = (try count("nested_blocksize"), Float(number))
    }
  }

  /// The greatest magnitudes of the blocks.
  private struct Greatest: Sendable {
    private let stored: SafeTensors.Entry
    private let codes: [Float], scales: [Float]
    private let nested: (block: Int, offset: Float)?

    init(_ parts: StoredParts, _ state: State, blocks: Int) throws(ModelError) {
      nested = state.nested
      guard let nested else {
        stored = try parts.part(".weight.absmax", .f32, shape: [blocks])
        (codes, scales) = ([], [])
        return
      }
      stored = try parts.part(".weight.absmax", .u8, shape: [blocks])
      codes = try parts.part(".weight.nested_quant_map", .f32, shape: [256]).numbers.map { Float($0) }
      let count = (blocks + nested.block - 1) / nested.block
      scales = try parts.part(".weight.nested_absmax", .f32, shape: [count]).numbers.map { Float($0) }
    }

    subscript(block: Int) -> Float {
      guard let nested else { return Float(stored.numbers(at: CollectionOfOne(block))[0]) }
      let code = codes[Int(stored.words(UInt8.self, at: CollectionOfOne(block))[0])]
      return code * scales[block / nested.block] + nested.offset
    }
  }
}

extension BitsAndBytes4.Levels {
  /// The sixteen levels: quantiles of the normal distribution, or floating-point numbers whose greatest is 1.
  var table: [Float] {
    switch self {
    case .nf4:
      [
        -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
        -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
        0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
      ]
    case .fp4:
      [0, 0.0625, 8, 12, 4, 6, 2, 3, 0, -0.0625, -8, -12, -4, -6, -2, -3].map { $0 / 12 }
    }
  }
}
