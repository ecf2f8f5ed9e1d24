extension BallRow {
  /// e^x of each element, to `precision` bits from the greatest on.
  ///
  /// *Error bound*: with the greatest midpoint M, e^m is e^M, of which `Ball.exp` says how far off it is, times e^(−y) for
  /// y = M − m ≥ 0, which is off by 32 units of 2^(−64n), n limbs. Over a ball m ± r with r ≤ 1 it spreads by at most
  /// e^m·(r + r²), for e^r − 1 ≤ r + r² there.
  /// - Throws: `EnclosureError` where a radius is 1 or more, or an element 2^16 or more.
  package func exp(precision: Int) throws(EnclosureError) -> BallRow {
    guard count > 0 else { return self }
    guard (radiusTop ?? .min) <= 0 else { throw .argumentOutsideDomain(function: "exp of a ball wider than 1") }
    var greatest = 0
    for index in 1..<count where isMidpoint(greatest, below: index) { greatest = index }
    let factor = try Ball.exp(Ball(self[greatest].midpoint), precision: precision + 8)
    let result = exponentials(precision: precision) { index, y, all in
      let element = y.part(0, limbCount + 1)
      let distance = y.part(limbCount + 1, limbCount + 1)
      distance.set(all.part(greatest * limbCount, limbCount), shiftedLeft: 0)
      element.set(all.part(index * limbCount, limbCount), shiftedLeft: 0)
      distance.subtract(element.limbs)
      return (distance.limbs, 0)
    } value: { index, power, target, _, error in
      target.set(power.limbs)
      let r = radius(index)
      let size = UpperBound(power.limbs, exponent: -64 * (power.count - 1)) + error
      return r.isZero ? error : size * (r + r * r) + error
    }
    return result.scaled(by: factor, precision: precision)
  }

  /// The logistic function 1 ÷ (1 + e^(−x)) of each element, to `precision` bits after the point.
  ///
  /// *Error bound*: with a = e^(−|x|) off by 32 units of 2^(−64n), 1 ÷ (1 + a) and a ÷ (1 + a), whose derivatives by a are at
  /// most 1, are off by 32 units, and by 1 more for the rounding down. Over m ± r the function spreads by at most
  /// r·(σ′(m) + r/8), for |σ″| ≤ σ′/2 ≤ 1/8 and σ′ = a ÷ (1 + a)².
  package func sigmoid(precision: Int) -> BallRow {
    exponentials(precision: precision) { index, y, _ in
      let size = y.part(0, limbCount)
      magnitude(index, into: size)
      return (size.limbs, 0)
    } value: { index, power, target, scratch, error in
      let isNegative = isMidpointNegative(index)
      let slope = BallRow.quotient(power, target, scratch) { numerator, one in
        if isNegative { numerator.set(power.limbs) } else { numerator.set(one.limbs) }
      }
      let r = radius(index)
      return r.isZero ? error : r * (slope + r.scaled(byPowerOfTwo: -3)) + error
    }
  }

  /// The hyperbolic tangent of each element, to `precision` bits after the point.
  ///
  /// *Error bound*: with b = e^(−2|x|) off by 32 units of 2^(−64n), (1 − b) ÷ (1 + b), whose derivative by b is at most 2 in
  /// magnitude, is off by 64 units, and by 1 more for the rounding down. Over m ± r the function spreads by at most
  /// r·(tanh′(m) + r), for |tanh″| = 2·|tanh|·tanh′ < 1 and tanh′ = 4b ÷ (1 + b)².
  package func tanh(precision: Int) -> BallRow {
    exponentials(precision: precision) { index, y, _ in
      let size = y.part(0, limbCount)
      magnitude(index, into: size)
      return (size.limbs, 1)
    } value: { index, power, target, scratch, error in
      let slope = BallRow.quotient(power, target, scratch) { numerator, one in
        numerator.set(one.limbs)
        // 1 − b, of which b is at most a unit above 1.
        if numerator.subtract(power.limbs) { numerator.clear() }
      }
      if isMidpointNegative(index) { target.negate() }
      let r = radius(index)
      let spread = r.isZero ? .zero : r * (slope.scaled(byPowerOfTwo: 2) + r)
      return spread + error.scaled(byPowerOfTwo: 1)
    }
  }

  /// Makes `target` what `numerator` writes, over 1 + a, and returns at least a ÷ (1 + a)².
  ///
  /// The second factor comes from the highest limb of a: with ⌊2^24·a⌋ or one less, 1 ÷ (1 + a) is rounded up.
  private static func quotient(
    _ power: MutableLimbs, _ target: MutableLimbs, _ scratch: MutableLimbs,
    numerator write: (_ numerator: MutableLimbs, _ one: MutableLimbs) -> Void
  ) -> UpperBound {
    let n = power.count - 1
    let divisor = scratch.part(0, n + 1)
    let one = scratch.part(n + 1, n + 1)
    let numerator = scratch.part(2 * (n + 1), 2 * n + 1)
    let remainder = scratch.part(4 * n + 3, n + 1)
    one.clear()
    one[n] = 1
    divisor.set(power.limbs)
    divisor[n] += 1
    numerator.clear()
    write(numerator.part(n, n + 1), one)
    target.setQuotient(numerator.limbs, divisor.limbs, remainder: remainder)
    let cut = power[n] > 0 ? 1 << 24 : power[n - 1] >> 40
    let least: UInt = (1 << 24) + (cut > 0 ? cut - 1 : 0)
    let inverse = UpperBound(UInt64((1 << 48) / least + 1), exponent: -24)
    let size = UpperBound(power.limbs, exponent: -64 * n) + UpperBound(NegativeExponential.error, exponent: -64 * n)
    return size * inverse * inverse
  }

  /// The results of `value` from e^(−y) for the y of each element.
  ///
  /// `argument` makes y of an element: a number without a sign in units of the row times 2^power.
  /// The error that `value` is told is 34 units of the last place: 32 for the exponential, 1 where y is cut there, for its
  /// derivative is at most 1, and 1 for a division.
  private func exponentials(
    precision: Int,
    argument: (_ index: Int, _ scratch: MutableLimbs, _ limbs: Limbs) -> (y: Limbs, power: Int),
    value: (
      _ index: Int, _ power: MutableLimbs, _ target: MutableLimbs, _ scratch: MutableLimbs, _ error: UpperBound
    ) -> UpperBound
  ) -> BallRow {
    let wanted = radiusTop.map { min(precision, max(BallRow.radiusBits - $0, 32)) } ?? precision
    let n = (max(wanted, 2) + 8 + 63) / 64
    let error = UpperBound(NegativeExponential.error + 2, exponent: -64 * n)
    let exponential = NegativeExponential(limbCount: n)
    var result = WideRow(count: count, limbCount: n + 1, exponent: -64 * n)
    let sizes = [2 * limbCount + 2, n + 1, n + 1, exponential.scratchCount, 5 * n + 4]
    result.fill { target, bounds in
      MutableLimbs.scratch(sizes.reduce(0, +)) { scratch in
        let parts = scratch.parts(sizes)
        let (y, power) = (parts[1], parts[2])
        Limbs.reading(limbs) { all in
          for index in 0..<count {
            let (size, doublings) = argument(index, parts[0], all)
            let left = exponent + doublings + 64 * n
            if size.bitWidth + exponent + doublings > 32 {
              // e^(−2^32) is below a unit.
              power.clear()
            } else {
              SignedRow.shift(size, by: left, into: y)
              exponential.evaluate(y.limbs, into: power, scratch: parts[3])
            }
            bounds[index] = value(index, power, target.part(index * (n + 1), n + 1), parts[4], error)
          }
        }
      }
    }
    return BallRow([result], precision: precision + 8)
  }

  private func isMidpointNegative(_ index: Int) -> Bool { limbs[(index + 1) * limbCount - 1] >> 63 == 1 }
}
