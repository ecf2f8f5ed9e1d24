internal import CExact

/// The exact product of two matrices, element for element.
package struct ExactMatrixProduct: Sendable {
  /// The number of rows: those of the first factor.
  package let rows: Int
  /// The number of columns: the rows of the second factor.
  package let columns: Int
  private let rowExponents: [Int]
  private let columnExponents: [Int]
  /// The words of a number, in two's complement.
  private let wordCount: Int
  /// Word w of element (r, c) at (r·`columns` + c)·`wordCount` + w.
  private let words: [UInt32]

  /// Σₖ x[r, k] · weights[c, k]: x times the transpose of `weights`.
  ///
  /// The integers are multiplied by remainders: modulo each of up to 48 numbers below 257 that have no common factor the
  /// product is one of matrices of bytes, and the remainders of a sum say what it is (Chinese remainder theorem). Factors
  /// whose products have more bits than the moduli hold are cut into parts of as many words as they do. No step rounds; the
  /// proof stands in the kernel.
  ///
  /// *Error bound*: none; the product is exact for all inputs.
  /// Source: Ozaki, Uchino & Imamura, "Ozaki Scheme II" (2025), which rounds the factors to integers first.
  /// - Precondition: the factors have the same number of columns.
  package init(_ x: ExactMatrix, transposed weights: ExactMatrix) {
    self.init(x, weights, ExactInstructionSet.available.last ?? .portable)
  }

  /// The same by the instructions of `set`.
  ///
  /// - Precondition: the set is available.
  package init(_ x: ExactMatrix, _ weights: ExactMatrix, _ set: ExactInstructionSet) {
    precondition(x.columns == weights.columns, "factors of \(x.columns) and \(weights.columns) columns")
    let terms = x.stride
    // A sum of 2^k products or fewer has k bits more than one, and one for the sign.
    let bits = x.bits + weights.bits + Int.bitWidth - (terms - 1).leadingZeroBitCount + 1
    let wordCount = (bits + 31) / 32
    let size = x.rows * weights.rows * wordCount
    // The sizes are those that the kernel's declaration asks for; it writes every element of the output, and keeps no
    // pointer.
    words = unsafe [UInt32](unsafeUninitializedCapacity: size) { output, initialized in
      initialized = size
      guard size > 0 else { return }
      let scratch = UnsafeMutableRawPointer.allocate(
        byteCount: plumb_remainder_scratch(x.rows, terms), alignment: 64)
      defer { unsafe scratch.deallocate() }
      unsafe x.words.withUnsafeBytes { first in
        unsafe weights.words.withUnsafeBytes { second in
          guard let output = output.baseAddress, let product = unsafe plumb_remainder_product_for(set.code),
            let first = first.baseAddress, let second = second.baseAddress
          else { preconditionFailure("this processor has no \(set)") }
          var factor = unsafe plumb_digits(
            digits: first.assumingMemoryBound(to: Int8.self), rows: x.rows, words: x.wordCount, stride: terms)
          var other = unsafe plumb_digits(
            digits: second.assumingMemoryBound(to: Int8.self), rows: weights.rows, words: weights.wordCount,
            stride: terms)
          unsafe product(
            &factor, &other, x.bits, weights.bits, scratch.assumingMemoryBound(to: UInt8.self), output, wordCount
          )
        }
      }
    }
    self.rows = x.rows
    self.columns = weights.rows
    self.rowExponents = x.exponents
    self.columnExponents = weights.exponents
    self.wordCount = wordCount
  }

  /// Element (`row`, `column`) as an integer: a multiple of 2^`exponent`.
  package func integer(_ row: Int, _ column: Int) -> (significand: Integer, exponent: Int) {
    precondition(0..<rows ~= row && 0..<columns ~= column, "element \(row), \(column) of \(rows) × \(columns)")
    let start = (row * columns + column) * wordCount
    let number = words[start..<start + wordCount]
    let sign = number.last.map { $0 >> 31 } == 1 ? UInt.max : 0
    var limbs = [UInt](repeating: 0, count: (wordCount + 1) / 2)
    for (index, word) in number.enumerated() {
      let upper = index.isMultiple(of: 2) ? sign << 32 : UInt(word) << 32
      limbs[index / 2] = upper | (index.isMultiple(of: 2) ? UInt(word) : limbs[index / 2] & 0xFFFF_FFFF)
    }
    return (Limbs.reading(limbs) { Integer(twosComplement: $0) }, rowExponents[row] + columnExponents[column])
  }

  /// Element (`row`, `column`).
  package subscript(row: Int, column: Int) -> Rational {
    let (significand, exponent) = integer(row, column)
    return Rational(significand: significand, exponent: exponent)
  }
}
