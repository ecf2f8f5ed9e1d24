extension FixedPointVector {
  /// Σⱼ weightⱼ · elementⱼ: the midpoint exactly, the radius Σⱼ |weightⱼ| · radiusⱼ.
  ///
  /// *Error bound*: the midpoint is the sum of the products of the midpoints, bit for bit; the radius is the exact sum
  /// of the products of the vector's radii.
  /// - Precondition: `row.count` is `count`.
  package func dot(_ row: IntegerRow) -> Ball {
    precondition(row.count == count, "a row of \(row.count) weights does not fit a vector of \(count) elements")
    guard let first = row.planes.first else { return Ball(0) }
    var midpoint = midpointSum(first) << first.shift
    var radius = radiusSum(first) << first.shift
    for plane in row.planes.dropFirst() {
      midpoint += midpointSum(plane) << plane.shift
      radius += radiusSum(plane) << plane.shift
    }
    return Ball(
      midpoint: Rational(significand: midpoint, exponent: row.exponent + exponent),
      radius: Rational(significand: radius, exponent: row.exponent + radiusExponent))
  }

  /// Σⱼ |weightⱼ| · |elementⱼ|, the greatest that it can be for elements within their balls.
  ///
  /// *Error bound*: exact for an exact vector; never below the true value.
  /// - Precondition: `row.count` is `count`.
  package func absoluteDot(_ row: IntegerRow) -> Rational {
    magnitudes.dot(row.magnitudes).upper
  }

  /// Σⱼ |digitⱼ| · radiusⱼ.
  ///
  /// It fits: digits are below 2^(62 − ⌈log₂ count⌉) and radii at most 2^40, so the sum stays below 2^102.
  private func radiusSum(_ plane: IntegerRow.Plane) -> Integer {
    guard !radii.isEmpty else { return 0 }
    let digits = plane.digits.span
    let radii = radii.span
    var sum: UInt128 = 0
    for index in 0..<count { sum &+= UInt128(digits[index].magnitude) &* UInt128(radii[index]) }
    return Integer(sum)
  }

  /// Σⱼ digitⱼ · midpointⱼ.
  ///
  /// Write w for a digit, x for a limb as it is stored and xˢ = x − o for the limb it stands for, where o is 2^63 for the
  /// top limb (offset binary) and 0 for the others. The loop multiplies unsigned numbers only: with w′ = w + 2^63 it sums
  /// Σ w′·x modulo 2^128, and
  ///
  ///     Σ w·xˢ = Σ w′·x − 2^63·Σ x − o·Σ w     (modulo 2^128),
  ///
  /// whose last two sums are known. The left side is below 2^126 in magnitude, because |w| < 2^(62 − ⌈log₂ count⌉) and
  /// |xˢ| < 2^64; so its residue modulo 2^128, read as a signed number, is its value.
  private func midpointSum(_ plane: IntegerRow.Plane) -> Integer {
    var columns: [Int128] = []
    columns.reserveCapacity(limbCount)
    func append(_ sum: UInt128) {
      let limb = columns.count
      var column = Int128(truncatingIfNeeded: sum &- limbSums[limb] << 63)
      if limb == limbCount - 1 { column &-= plane.sum << 63 }
      columns.append(column)
    }
    for quad in 0..<limbCount / 4 {
      let sums = FixedPointVector.columnSums(plane.digits.span, quads.span, from: quad * count)
      append(sums.0)
      append(sums.1)
      append(sums.2)
      append(sums.3)
    }
    for single in 0..<limbCount % 4 {
      append(FixedPointVector.columnSum(plane.digits.span, singles.span, from: single * count))
    }
    return Integer(columns: columns)
  }

  /// Σⱼ (digitⱼ + 2^63) · limbs[start + j] modulo 2^128, for four limbs at once.
  private static func columnSums(
    _ digits: Span<Int64>, _ limbs: Span<SIMD4<UInt64>>, from start: Int
  ) -> (UInt128, UInt128, UInt128, UInt128) {
    var first: UInt128 = 0
    var second: UInt128 = 0
    var third: UInt128 = 0
    var fourth: UInt128 = 0
    for index in 0..<digits.count {
      let digit = UInt128(UInt64(bitPattern: digits[index]) ^ 1 << 63)
      let quad = limbs[start &+ index]
      first &+= digit &* UInt128(quad.x)
      second &+= digit &* UInt128(quad.y)
      third &+= digit &* UInt128(quad.z)
      fourth &+= digit &* UInt128(quad.w)
    }
    return (first, second, third, fourth)
  }

  /// Σⱼ (digitⱼ + 2^63) · limbs[start + j] modulo 2^128.
  private static func columnSum(_ digits: Span<Int64>, _ limbs: Span<UInt64>, from start: Int) -> UInt128 {
    var sum: UInt128 = 0
    for index in 0..<digits.count {
      sum &+= UInt128(UInt64(bitPattern: digits[index]) ^ 1 << 63) &* UInt128(limbs[start &+ index])
    }
    return sum
  }
}

extension Integer {
  /// Σ columns[l] · 2^(64·l).
  ///
  /// - Precondition: each column is below 2^126 in magnitude, so that a carry, which is below 2^63, can be added to it.
  init(columns: [Int128]) {
    var words: [UInt] = []
    words.reserveCapacity(columns.count + 1)
    var carry: Int128 = 0
    for column in columns {
      let sum = column &+ carry
      words.append(UInt(truncatingIfNeeded: sum))
      carry = sum >> 64
    }
    // The words are non-negative and the carry has the sign of the whole: two's complement, turned into magnitude.
    let isNegative = carry < 0
    words.append(UInt(truncatingIfNeeded: carry))
    if isNegative {
      var increment: UInt = 1
      for index in words.indices {
        let (word, overflow) = (~words[index]).addingReportingOverflow(increment)
        words[index] = word
        increment = overflow ? 1 : 0
      }
    }
    self.init(words: words, isNegative: isNegative)
  }
}
