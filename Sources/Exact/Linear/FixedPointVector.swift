/// A vector of balls over one power of two: element j lies within radii[j] · 2^`radiusExponent` of midpointⱼ · 2^`exponent`.
///
/// A midpoint is stored in offset binary, midpointⱼ + 2^(64·limbCount − 1), so that each of its limbs is unsigned; the
/// limbs of equal weight stand together, because a dot product goes through them column by column.
package struct FixedPointVector: Sendable {
  /// The number of elements.
  package let count: Int
  /// The power of two that every midpoint is a multiple of.
  package let exponent: Int
  /// Whether every element is a single real number, held without error.
  package var isExact: Bool { radii.isEmpty }

  /// Limbs 4g ..< 4g + 4 of element j at g · count + j.
  let quads: [SIMD4<UInt64>]
  /// The limbs that do not fill a quad, limb by limb.
  let singles: [UInt64]
  /// The number of 64-bit limbs of an element.
  let limbCount: Int
  /// The least number of bits that hold the magnitude of every midpoint, in units.
  let midpointBits: Int
  /// For each limb the sum over the elements, modulo 2^128.
  let limbSums: [UInt128]
  /// At most 2^40 each; empty when all are 0.
  let radii: [UInt64]
  let radiusExponent: Int

  /// The vector of `balls`, without error where that is possible at a reasonable size.
  ///
  /// Vectors whose elements are all exact, and of which the greatest is below 2^320 units of the finest one, keep radius 0:
  /// that is every vector of binary32 numbers. Otherwise midpoints are rounded to a unit of at most
  /// max(2^−`precision`· the greatest magnitude, 2^−24 · the greatest radius / count), which the radii absorb.
  ///
  /// *Error bound*: each element encloses its ball. Radii are rounded up by at most 2^−39 of the greatest.
  package init(_ balls: some Collection<Ball>, precision: Int) {
    let unit = FixedPointVector.unit(of: balls, precision: precision)
    let half = Rational(significand: 1, exponent: unit - 1)
    var midpoints: [Integer] = []
    var radii: [Rational] = []
    midpoints.reserveCapacity(balls.count)
    radii.reserveCapacity(balls.count)
    for ball in balls {
      midpoints.append(ball.midpoint.units(ofPowerOfTwo: unit, .toNearestOrEven))
      let isHeldExactly = ball.midpoint.dyadic.map { $0.exponent >= unit || $0.significand.isZero } ?? false
      radii.append(isHeldExactly ? ball.radius : ball.radius + half)
    }
    self.init(midpoints: midpoints, exponent: unit, radii: radii)
  }

  /// The vector of the real numbers that `values` are, without error, or `nil` when one of them is NaN or infinite.
  package init?(exactly values: some Collection<Float>) {
    var balls: [Ball] = []
    balls.reserveCapacity(values.count)
    for value in values {
      guard let exact = Rational(exactly: value) else { return nil }
      balls.append(Ball(exact))
    }
    self.init(balls, precision: FixedPointVector.exactSpan)
  }

  /// The exact vector of the greatest magnitude that each element may have.
  package var magnitudes: FixedPointVector {
    let balls = (0..<count).map { index -> Ball in
      let ball = self[index]
      return Ball(ball.midpoint.magnitude + ball.radius)
    }
    return FixedPointVector(balls, precision: FixedPointVector.exactSpan + 64 * limbCount)
  }

  /// Element `index`.
  package subscript(index: Int) -> Ball {
    let limbs = (0..<limbCount).map { UInt(limb($0, of: index)) }
    let midpoint = Integer(words: limbs, isNegative: false) - Integer(1) << (64 * limbCount - 1)
    return Ball(
      midpoint: Rational(significand: midpoint, exponent: exponent),
      radius: radii.isEmpty
        ? 0 : Rational(significand: Integer(radii[index]), exponent: radiusExponent))
  }

  /// Limb `limb` of element `index` as it is stored.
  func limb(_ limb: Int, of index: Int) -> UInt64 {
    let quad = limb / 4
    return quad < limbCount / 4
      ? quads[quad * count + index][limb % 4]
      : singles[(limb - limbCount / 4 * 4) * count + index]
  }

  /// The number of bits between the greatest binary32 number and the least: every vector of them fits exactly.
  private static let exactSpan = 320

  private init(midpoints: [Integer], exponent: Int, radii: [Rational]) {
    let count = midpoints.count
    // Offset binary of 64·limbCount bits holds −2^(64·limbCount − 1) ..< 2^(64·limbCount − 1).
    let midpointBits = midpoints.reduce(0) { max($0, $1.bitWidth) }
    let limbCount = (midpointBits + 1 + 63) / 64
    let quadCount = limbCount / 4
    var quads = [SIMD4<UInt64>](repeating: .zero, count: quadCount * count)
    var singles = [UInt64](repeating: 0, count: (limbCount - 4 * quadCount) * count)
    var sums = [UInt128](repeating: 0, count: limbCount)
    let offset = Integer(1) << (64 * limbCount - 1)
    for (index, midpoint) in midpoints.enumerated() {
      let words = (midpoint + offset).magnitudeWords
      for (limb, word) in words.enumerated() {
        sums[limb] &+= UInt128(word)
        if limb < 4 * quadCount {
          quads[limb / 4 * count + index][limb % 4] = UInt64(word)
        } else {
          singles[(limb - 4 * quadCount) * count + index] = UInt64(word)
        }
      }
    }
    self.count = count
    self.exponent = exponent
    self.quads = quads
    self.singles = singles
    self.limbCount = limbCount
    self.midpointBits = midpointBits
    self.limbSums = sums
    if let greatest = radii.max(), !greatest.isZero {
      let unit = greatest.floorLog2 - 39
      // radius / 2^unit < 2^40, so the ceiling is at most 2^40.
      self.radii = radii.map { UInt64($0.units(ofPowerOfTwo: unit, .up).magnitudeWords.first ?? 0) }
      self.radiusExponent = unit
    } else {
      self.radii = []
      self.radiusExponent = 0
    }
  }

  /// The exponent of the unit to which `init` rounds midpoints.
  private static func unit(of balls: some Collection<Ball>, precision: Int) -> Int {
    var finest: Int? = .max
    var top = Int.min
    var radiusTop: Int?
    for ball in balls {
      if !ball.midpoint.isZero {
        top = max(top, ball.midpoint.floorLog2 + 1)
        finest = ball.midpoint.dyadic.flatMap { dyadic in finest.map { min($0, dyadic.exponent) } }
      }
      if !ball.radius.isZero { radiusTop = max(radiusTop ?? .min, ball.radius.floorLog2) }
    }
    guard top > .min else { return radiusTop ?? 0 }
    var needed = top - max(precision, exactSpan)
    if let radiusTop {
      let guardBits = 24 + Int.bitWidth - balls.count.leadingZeroBitCount
      needed = max(top - max(precision, 32), radiusTop - guardBits)
    }
    return finest.map { max($0, needed) } ?? needed
  }
}
