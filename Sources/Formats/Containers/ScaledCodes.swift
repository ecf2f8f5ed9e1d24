import PlumbModel

/// Matrices of numbers of eight bits, each multiplied by the scale of its part: FP8 and whole numbers.
///
/// The value is code · scale, or (code − zero point) · scale.
/// Source: `integrations/finegrained_fp8.py` and `integrations/bitsandbytes.py` of huggingface/transformers;
/// `quantization/lifecycle/forward_helpers.py` of compressed-tensors.
struct ScaledCodes: WeightContainer {
  /// The end of the name of the scales.
  let scale: String
  let grids: [ScaleGrid]
  /// The end of the name of zero points, where there may be some, and whether there must.
  var zeroPoint: (end: String, isRequired: Bool)?
  /// The end of the name of a byte that says how codes are laid out, row by row where it is 0; `nil` where nothing says so.
  var layout: String?
  /// The number that all scales are multiplied by.
  var factor = 1.0
  var ignored: [String] = [".input_scale", ".activation_scale", ".input_zero_point"]

  var parts: [String] { [scale, ".weight"] + (zeroPoint.map { [$0.end] } ?? []) + (layout.map { [$0] } ?? []) }

  func matrix(_ parts: StoredParts) throws(ModelError) -> MadeMatrix {
    let codes = try parts.part(".weight", .f8e4m3, .f8e5m2, .i8)
    guard codes.shape.count == 2 else { throw parts.fault(".weight", "has shape \(codes.shape), expected a matrix") }
    let (rows, columns) = (codes.shape[0], codes.shape[1])
    if let layout, parts.has(layout) {
      let byte = try parts.part(layout, .u8)
      guard byte.count == 1, byte.words(UInt8.self, at: 0..<1) == [0] else {
        throw parts.fault(layout, "is of an order of elements that nobody here knows", remedy: "save the model again")
      }
    }
    let scales = try parts.part(scale, .f32, .bf16, .f16, .f8e8m0, .u8)
    let grid = try parts.grid(scale, scales.shape, among: grids, rows: rows, columns: columns)
    let zeros = try zeroPoints(parts, shape: scales.shape, codes.type)
    let table = codes.type == .f8e4m3 ? SmallFloat.e4m3 : SmallFloat.e5m2
    if codes.type != .i8, let place = codes.firstNonFinite(table) {
      throw parts.fault(
        ".weight", "holds NaN or infinity at element \(place)", remedy: "the weights are damaged: fetch the model again"
      )
    }
    let isShort = scales.isShort && factor == 1
    let (greatest, least): (Double, Double) =
      switch codes.type {
      case .f8e4m3: (448, 0x1p-9)
      case .f8e5m2: (57344, 0x1p-16)
      default: (255, 1)
      }
    try parts.check(scale, scales.numbers.lazy.map { $0 * factor }, greatest: greatest, least: isShort ? nil : least)
    let extents = grid.extents(rows: rows, columns: columns)
    let perRow = columns == 0 ? 0 : (columns - 1) / extents.columns + 1
    return MadeMatrix(rows: rows, columns: columns, isShort: isShort) { [factor] row in
      let places = row / extents.rows * perRow..<(row / extents.rows + 1) * perRow
      let scales = scales.numbers(at: places).map { $0 * factor }
      let zeros = zeros?.numbers(at: places)
      return codes.numbers(at: row * columns..<(row + 1) * columns).enumerated().map { column, code in
        let place = column / extents.columns
        return (code - (zeros?[place] ?? 0)) * scales[place]
      }
    }
  }

  private func zeroPoints(_ parts: StoredParts, shape: [Int], _ type: SafeTensorsType) throws(ModelError)
    -> SafeTensors.Entry?
  {
    guard let zeroPoint, zeroPoint.isRequired || parts.has(zeroPoint.end) else { return nil }
    guard type == .i8 else { throw parts.fault(zeroPoint.end, "is a zero point of numbers that are none") }
    return try parts.part(zeroPoint.end, .i8, shape: shape)
  }
}

extension SafeTensors.Entry {
  /// The place of the first byte that stands for NaN or infinity in `table`.
  func firstNonFinite(_ table: [Double]) -> Int? {
    // Sound: the bytes are looked at only while they are lent.
    unsafe withUnsafeBytes { unsafe $0.firstIndex { !table[Int($0)].isFinite } }
  }
}
