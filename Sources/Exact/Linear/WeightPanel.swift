internal import CExact

/// The vector instructions that exact products can be made of.
package enum ExactInstructionSet: CaseIterable, Sendable {
  case portable, avx2, avx512VNNI

  /// The sets that this processor has, the fastest last.
  package static let available = allCases.filter { set in
    // The function is not called here.
    unsafe plumb_panel_product_for(set.code) != nil
  }

  /// The kernels' code for it.
  var code: plumb_exact_instruction_set {
    switch self {
    case .portable: PLUMB_EXACT_PORTABLE
    case .avx2: PLUMB_EXACT_AVX2
    case .avx512VNNI: PLUMB_EXACT_AVX512_VNNI
    }
  }
}

/// Up to 32 rows of integers, byte by byte, as one panel of an exact product.
struct WeightPanel {
  /// The rows that a panel has room for.
  static let rowCount = Int(PLUMB_PANEL_ROWS)

  /// The rows that hold numbers.
  let usedRows: Int
  /// The bytes of a number.
  let slices: Int
  /// The number of elements over 4, rounded up.
  let groups: Int
  let bytes: [UInt8]
  /// The instructions that it is multiplied by.
  let set: ExactInstructionSet

  /// The elements `range` of each of `rows`, whose numbers are below 2^`bits` in magnitude.
  ///
  /// - Precondition: there are at most 32 rows; `bits` is below 64.
  init(_ rows: [[Int64]], _ range: Range<Int>, bits: Int, _ set: ExactInstructionSet) {
    precondition(rows.count <= WeightPanel.rowCount && bits < 64, "\(rows.count) rows of \(bits) bits")
    let slices = bits / 8 + 1
    let groups = (range.count + 3) / 4
    var bytes = [UInt8](repeating: 0, count: slices * groups * 4 * WeightPanel.rowCount)
    for (index, row) in rows.enumerated() {
      precondition(range.upperBound <= row.count, "a row of \(row.count) numbers")
      // The row holds `range`, and the panel was allocated for this many slices and groups.
      unsafe row.withUnsafeBufferPointer { numbers in
        unsafe bytes.withUnsafeMutableBufferPointer { bytes in
          guard let numbers = numbers.baseAddress else { return }
          unsafe plumb_panel_pack_weights(
            numbers + range.lowerBound, range.count, slices, groups, index, bytes.baseAddress)
        }
      }
    }
    self.usedRows = rows.count
    self.slices = slices
    self.groups = groups
    self.bytes = bytes
    self.set = set
  }
}
