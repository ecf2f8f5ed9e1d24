internal import CExact

/// The exact product of two matrices, element for element.
public struct ExactMatrixProduct: Sendable {
  /// The number of rows: those of the first factor.
  public let rows: Int
  /// The number of columns: the rows of the second factor.
  public let columns: Int
  private let rowExponents: [Int]
  private let columnExponents: [Int]
  /// The limbs of a number, of which the last is signed.
  private let limbCount: Int
  private let stride: Int
  /// Limb l of element (r, c) at (r·`limbCount` + l)·`stride` + c.
  private let limbs: [UInt64]

  /// Σₖ x[r, k] · weights[c, k]: x times the transpose of `weights`.
  ///
  /// A number x is held as x + a, a = 2^(52·limbs − 1), and a weight as w + b, so that limbs are multiplied without signs;
  /// then
  ///
  ///     Σ x·w = Σ (x + a)(w + b) − b·Σ (x + a) − a·Σ (w + b) + n·a·b,
  ///
  /// whose last three terms are a number for each row and one for each column. Products of limbs are added lower and upper
  /// halves apart, few enough that no sum leaves 64 bits, and carried: no step rounds (the proof stands in the kernel).
  ///
  /// *Error bound*: none; the product is exact for all inputs.
  /// Source: the splitting is that of Ozaki, Ogita, Oishi & Rump, "Error-free transformations of matrix multiplication"
  /// (2012), on integers in place of floating-point slices.
  /// - Precondition: the factors have the same number of columns.
  public init(_ x: ExactMatrix, transposed weights: ExactMatrix) { self.init(x, weights, isPortable: false) }

  /// The same by the kernel that every processor has, or by the fastest.
  package init(_ x: ExactMatrix, _ weights: ExactMatrix, isPortable: Bool) {
    precondition(x.columns == weights.columns, "factors of \(x.columns) and \(weights.columns) columns")
    let width = Int(PLUMB_LIMB_COLUMNS)
    let terms = x.columns
    // A sum of 2^k products or fewer has k bits more than one.
    let bits = x.bits + weights.bits + Int.bitWidth - (terms - 1).leadingZeroBitCount
    let count = (bits + 1 + 51) / 52
    let stride = (weights.rows + width - 1) / width * width
    let (a, b) = (52 * x.limbCount - 1, 52 * weights.limbCount - 1)
    let constant = Integer(terms) << (a + b)
    let rowTerms = x.sums.flatMap { (constant - $0 << b).limbs(count) }
    var columnTerms = [UInt64](repeating: 0, count: count * stride)
    for (column, sum) in weights.sums.enumerated() {
      for (limb, value) in (-(sum << a)).limbs(count).enumerated() { columnTerms[limb * stride + column] = value }
    }
    let panelsSize = weights.limbCount * min(terms, Int(PLUMB_LIMB_TERMS)) * stride
    let sumsSize = weights.limbCount * (Int(PLUMB_LIMB_BLOCK) + x.limbCount) * 2 * width
    let outputSize = x.rows * count * stride
    // The sizes are those that the kernel's declaration asks for; it writes every element of the output, and keeps no
    // pointer.
    limbs = unsafe [UInt64](unsafeUninitializedCapacity: outputSize) { output, initialized in
      initialized = outputSize
      guard outputSize > 0 else { return }
      let scratch = UnsafeMutablePointer<UInt64>.allocate(capacity: panelsSize + sumsSize)
      defer { unsafe scratch.deallocate() }
      unsafe x.limbs.withUnsafeBufferPointer { first in
        unsafe weights.limbs.withUnsafeBufferPointer { second in
          guard let output = output.baseAddress, let product = unsafe plumb_limb_product_for(isPortable ? 1 : 0)
          else { preconditionFailure("a product without a kernel") }
          var factor = unsafe plumb_limbs(numbers: first.baseAddress, rows: x.rows, limbs: x.limbCount)
          var other = unsafe plumb_limbs(numbers: second.baseAddress, rows: weights.rows, limbs: weights.limbCount)
          unsafe product(
            &factor, &other, terms, rowTerms, columnTerms, scratch, scratch + panelsSize, output, count)
        }
      }
    }
    self.rows = x.rows
    self.columns = weights.rows
    self.rowExponents = x.exponents
    self.columnExponents = weights.exponents
    self.limbCount = count
    self.stride = stride
  }

  /// Element (`row`, `column`) as an integer: a multiple of 2^`exponent`.
  public func integer(_ row: Int, _ column: Int) -> (significand: Integer, exponent: Int) {
    precondition(0..<rows ~= row && 0..<columns ~= column, "element \(row), \(column) of \(rows) × \(columns)")
    let start = row * limbCount * stride + column
    // 52 bits at a time into words; the last limb's sign continues.
    var words: [UInt64] = []
    var (rest, bits) = (UInt128(0), 0)
    for limb in 0..<limbCount - 1 {
      rest |= UInt128(limbs[start + limb * stride]) << UInt128(bits)
      bits += 52
      if bits >= 64 {
        words.append(UInt64(truncatingIfNeeded: rest))
        rest >>= 64
        bits -= 64
      }
    }
    let last = Int64(bitPattern: limbs[start + (limbCount - 1) * stride])
    let top = Int128(last) << Int128(bits) + Int128(rest)
    words.append(UInt64(truncatingIfNeeded: top))
    let isNegative = top < 0
    words.append(UInt64(truncatingIfNeeded: top >> 64))
    if isNegative {
      var carry = true
      for index in words.indices {
        let (sum, overflow) = (~words[index]).addingReportingOverflow(carry ? 1 : 0)
        words[index] = sum
        carry = carry && overflow
      }
    }
    return (
      Integer(words: words.map { UInt($0) }, isNegative: isNegative), rowExponents[row] + columnExponents[column]
    )
  }

  /// Element (`row`, `column`).
  public subscript(row: Int, column: Int) -> Rational {
    let (significand, exponent) = integer(row, column)
    return Rational(significand: significand, exponent: exponent)
  }
}

extension Integer {
  /// The number modulo 2^(52·`count`), as `count` limbs of 52 bits.
  fileprivate func limbs(_ count: Int) -> [UInt64] {
    // What remains of the division by the modulus, rounded down.
    let words = (self - (self >> (52 * count)) << (52 * count)).magnitudeWords
    return (0..<count).map { limb in
      let (word, place) = (52 * limb).quotientAndRemainder(dividingBy: 64)
      let low = word < words.count ? UInt64(words[word]) >> UInt64(place) : 0
      let high = place > 12 && word + 1 < words.count ? UInt64(words[word + 1]) << UInt64(64 - place) : 0
      return (low | high) & ExactMatrix.limbMask
    }
  }
}
