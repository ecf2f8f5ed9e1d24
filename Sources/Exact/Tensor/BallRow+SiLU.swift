extension BallRow {
  /// The sigmoid linear unit x ÷ (1 + e^(−x)) of each element.
  ///
  /// *Error bound*: by the mean value theorem the values over a ball m ± r lie within r·sup|f′| of f(m), and
  /// |f′(m + t)| ≤ |f′(m)| + |t|/2. For with σ the logistic function f″ = σ′·(2 − x·tanh(x/2)), σ′ ≤ 1/4, and
  /// |x|·σ′ ≤ |x|·e^(−|x|) < 0.37: where the bracket is not negative f″ ≤ 2·1/4, elsewhere |f″| ≤ |x|·σ′. f(m) is within 2
  /// units of a row at the unit that `precision` and the radii call for.
  /// - Precondition: radii are below 1.
  package func silu(precision: Int) -> BallRow {
    let (unit, n) = unitAndLimbs(precision: precision)
    let signed = SignedRow(self, unit: unit)
    let exponential = NegativeExponential(limbCount: n)
    let width = signed.limbCount
    var result = WideRow(count: count, limbCount: width + 1, exponent: unit)
    let sizes = [n + 1, n + 1, exponential.scratchCount, n + 1, width + n, n + 1, width]
    result.fill { target, bounds in
      MutableLimbs.scratch(sizes.reduce(0, +)) { scratch in
        let parts = scratch.parts(sizes)
        let (y, power, work, divisor) = (parts[0], parts[1], parts[2], parts[3])
        let (numerator, remainder, quotient) = (parts[4], parts[5], parts[6])
        Limbs.reading(signed.magnitudes) { magnitudes in
          for index in 0..<count {
            let size = magnitudes.part(index * width, width)
            let bits = size.bitWidth
            guard bits > 0 else {
              // f′(0) = 1/2.
              bounds[index] = radius(index)
              continue
            }
            let isNegative = signed.areNegative[index]
            if bits + unit > 32 {
              // e^(−|x|) is below a unit.
              power.clear()
            } else {
              SignedRow.shift(size, by: unit + 64 * n, into: y)
              exponential.evaluate(y.limbs, into: power, scratch: work)
            }
            divisor.set(power.limbs)
            divisor[n] += 1
            if isNegative {
              // |x|·a ÷ (1 + a), with a = e^(−|x|) < 1.
              numerator.setProduct(size, power.limbs.part(0, n))
            } else {
              numerator.clear()
              numerator.part(n, width).set(size)
            }
            quotient.setQuotient(numerator.limbs, divisor.limbs, remainder: remainder)
            let value = target.part(index * (width + 1), width + 1)
            value.part(0, width).set(quotient.limbs)
            if isNegative { value.negate() }
            let r = radius(index)
            let slope = BallRow.steepestSiLU(size, unit: unit, isNegative: isNegative, power[n - 1])
            // Two units of error and, where r is not 0, r·(|f′(m)| + r/2).
            bounds[index] =
              UpperBound(2, exponent: unit) + (r.isZero ? .zero : r * (slope + r.scaled(byPowerOfTwo: -1)))
          }
        }
      }
    }
    return BallRow([result], precision: precision)
  }

  /// The unit to compute at, and the limbs after the point that a function bounded with its derivative by 2 needs there.
  ///
  /// An error of 32 units of 2^(−64n) in e^(−|x|) makes one of at most |x|·32·2^(−64n) ≤ 1/8 in |x| ÷ (1 + a), whose derivative
  /// by a is at most |x|, and in |x|·a ÷ (1 + a), for |x| is at most 2^bits units; rounding down adds less than 1.
  private func unitAndLimbs(precision: Int) -> (unit: Int, limbs: Int) {
    let bits = midpointBits
    var unit = min(exponent, exponent + bits - precision - 8)
    if let radiusTop { unit = min(exponent, max(unit, radiusTop - BallRow.radiusBits)) }
    return (unit, (max(bits + exponent - unit, -unit) + 8 + 63) / 64)
  }

  /// At least |f′(x)| for |x| = `size` · 2^`unit`, where f is the sigmoid linear unit; `top` is the highest limb of
  /// a = e^(−|x|) after the point.
  ///
  /// With g = 1 ÷ (1 + a): f′ = g·(1 + |x|·(1 − g)) for x ≥ 0, and (1 − g)·(1 − |x|·g) for x < 0. In units of 2^−24, where a lies
  /// between ⌊a⌋ − 1 and ⌊a⌋ + 2 because it is off by 32 units of 2^−64 at most. Beyond 64, f′ is below 9/8, and below
  /// (1 + |x|)·e^(−|x|) < 2^−64 in magnitude on the negative side.
  private static func steepestSiLU(_ size: Limbs, unit: Int, isNegative: Bool, _ top: UInt) -> UpperBound {
    guard size.bitWidth + unit <= 6 else {
      return isNegative ? UpperBound(1, exponent: -64) : UpperBound(9, exponent: -3)
    }
    let one: Int64 = 1 << 24
    let cut = Int64(top >> 40)
    let lowest = (one << 24) / (one + cut + 2)
    let greatest = (one << 24) / (one + max(cut - 1, 0)) + 1
    // |x| ≤ 64.
    let drop = -unit - 24
    let x = drop >= 0 ? Int64(size.ceiling(dropping: drop)) : Int64(size[0]) << Int64(-drop)
    if !isNegative {
      let inner = one + (x * (one - lowest)) >> 24 + 1
      return UpperBound(UInt64(greatest * inner), exponent: -48)
    }
    let least = one - (x * greatest) >> 24 - 1
    let most = one - (max(x - 1, 0) * lowest) >> 24
    return UpperBound(UInt64((one - lowest) * max(abs(least), abs(most))), exponent: -48)
  }
}

extension SignedRow {
  /// Makes `target` a number without a sign times 2^`left`, which must fit.
  static func shift(_ source: Limbs, by left: Int, into target: MutableLimbs) {
    let (skipped, bits) = (-left >> 6, UInt(bitPattern: -left & 63))
    func word(_ index: Int) -> UInt { index >= 0 && index < source.count ? source[index] : 0 }
    for index in 0..<target.count {
      let low = word(index + skipped)
      target[index] = bits == 0 ? low : low >> bits | word(index + skipped + 1) << (64 - bits)
    }
  }
}
