/// A row of balls over one power of two: element j lies within radiiⱼ units of midpointⱼ units, a unit being 2^`exponent`.
///
/// Digits far below a radius mean nothing, so the unit follows the greatest radius of the row, and with it the length of
/// every midpoint: as balls widen from layer to layer, numbers become shorter. Midpoints stand side by side in two's
/// complement, so that a row is two allocations however many elements it has.
package struct BallRow: Sendable {
  /// The number of elements.
  package let count: Int
  /// The power of two that midpoints and radii are multiples of.
  let exponent: Int
  /// The number of 64-bit limbs of a midpoint; at least 1.
  let limbCount: Int
  /// Limb i of element j, least significant first, at j · limbCount + i.
  let limbs: [UInt]
  /// At most 2^`radiusBits` + 1 each.
  let radii: [UInt64]

  /// The bits that the greatest radius of a row has, at most.
  ///
  /// Dropping what is below widens a radius by less than one unit, 2^−19 of the greatest in the row at the least.
  static let radiusBits = 20

  /// The row that `parts` make one after another, at the unit that their radii and `precision` call for.
  ///
  /// The unit is the greater of 2^−`radiusBits` times a power of two above the greatest radius and 2^−`precision` times one
  /// above the greatest magnitude, but never finer than 2^`leastUnit`, nor than the parts' own where their radii allow that.
  /// *Error bound*: each element encloses that of its part; its radius grows by less than two units, and not at all where
  /// midpoint and radius are multiples of the unit.
  package init(_ parts: [WideRow], precision: Int, leastUnit: Int = .min) {
    var finest = Int.max
    var top = Int.min
    var radiusTop = Int.min
    for part in parts where part.count > 0 {
      finest = min(finest, part.exponent)
      if let bits = part.midpointBits { top = max(top, part.exponent + bits) }
      for radius in part.radii where !radius.isZero { radiusTop = max(radiusTop, radius.top) }
    }
    let count = parts.reduce(0) { $0 + $1.count }
    // Radii far below the midpoints' unit would be rounded up to one: 1/8 more of the greatest is as much as may be.
    if radiusTop > .min { finest = max(min(finest, radiusTop - 4), radiusTop - BallRow.radiusBits) }
    var unit = max(finest == .max ? 0 : finest, leastUnit)
    if top > .min { unit = max(unit, top - max(precision, 2)) }
    // |midpoint| ≤ 2^top, and its floor in units lies within ±2^(top − unit).
    let limbCount = top > .min && top > unit ? (top - unit + 1) / 64 + 1 : 1
    var radii: [UInt64] = []
    radii.reserveCapacity(count)
    var limbs = [UInt](repeating: 0, count: max(count, 1) * limbCount)
    MutableLimbs.writing(&limbs) { limbs in
      var place = 0
      for part in parts where part.count > 0 {
        let shift = part.exponent - unit
        Limbs.reading(part.limbs) { source in
          for index in 0..<part.count {
            let midpoint = source.part(index * part.limbCount, part.limbCount)
            limbs.part(place, limbCount).set(midpoint, shiftedLeft: shift)
            place += limbCount
            radii.append(part.radii[index].units(of: unit) + (midpoint.isMultiple(ofPowerOfTwo: -shift) ? 0 : 1))
          }
        }
      }
    }
    self.init(count: count, exponent: unit, limbCount: limbCount, limbs: limbs, radii: radii)
  }

  private init(count: Int, exponent: Int, limbCount: Int, limbs: [UInt], radii: [UInt64]) {
    self.count = count
    self.exponent = exponent
    self.limbCount = limbCount
    self.limbs = limbs
    self.radii = radii
  }

  /// The row of `balls`, at the unit that their radii and `precision` call for; without error where all are exact dyadic
  /// numbers and `precision` spans them.
  package init(_ balls: some Collection<Ball>, precision: Int) {
    // Units fine enough for every midpoint, but no finer than the precision wants.
    let top = balls.lazy.filter { !$0.midpoint.isZero }.map { $0.midpoint.floorLog2 + 1 }.max() ?? 0
    let finest = balls.lazy.map { ball in ball.midpoint.dyadic.map { $0.exponent } ?? .min }.min() ?? 0
    let radiusTop = balls.lazy.filter { !$0.isExact }.map { $0.radius.floorLog2 + 1 }.max()
    let wanted = max(top - precision, radiusTop.map { $0 - BallRow.radiusBits } ?? .min) - 8
    let unit = max(min(finest, radiusTop.map { $0 - 8 } ?? finest), wanted)
    let limbCount = (max(top - unit, 0) + 1) / 64 + 1
    var row = WideRow(count: balls.count, limbCount: limbCount, exponent: unit)
    row.fill { limbs, radii in
      for (index, ball) in balls.enumerated() {
        let midpoint = ball.midpoint.units(ofPowerOfTwo: unit, .toNearestOrEven)
        limbs.part(index * limbCount, limbCount).set(midpoint)
        let isHeldExactly = Rational(significand: midpoint, exponent: unit) == ball.midpoint
        radii[index] = UpperBound(ball.radius) + (isHeldExactly ? .zero : UpperBound(1, exponent: unit))
      }
    }
    self.init([row], precision: precision)
  }

  /// Element `index`.
  package subscript(index: Int) -> Ball {
    Ball(
      midpoint: Rational(significand: midpoint(index), exponent: exponent),
      radius: radii[index] == 0 ? .zero : Rational(significand: Integer(radii[index]), exponent: exponent))
  }

  /// The midpoint of element `index`, in units.
  func midpoint(_ index: Int) -> Integer {
    Limbs.reading(limbs) { Integer(twosComplement: $0.part(index * limbCount, limbCount)) }
  }

  /// All elements.
  package var balls: [Ball] { (0..<count).map { self[$0] } }

  /// The elements `range` as they are.
  package func part(_ range: Range<Int>) -> WideRow {
    WideRow(
      limbCount: limbCount, exponent: exponent,
      limbs: Array(limbs[range.lowerBound * limbCount..<range.upperBound * limbCount]),
      radii: radii[range].map { UpperBound($0, exponent: exponent) })
  }

  /// The elements `range`, at a unit of their own.
  package func row(_ range: Range<Int>, precision: Int) -> BallRow { BallRow([part(range)], precision: precision) }

  /// The greatest radius is below two to the power of this; `nil` where every element is exact.
  package var radiusTop: Int? {
    let greatest = radii.max() ?? 0
    return greatest == 0 ? nil : exponent + UInt64.bitWidth - greatest.leadingZeroBitCount
  }

  /// This row in units of at least 2^`unit`.
  ///
  /// *Error bound*: encloses this row; radii grow by less than two units.
  package func coarsened(toUnit unit: Int) -> BallRow {
    unit <= exponent ? self : BallRow([part(0..<count)], precision: BallRow.allBits, leastUnit: unit)
  }

  /// A precision beyond that of any row.
  static let allBits = 1 << 40

  /// The bits of the greatest midpoint: every one lies within ±2^`midpointBits` units.
  var midpointBits: Int {
    count == 0 ? 0 : Limbs.reading(limbs) { $0.greatestBits(count: count, limbCount: limbCount) } ?? 0
  }
}

