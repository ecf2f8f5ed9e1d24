extension UpperBound {
  /// At least `magnitude` · 2^`exponent`, for a number without a sign.
  @inline(__always)
  init(_ magnitude: Limbs, exponent: Int) {
    let drop = Swift.max(0, magnitude.bitWidth - 32)
    self.init(UInt64(magnitude.ceiling(dropping: drop)), exponent: exponent + drop)
  }
}

extension BallRow {
  /// Element by element, the sums of this row's and `other`'s.
  ///
  /// *Error bound*: the radius is the sum of the radii, then that of the row's rounding to its unit.
  package func adding(_ other: BallRow, precision: Int) -> BallRow {
    precondition(count == other.count, "rows of \(count) and \(other.count) elements")
    let unit = min(exponent, other.exponent)
    let bits = max(midpointBits + exponent, other.midpointBits + other.exponent) - unit
    // A sum of two numbers within ±2^bits needs two more.
    let limbCount = (bits + 2) / 64 + 1
    var result = WideRow(count: count, limbCount: limbCount, exponent: unit)
    result.fill { target, bounds in
      Limbs.reading(limbs) { left in
        Limbs.reading(other.limbs) { right in
          MutableLimbs.scratch(limbCount) { term in
            for index in 0..<count {
              let sum = target.part(index * limbCount, limbCount)
              sum.set(left.part(index * self.limbCount, self.limbCount), shiftedLeft: exponent - unit)
              term.set(
                right.part(index * other.limbCount, other.limbCount), shiftedLeft: other.exponent - unit)
              sum.add(term.limbs)
              bounds[index] =
                UpperBound(radii[index], exponent: exponent) + UpperBound(other.radii[index], exponent: other.exponent)
            }
          }
        }
      }
    }
    return BallRow([result], precision: precision)
  }

  /// Element by element, the products of this row's and `other`'s.
  ///
  /// *Error bound*: with x = a + ε, y = b + δ, |ε| ≤ r, |δ| ≤ s: |xy − ab| = |aδ + ε(b + δ)| ≤ |a|s + r(|b| + s).
  package func multiplied(by other: BallRow, precision: Int) -> BallRow {
    precondition(count == other.count, "rows of \(count) and \(other.count) elements")
    let limbCount = self.limbCount + other.limbCount
    var result = WideRow(count: count, limbCount: limbCount, exponent: exponent + other.exponent)
    result.fill { target, bounds in
      MutableLimbs.scratch(limbCount) { scratch in
        let left = scratch.part(0, self.limbCount)
        let right = scratch.part(self.limbCount, other.limbCount)
        for index in 0..<count {
          let isNegative = magnitude(index, into: left) != other.magnitude(index, into: right)
          let product = target.part(index * limbCount, limbCount)
          product.setProduct(left.limbs, right.limbs)
          if isNegative { product.negate() }
          let (r, s) = (radius(index), other.radius(index))
          var bound = UpperBound.zero
          if !s.isZero { bound = UpperBound(left.limbs, exponent: exponent) * s }
          if !r.isZero { bound = bound + r * (UpperBound(right.limbs, exponent: other.exponent) + s) }
          bounds[index] = bound
        }
      }
    }
    return BallRow([result], precision: precision)
  }

  /// The products of all elements with `factor`.
  ///
  /// *Error bound*: that of a product of two balls, after the factor was rounded to `precision` bits where its midpoint is
  /// no dyadic number.
  package func scaled(by factor: Ball, precision: Int) -> BallRow {
    let dyadic = factor.midpoint.isDyadic ? factor : factor.rounded(to: precision + 8)
    guard let (significand, power) = dyadic.midpoint.dyadic, !significand.isZero else {
      // Only the radius of the factor is left.
      return multiplied(by: BallRow(repeatElement(factor, count: count), precision: precision), precision: precision)
    }
    let words = significand.magnitudeWords
    let isFactorNegative = significand.signum() < 0
    let size = UpperBound(dyadic.midpoint.magnitude)
    let spread = UpperBound(dyadic.radius)
    let limbCount = self.limbCount + words.count
    var result = WideRow(count: count, limbCount: limbCount, exponent: exponent + power)
    result.fill { target, bounds in
      Limbs.reading(words) { words in
        MutableLimbs.scratch(self.limbCount) { scratch in
          for index in 0..<count {
            let isNegative = magnitude(index, into: scratch) != isFactorNegative
            let product = target.part(index * limbCount, limbCount)
            product.setProduct(scratch.limbs, words)
            if isNegative { product.negate() }
            var bound = radius(index) * (size + spread)
            if !spread.isZero { bound = bound + UpperBound(scratch.limbs, exponent: exponent) * spread }
            bounds[index] = bound
          }
        }
      }
    }
    return BallRow([result], precision: precision)
  }

  /// The sum of the squares of all elements.
  ///
  /// *Error bound*: the midpoint is exact; with x = a + ε, |ε| ≤ r: |x² − a²| ≤ 2|a|r + r² ≤ 2·(|a| + r)·r.
  package var sumOfSquares: Ball {
    guard count > 0 else { return .zero }
    var spread = UpperBound.zero
    // Fewer than 2^63 squares.
    var sum = [UInt](repeating: 0, count: 2 * limbCount + 1)
    MutableLimbs.writing(&sum) { sum in
      MutableLimbs.scratch(3 * limbCount) { scratch in
        let size = scratch.part(0, limbCount)
        let square = scratch.part(limbCount, 2 * limbCount)
        for index in 0..<count {
          magnitude(index, into: size)
          square.setSquare(size.limbs)
          sum.add(square.limbs)
          let r = radius(index)
          if !r.isZero { spread = spread + (UpperBound(size.limbs, exponent: exponent) + r) * r }
        }
      }
    }
    return Ball(
      midpoint: Rational(significand: Integer(words: sum, isNegative: false), exponent: 2 * exponent),
      radius: spread.scaled(byPowerOfTwo: 1).value)
  }

  /// Writes |midpoint| of element `index`; whether it is negative.
  @inline(__always) @discardableResult
  func magnitude(_ index: Int, into target: MutableLimbs) -> Bool {
    Limbs.reading(limbs) { target.setMagnitude(of: $0.part(index * limbCount, limbCount)) }
  }

  /// The radius of element `index`.
  @inline(__always)
  func radius(_ index: Int) -> UpperBound { UpperBound(radii[index], exponent: exponent) }
}
