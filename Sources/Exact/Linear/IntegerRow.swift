/// A row of weights as integers over one power of two: weight j is 2^`exponent` · Σₖ planes[k].digits[j] · 2^shiftₖ.
///
/// One plane holds the row as it is. Only rows that combine very large and very small weights need several, whose
/// digits then carry 32 bits each and the sign of their weight.
package struct IntegerRow: Sendable {
  /// The number of weights.
  package let count: Int
  /// The power of two that every weight is a multiple of.
  package let exponent: Int
  let planes: [Plane]

  /// One machine integer a weight.
  struct Plane: Sendable {
    /// The place of the digits: they count multiples of 2^`shift`.
    let shift: Int
    /// The digits, below 2^(62 − ⌈log₂ count⌉) in magnitude.
    let digits: [Int64]
    /// Σ digits.
    let sum: Int128

    init(shift: Int, digits: [Int64]) {
      self.shift = shift
      self.digits = digits
      var sum: Int128 = 0
      for digit in digits { sum &+= Int128(digit) }
      self.sum = sum
    }
  }

  /// The row significands[j] · 2^`exponent`.
  package init(significands: [Int64], exponent: Int) {
    self.init(significands: significands, exponent: exponent, planeBits: IntegerRow.digitBits(of: significands.count))
  }

  /// The row of the real numbers that `values` are, or `nil` when one of them is NaN or infinite.
  package init?(exactly values: [Float]) {
    guard values.allSatisfy(\.isFinite) else { return nil }
    if let row = IntegerRow(ofOnePlane: values) {
      self = row
      return
    }
    // A binary32 is an integer below 2^24 over a power of two between 2^−149 and 2^104.
    let exponents = values.map { $0.isSubnormal ? -149 : Int($0.exponentBitPattern) - 150 }
    let significands = values.map { value -> Int64 in
      let fraction = Int64(value.significandBitPattern) | (value.isNormal ? 1 << 23 : 0)
      return value.sign == .minus ? -fraction : fraction
    }
    self.init(significands: significands, exponents: exponents)
  }

  /// The row of the real numbers that `values` are, or `nil` when one of them is NaN or infinite.
  package init?(exactly values: [Double]) {
    guard values.allSatisfy(\.isFinite) else { return nil }
    // A binary64 is an integer below 2^53 over a power of two between 2^−1074 and 2^971; trailing zeros are the exponent's.
    let wholes = values.map { value -> (significand: Int64, exponent: Int) in
      let fraction = Int64(value.significandBitPattern) | (value.exponentBitPattern > 0 ? 1 << 52 : 0)
      let zeros = fraction == 0 ? 0 : fraction.trailingZeroBitCount
      let significand = fraction >> Int64(zeros)
      return (
        value.sign == .minus ? -significand : significand, max(Int(value.exponentBitPattern), 1) - 1075 + zeros
      )
    }
    self.init(significands: wholes.map(\.significand), exponents: wholes.map(\.exponent))
  }

  /// The row of finite numbers that are near enough to each other to need no second plane; `nil` for others.
  private init?(ofOnePlane values: [Float]) {
    var (least, greatest) = (Int.max, Int.min)
    for value in values where value != 0 {
      let exponent = max(Int(value.exponentBitPattern), 1) - 150
      least = min(least, exponent)
      greatest = max(greatest, exponent)
    }
    guard least <= greatest, greatest - least + 24 < IntegerRow.digitBits(of: values.count) else { return nil }
    self.init(
      significands: values.map { value -> Int64 in
        let biased = Int(value.exponentBitPattern)
        // A zero has no place among the others, and needs none.
        guard value != 0 else { return 0 }
        let fraction = Int64(value.significandBitPattern) | (biased == 0 ? 0 : 1 << 23)
        return (value.sign == .minus ? -fraction : fraction) << Int64(max(biased, 1) - 150 - least)
      }, exponent: least)
  }

  /// The row significands[j] · 2^exponents[j], of significands below 2^53.
  private init(significands: [Int64], exponents: [Int]) {
    let used = significands.indices.filter { significands[$0] != 0 }
    guard let least = used.map({ exponents[$0] }).min(), let greatest = used.map({ exponents[$0] }).max() else {
      self.init(significands: significands, exponent: 0)
      return
    }
    let bits = 64 - significands.reduce(0) { $0 | $1.magnitude }.leadingZeroBitCount
    if greatest - least + bits < IntegerRow.digitBits(of: significands.count) {
      self.init(
        significands: significands.indices.map {
          significands[$0] == 0 ? 0 : significands[$0] << Int64(exponents[$0] - least)
        }, exponent: least)
      return
    }
    // Weight j has the magnitude |significand| · 2^place with place ≥ 0; plane k takes its bits 32k ..< 32k + 32.
    let planes = (0...(greatest - least + bits) / 32).map { index in
      let digits = significands.indices.map { element -> Int64 in
        let significand = significands[element]
        let distance = exponents[element] - least - 32 * index
        guard significand != 0, distance > -64, distance < 32 else { return 0 }
        let magnitude = significand.magnitude
        let bits = distance >= 0 ? magnitude << UInt64(distance) : magnitude >> UInt64(-distance)
        let digit = Int64(bits & 0xFFFF_FFFF)
        return significand < 0 ? -digit : digit
      }
      return Plane(shift: 32 * index, digits: digits)
    }
    self.init(count: significands.count, exponent: least, planes: planes)
  }

  /// The row significands[j] · 2^`exponent` in one plane where `planeBits` bits hold every significand, otherwise in two.
  private init(significands: [Int64], exponent: Int, planeBits: Int) {
    let greatest = significands.reduce(0) { max($0, $1.magnitude) }
    if greatest < 1 << UInt64(planeBits) {
      self.init(count: significands.count, exponent: exponent, planes: [Plane(shift: 0, digits: significands)])
    } else {
      let low = significands.map { $0.signum() * Int64($0.magnitude & 0xFFFF_FFFF) }
      let high = significands.map { $0.signum() * Int64($0.magnitude >> 32) }
      self.init(
        count: significands.count, exponent: exponent,
        planes: [Plane(shift: 0, digits: low), Plane(shift: 32, digits: high)])
    }
  }

  private init(count: Int, exponent: Int, planes: [Plane]) {
    self.count = count
    self.exponent = exponent
    self.planes = planes
  }

  /// The number of bits that a digit of a row of `count` weights may have, so that `count` products with a 64-bit limb
  /// stay below 2^126.
  ///
  /// - Precondition: `count` is at most 2^30, so that a digit of 32 bits is always allowed.
  private static func digitBits(of count: Int) -> Int {
    precondition(count <= 1 << 30, "a row of \(count) weights is longer than 2^30")
    return 62 - (Int.bitWidth - max(count - 1, 0).leadingZeroBitCount)
  }

  /// Σⱼ weightⱼ·otherⱼ and Σⱼ |weightⱼ|·|otherⱼ|, exactly.
  ///
  /// Digits are below 2^(62 − ⌈log₂ count⌉), so that a sum of products of two stays below 2^(124 − ⌈log₂ count⌉).
  ///
  /// - Precondition: the rows have the same count.
  package func dot(_ other: IntegerRow) -> (sum: Rational, magnitude: Rational) {
    precondition(count == other.count, "rows of \(count) and \(other.count) weights")
    var (sum, magnitude) = (Integer(0), Integer(0))
    for plane in planes {
      for second in other.planes {
        let (digits, factors) = (plane.digits.span, second.digits.span)
        var (part, partMagnitude): (Int128, Int128) = (0, 0)
        for index in 0..<count {
          let product = Int128(digits[index]) &* Int128(factors[index])
          part &+= product
          partMagnitude &+= product < 0 ? -product : product
        }
        sum += Integer(part) << (plane.shift + second.shift)
        magnitude += Integer(partMagnitude) << (plane.shift + second.shift)
      }
    }
    let exponent = exponent + other.exponent
    return (Rational(significand: sum, exponent: exponent), Rational(significand: magnitude, exponent: exponent))
  }

  /// The row of the weights' magnitudes.
  package var magnitudes: IntegerRow {
    IntegerRow(
      count: count, exponent: exponent,
      planes: planes.map { Plane(shift: $0.shift, digits: $0.digits.map { Int64($0.magnitude) }) })
  }

  /// Weight `index` as a rational number.
  package subscript(index: Int) -> Rational {
    let significand = planes.reduce(Integer(0)) { $0 + Integer($1.digits[index]) << $1.shift }
    return Rational(significand: significand, exponent: exponent)
  }
}