extension Limbs {
  /// Whether the number in two's complement is a multiple of 2^`power`.
  func isMultiple(ofPowerOfTwo power: Int) -> Bool {
    guard power > 0 else { return true }
    let words = power / 64
    for index in 0..<min(words, count) where self[index] != 0 { return false }
    guard words < count, power % 64 > 0 else { return true }
    return self[words] << UInt(64 - power % 64) == 0
  }

  /// For `count` numbers of `limbCount` limbs in two's complement, the least b with −2^b ≤ each < 2^b; `nil` where all
  /// are 0.
  func greatestBits(count: Int, limbCount: Int) -> Int? {
    // A number m ≥ 0 has the bits of m, one below 0 those of −m − 1, which is m with every bit turned over.
    var isZero = true
    var words = [UInt](repeating: 0, count: limbCount)
    for element in 0..<count {
      let start = element * limbCount
      let sign: UInt = self[start + limbCount - 1] >> 63 == 1 ? .max : 0
      if sign != 0 { isZero = false }
      for limb in 0..<limbCount { words[limb] |= self[start + limb] ^ sign }
    }
    guard let highest = words.lastIndex(where: { $0 != 0 }) else { return isZero ? nil : 0 }
    return 64 * (highest + 1) - words[highest].leadingZeroBitCount
  }
}

extension MutableLimbs {
  /// Makes it `value` in two's complement, which fits.
  func set(_ value: Integer) {
    let words = value.magnitudeWords
    precondition(words.count <= count, "a number of \(words.count) limbs where there is room for \(count)")
    for index in 0..<count { self[index] = index < words.count ? words[index] : 0 }
    if value.signum() < 0 { negate() }
  }
}

extension Integer {
  /// The number that `limbs` are in two's complement.
  init(twosComplement limbs: Limbs) {
    let isNegative = limbs.isNegative
    var carry = isNegative
    self.init(
      words: (0..<limbs.count).map { index -> UInt in
        guard isNegative else { return limbs[index] }
        let (word, overflow) = (~limbs[index]).addingReportingOverflow(carry ? 1 : 0)
        carry = overflow
        return word
      }, isNegative: isNegative)
  }
}
