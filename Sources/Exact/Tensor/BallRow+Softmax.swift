extension BallRow {
  /// The softmax e^xᵢ ÷ Σⱼ e^xⱼ over the elements `allowed`; exactly 0 elsewhere, and exactly 1 where one alone is allowed.
  ///
  /// *Error bound*. Let pᵢ be the softmax of the midpoints, |δⱼ| ≤ rⱼ ≤ R ≤ 1/32. That of mᵢ + δᵢ is pᵢ·e^δᵢ ÷ D with
  /// D = Σ pⱼ·e^δⱼ ≥ e^(−R), and
  ///
  ///     |e^δᵢ ÷ D − 1| = |Σⱼ pⱼ·(e^δᵢ − e^δⱼ)| ÷ D ≤ e^(2R)·Σ_{j ≠ i} pⱼ·(rᵢ + rⱼ),   e^(2R) < 9/8,
  ///
  /// because the term of j = i is 0 and Σ pⱼ = 1. So the radius is 9/8·pᵢ·((S − pᵢ)·rᵢ + T − pᵢ·rᵢ) with S = Σ pⱼ and
  /// T = Σ pⱼ·rⱼ, computed from the pⱼ rounded up to multiples of 2^−32. To that come the errors of computing pᵢ: with the
  /// greatest element subtracted one exponential is exactly 1, the others are off by at most 32 units each, their sum A ≥ 1
  /// by 32·count, so that the quotient is off by 32·(1 + count) and, rounded down, 1 more.
  /// - Precondition: radii are below 1/32.
  package func softmax(allowed: [Int], precision: Int) -> BallRow {
    guard allowed.count > 1, var greatest = allowed.first else {
      var row = WideRow(count: count, limbCount: 1, exponent: 0)
      row.fill { limbs, _ in for index in allowed { limbs[index] = 1 } }
      return BallRow([row], precision: precision)
    }
    for index in allowed where isMidpoint(greatest, below: index) { greatest = index }
    let n = (max(-exponent + 32, allowed.allSatisfy { radii[$0] == 0 } ? precision + 40 : 0, 64) + 63) / 64
    let error = UpperBound(NegativeExponential.error * UInt64(allowed.count + 2), exponent: -64 * n)
    let exponential = NegativeExponential(limbCount: n)
    var result = WideRow(count: count, limbCount: n + 1, exponent: -64 * n)
    let sizes = [limbCount + 1, limbCount + 1, n + 1, exponential.scratchCount, n + 1, 2 * n + 1, n + 1]
    result.fill { target, bounds in
      MutableLimbs.scratch(sizes.reduce(0, +)) { scratch in
        let parts = scratch.parts(sizes)
        let (distance, element, y, work) = (parts[0], parts[1], parts[2], parts[3])
        let (sum, numerator, remainder) = (parts[4], parts[5], parts[6])
        func power(_ index: Int) -> MutableLimbs { target.part(index * (n + 1), n + 1) }
        sum.clear()
        Limbs.reading(limbs) { all in
          for index in allowed {
            if index == greatest {
              power(index)[n] = 1
            } else {
              distance.set(all.part(greatest * limbCount, limbCount), shiftedLeft: 0)
              element.set(all.part(index * limbCount, limbCount), shiftedLeft: 0)
              distance.subtract(element.limbs)
              if distance.limbs.bitWidth + exponent > 32 {
                // e^(−2^32) is below a unit.
                power(index).clear()
              } else {
                SignedRow.shift(distance.limbs, by: exponent + 64 * n, into: y)
                exponential.evaluate(y.limbs, into: power(index), scratch: work)
              }
            }
            sum.add(power(index).limbs)
          }
        }
        for index in allowed {
          numerator.clear()
          numerator.part(n, n + 1).set(power(index).limbs)
          power(index).setQuotient(numerator.limbs, sum.limbs, remainder: remainder)
        }
        // Rounded up to multiples of 2^−32, the error of less than 2^−32 included.
        let shares = allowed.map { UInt128(power($0).limbs.ceiling(dropping: 64 * n - 32)) + 1 }
        var (whole, spread): (UInt128, UInt128) = (0, 0)
        for (share, index) in zip(shares, allowed) {
          whole += share
          spread += share * UInt128(radii[index])
        }
        for (share, index) in zip(shares, allowed) {
          let others = (whole - share) * UInt128(radii[index]) + (spread - share * UInt128(radii[index]))
          bounds[index] =
            (UpperBound(power(index).limbs, exponent: -64 * n) + error)
            * UpperBound(wide: others, exponent: exponent - 32) * UpperBound(9, exponent: -3) + error
        }
      }
    }
    return BallRow([result], precision: precision)
  }

  /// Whether midpoint `left` is below midpoint `right`.
  func isMidpoint(_ left: Int, below right: Int) -> Bool {
    Limbs.reading(limbs) { all in
      let (left, right) = (all.part(left * limbCount, limbCount), all.part(right * limbCount, limbCount))
      let (first, second) = (Int(bitPattern: left[limbCount - 1]), Int(bitPattern: right[limbCount - 1]))
      if first != second { return first < second }
      for index in (0..<limbCount - 1).reversed() where left[index] != right[index] {
        return left[index] < right[index]
      }
      return false
    }
  }
}
