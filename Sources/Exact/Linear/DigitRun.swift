internal import CExact

/// A run of the elements of a vector as digits of base 256, −128…127 each, where a panel's product looks for them.
struct DigitRun: Sendable {
  /// The most elements of a run: with weights of `greatestSlices` bytes each column sums no more products than it may.
  static let greatestCount = Int(PLUMB_PANEL_PRODUCTS) / greatestSlices
  /// The most bytes of a weight.
  static let greatestSlices = 8

  /// The number of elements over 4, rounded up.
  let groups: Int
  /// The digits of an element.
  private let digitCount: Int
  /// No element's magnitude is above 2 to the power of this.
  let bits: Int
  /// The distance from the digits of one group of four elements to those of the next.
  private let stride: Int
  private let digits: [Int8]
  /// For weights of 1, 2, … bytes in turn, the digits of −Σx · 2^(8·bytes − 1).
  private let corrections: [Int32]

  /// Takes `count` integers of magnitude at most 2^`bits`; `read` writes one in two's complement, as long as the array it
  /// is given.
  ///
  /// With n digits, 8n ≥ `bits` + 2, so |x| ≤ 256ⁿ / 4. Hence x + 128·(1 + 256 + … + 256ⁿ⁻¹), whose second term lies
  /// between 0.50 and 0.51 times 256ⁿ, has n bytes and no sign; each of them less 128 is a digit of x.
  init(count: Int, bits: Int, read: (_ index: Int, _ words: inout [UInt64]) -> Void) {
    precondition(count <= DigitRun.greatestCount, "a run of \(count) elements")
    let digitCount = (bits + 2 + 7) / 8
    let groups = (count + 3) / 4
    let lead = DigitRun.greatestSlices - 1
    let stride = lead + DigitRun.columns(digits: digitCount, slices: DigitRun.greatestSlices)
    var digits = [Int8](repeating: 0, count: 4 * groups * stride)
    var words = [UInt64](repeating: 0, count: (digitCount + 7) / 8)
    let offsets = words.indices.map { word -> UInt64 in
      let bytes = min(8, digitCount - 8 * word)
      return bytes == 8 ? 0x8080_8080_8080_8080 : 0x8080_8080_8080_8080 & (1 << UInt64(8 * bytes) - 1)
    }
    var sums = [Int128](repeating: 0, count: words.count)
    for index in 0..<count {
      read(index, &words)
      var carry = false
      for word in words.indices {
        let value = words[word]
        sums[word] &+= word == words.count - 1 ? Int128(Int64(bitPattern: value)) : Int128(value)
        let (partial, first) = value.addingReportingOverflow(offsets[word])
        let (total, second) = partial.addingReportingOverflow(carry ? 1 : 0)
        words[word] = total.littleEndian
        carry = first || second
      }
      // The words hold `digitCount` bytes, and the digits of element `index` lie within its group.
      unsafe words.withUnsafeBytes { bytes in
        unsafe digits.withUnsafeMutableBufferPointer { all in
          guard let from = bytes.baseAddress, let to = all.baseAddress else { return }
          unsafe plumb_panel_pack_digits(
            from.assumingMemoryBound(to: UInt8.self), digitCount, index, stride, to + 4 * lead)
        }
      }
    }
    self.groups = groups
    self.digitCount = digitCount
    self.bits = bits
    self.stride = stride
    self.digits = digits
    let sum = Integer(columns: sums)
    self.corrections = (1...DigitRun.greatestSlices).flatMap { slices in
      let columns = DigitRun.columns(digits: digitCount, slices: slices)
      let digits = DigitRun.signedDigits(of: -(sum << (8 * slices - 1)), count: columns)
      return digits + [Int32](repeating: 0, count: stride - columns)
    }
  }

  /// The columns of a product with weights of `slices` bytes.
  ///
  /// |Σx| < 2^13 · 256ⁿ / 4, so −Σx · 2^(8·slices − 1) is below 2^(8n + 8·slices + 10), which leaves it a sign within
  /// n + slices + 3 columns.
  private static func columns(digits: Int, slices: Int) -> Int { (digits + slices + 3 + 3) / 4 * 4 }

  /// `value` as `count` digits in base 256: the last has the sign.
  private static func signedDigits(of value: Integer, count: Int) -> [Int32] {
    let words = (value.signum() < 0 ? value + Integer.one << (8 * count) : value).magnitudeWords
    var digits = (0..<count).map { index in
      index / 8 < words.count ? Int32(words[index / 8] >> UInt(8 * (index % 8)) & 255) : 0
    }
    if value.signum() < 0 { digits[count - 1] -= 256 }
    return digits
  }

  /// Σₖ number(r, k) · x(k) for each row r of `panel`, exactly.
  ///
  /// A panel holds w + o, with o = 2^(8·slices − 1), for each number w; the correction takes Σ o·x off again.
  /// - Precondition: the panel was made for as many elements.
  func products(_ panel: WeightPanel) -> [Integer] {
    var products: [Integer] = []
    products.reserveCapacity(panel.usedRows)
    eachProduct(panel) { _, product in products.append(Integer(twosComplement: product)) }
    return products
  }

  /// Shows `body` the same, row after row, each in two's complement.
  func eachProduct(_ panel: WeightPanel, _ body: (_ row: Int, _ product: Limbs) -> Void) {
    precondition(panel.groups == groups, "a panel of \(panel.groups) groups for a run of \(groups)")
    let columns = DigitRun.columns(digits: digitCount, slices: panel.slices)
    let wordCount = columns / 4 + 1
    let rows = WeightPanel.rowCount
    unsafe withUnsafeTemporaryAllocation(of: Int32.self, capacity: rows * columns) { sums in
      unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: rows * wordCount) { words in
        // The sizes are those that the kernel's declaration asks for: the digits begin `lead` columns into their buffer,
        // the corrections of `slices` bytes `slices` − 1 strides into theirs.
        unsafe digits.withUnsafeBufferPointer { digits in
          unsafe corrections.withUnsafeBufferPointer { corrections in
            unsafe panel.bytes.withUnsafeBufferPointer { bytes in
              guard let product = unsafe plumb_panel_product_for(panel.set.code),
                let digits = digits.baseAddress, let corrections = corrections.baseAddress
              else { preconditionFailure("this processor has no \(panel.set), or a run is empty") }
              unsafe product(
                bytes.baseAddress, panel.slices, groups, digits + 4 * (DigitRun.greatestSlices - 1), stride, columns,
                corrections + (panel.slices - 1) * stride, sums.baseAddress, words.baseAddress)
            }
          }
        }
        MutableLimbs.scratch((wordCount + 1) / 2) { limbs in
          for row in 0..<panel.usedRows {
            // Each index is below the count; where the words are odd in number, the sign fills the last limb.
            let sign: UInt32 = unsafe words[(row + 1) * wordCount - 1] >> 31 == 1 ? .max : 0
            for index in 0..<limbs.count {
              let low = unsafe words[row * wordCount + 2 * index]
              let high = unsafe 2 * index + 1 < wordCount ? words[row * wordCount + 2 * index + 1] : sign
              limbs[index] = UInt(high) << 32 | UInt(low)
            }
            body(row, limbs.limbs)
          }
        }
      }
    }
  }
}
