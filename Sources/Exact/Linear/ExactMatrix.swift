internal import CExact

/// A matrix of exact numbers in fixed point, each row over a power of two of its own, laid out for exact products.
///
/// A number is an integer times its row's power of two; the integer is held as digits −128…127 in base 256, four to a word.
/// All rows have as many words as the longest: rows whose exponents spread by fewer than 39 binades have two at most.
package struct ExactMatrix: Sendable {
  /// The number of rows.
  package let rows: Int
  /// The number of columns.
  package let columns: Int
  /// The power of two that the numbers of each row are multiples of.
  let exponents: [Int]
  /// The most bits of an integer, its sign not counted.
  let bits: Int
  /// The words of a number.
  let wordCount: Int
  /// The columns rounded up to a multiple of 4.
  let stride: Int
  /// Word w of element (r, c) at (r·`wordCount` + w)·`stride` + c.
  let words: [UInt32]

  /// The matrix of the real numbers that `values` are, row by row, or `nil` when one of them is NaN or infinite.
  ///
  /// - Precondition: `values` holds whole rows of `columns` numbers, at most 2^20 each.
  package init?(exactly values: [Float], columns: Int) {
    precondition(columns > 0 && columns <= 1 << 20 && values.count.isMultiple(of: columns), "\(columns) columns")
    let rows = values.count / columns
    var exponents = [Int](repeating: 0, count: rows)
    var bits = 1
    for row in 0..<rows {
      var (least, greatest): (Int32, Int32) = (0, 0)
      // The row lies within the values.
      let isFinite = unsafe values.withUnsafeBufferPointer { values in
        unsafe plumb_digits_exponents(values.baseAddress.map { unsafe $0 + row * columns }, columns, &least, &greatest)
      }
      guard isFinite != 0 else { return nil }
      guard least <= greatest else { continue }
      // The lowest bit that may be set in a number of the row, and the number of bits up to the highest.
      exponents[row] = Int(least) - 23
      bits = max(bits, Int(greatest - least) + 24)
    }
    // The row lies within the values; the place has its words.
    unsafe self.init(rows: rows, columns: columns, exponents: exponents, bits: bits) { row, count, stride, words in
      unsafe values.withUnsafeBufferPointer { values in
        guard let values = values.baseAddress else { return }
        unsafe plumb_digits_of_floats(values + row * columns, columns, Int32(exponents[row]), count, stride, words)
      }
    }
  }

  /// The matrix whose rows are `vectors`.
  ///
  /// - Precondition: the vectors are exact, of at most 256 words, and of one count between 1 and 2^20.
  package init(_ vectors: [FixedPointVector]) {
    let columns = vectors.first?.count ?? 1
    precondition(
      columns > 0 && columns <= 1 << 20
        && vectors.allSatisfy { $0.isExact && $0.count == columns && $0.limbCount <= 256 },
      "vectors that are no rows of an exact matrix")
    // A vector holds as many words as it says, four of them in a quad; the place has its words.
    unsafe self.init(
      rows: vectors.count, columns: columns, exponents: vectors.map(\.exponent),
      bits: vectors.map(\.midpointBits).max() ?? 1
    ) { row, count, stride, words in
      let vector = vectors[row]
      unsafe vector.quads.withUnsafeBytes { quads in
        unsafe vector.singles.withUnsafeBufferPointer { singles in
          unsafe plumb_digits_of_words(
            quads.baseAddress?.assumingMemoryBound(to: UInt64.self), singles.baseAddress, columns, vector.limbCount,
            count, stride, words)
        }
      }
    }
  }

  /// The matrix of the numbers that `pack` writes, integers of at most `bits` bits and a sign.
  private init(
    rows: Int, columns: Int, exponents: [Int], bits: Int,
    pack: (_ row: Int, _ count: Int, _ stride: Int, _ words: UnsafeMutablePointer<UInt32>) -> Void
  ) {
    // The digits reach a little less far than the bits of as many bytes.
    let count = (bits + 2 + 31) / 32
    let stride = (columns + 3) / 4 * 4
    // Every row is written before anything is read, what follows a row's numbers is 0, and a row's place holds its words.
    words = unsafe [UInt32](unsafeUninitializedCapacity: rows * stride * count) { buffer, initialized in
      initialized = rows * stride * count
      guard let base = buffer.baseAddress else { return }
      for row in 0..<rows {
        let place = unsafe base + row * count * stride
        if columns < stride { unsafe place.initialize(repeating: 0, count: count * stride) }
        unsafe pack(row, count, stride, place)
      }
    }
    self.rows = rows
    self.columns = columns
    self.exponents = exponents
    self.bits = bits
    self.wordCount = count
    self.stride = stride
  }
}
