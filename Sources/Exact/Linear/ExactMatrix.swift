internal import CExact

/// A matrix of exact numbers in fixed point, each row over a power of two of its own, laid out for exact products.
///
/// A number is an integer times its row's power of two; the integer plus 2^(52·limbs − 1) is held as unsigned limbs of 52
/// bits. All rows have as many limbs as the longest: rows whose exponents spread by fewer than 28 binades have one.
public struct ExactMatrix: Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The power of two that the numbers of each row are multiples of.
  let exponents: [Int]
  /// The most bits of an integer, its sign not counted.
  let bits: Int
  /// The limbs of a number.
  let limbCount: Int
  /// Limb l of element (r, c) at (r·`limbCount` + l)·`columns` + c.
  let limbs: [UInt64]
  /// For each row the sum of the integers as they are held.
  let sums: [Integer]

  /// The matrix of the real numbers that `values` are, row by row, or `nil` when one of them is NaN or infinite.
  ///
  /// - Precondition: `values` holds whole rows of `columns` numbers, at most 2^20 each.
  public init?(exactly values: [Float], columns: Int) {
    precondition(columns > 0 && columns <= 1 << 20 && values.count.isMultiple(of: columns), "\(columns) columns")
    let rows = values.count / columns
    var exponents = [Int](repeating: 0, count: rows)
    var bits = 1
    for row in 0..<rows {
      var (least, greatest): (Int32, Int32) = (0, 0)
      // The row lies within the values.
      let isFinite = unsafe values.withUnsafeBufferPointer { values in
        unsafe plumb_limb_exponents(values.baseAddress.map { unsafe $0 + row * columns }, columns, &least, &greatest)
      }
      guard isFinite != 0 else { return nil }
      guard least <= greatest else { continue }
      // The lowest bit that may be set in a number of the row, and the number of bits up to the highest.
      exponents[row] = Int(least) - 23
      bits = max(bits, Int(greatest - least) + 24)
    }
    // The row lies within the values; the place has its limbs.
    unsafe self.init(rows: rows, columns: columns, exponents: exponents, bits: bits) { row, count, limbs, sums in
      unsafe values.withUnsafeBufferPointer { values in
        guard let values = values.baseAddress else { return }
        unsafe plumb_limb_pack_floats(values + row * columns, columns, Int32(exponents[row]), count, limbs, sums)
      }
    }
  }

  /// The matrix whose rows are `vectors`.
  ///
  /// - Precondition: the vectors are exact, of at most 256 words, and of one count between 1 and 2^20.
  public init(_ vectors: [FixedPointVector]) {
    let columns = vectors.first?.count ?? 1
    precondition(
      columns > 0 && columns <= 1 << 20
        && vectors.allSatisfy { $0.isExact && $0.count == columns && $0.limbCount <= 256 },
      "vectors that are no rows of an exact matrix")
    // A vector holds as many words as it says, four of them in a quad; the place has its limbs.
    unsafe self.init(
      rows: vectors.count, columns: columns, exponents: vectors.map(\.exponent),
      bits: vectors.map(\.midpointBits).max() ?? 1
    ) { row, count, limbs, sums in
      let vector = vectors[row]
      unsafe vector.quads.withUnsafeBytes { quads in
        unsafe vector.singles.withUnsafeBufferPointer { singles in
          unsafe plumb_limb_pack_words(
            quads.baseAddress?.assumingMemoryBound(to: UInt64.self), singles.baseAddress, columns, vector.limbCount,
            count, limbs, sums)
        }
      }
    }
  }

  /// The matrix of the numbers that `pack` writes, integers of at most `bits` bits and a sign: a row's limbs, and their sums.
  private init(
    rows: Int, columns: Int, exponents: [Int], bits: Int,
    pack: (
      _ row: Int, _ count: Int, _ limbs: UnsafeMutablePointer<UInt64>,
      _ sums: UnsafeMutablePointer<(UInt64, UInt64)>
    ) -> Void
  ) {
    let count = (bits + 1 + 51) / 52
    var sums: [Integer] = []
    sums.reserveCapacity(rows)
    var limbSums = [(UInt64, UInt64)](repeating: (0, 0), count: count)
    // Every row is written before anything is read, and a row's place holds its limbs.
    limbs = unsafe [UInt64](unsafeUninitializedCapacity: rows * columns * count) { buffer, initialized in
      guard let base = buffer.baseAddress else { return }
      for row in 0..<rows {
        unsafe limbSums.withUnsafeMutableBufferPointer { limbSums in
          guard let limbSums = limbSums.baseAddress else { return }
          unsafe pack(row, count, base + row * count * columns, limbSums)
        }
        var sum = Integer(0)
        for (limb, part) in limbSums.enumerated() {
          sum += Integer(UInt128(part.1) << 64 | UInt128(part.0)) << (52 * limb)
        }
        sums.append(sum)
      }
      initialized = rows * columns * count
    }
    self.rows = rows
    self.columns = columns
    self.exponents = exponents
    self.bits = bits
    self.limbCount = count
    self.sums = sums
  }

  static let limbMask: UInt64 = (1 << 52) - 1
}
