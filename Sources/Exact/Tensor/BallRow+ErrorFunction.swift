extension BallRow {
  /// The error function of each element, to `precision` bits after the point.
  ///
  /// *Edge cases*: erf 0 is exactly 0. The answer is [−1, 1] where the radius says no more than that. Beyond 8,000 bits each
  /// element is computed as a ball of its own.
  ///
  /// *Error bound*: what `ErrorFunctionSeries` proves at the midpoint. Over a ball m ± r erf spreads by at most
  /// r·(erf′(m) + r/2), from Taylor's theorem and |erf″| = 4|x| ÷ √π · e^(−x²) ≤ 4 ÷ √(2πe) < 1.
  package func erf(precision: Int) -> BallRow {
    guard count > 0 else { return self }
    let wanted = radiusTop.map { min(precision, max(BallRow.radiusBits - $0, 32)) } ?? precision
    let n = (max(wanted, 2) + 24 + 63) / 64
    guard n <= ErrorFunctionSeries.limit else {
      return BallRow(balls.map { Ball.erf($0, precision: precision) }, precision: precision + 8)
    }
    let series = ErrorFunctionSeries(limbCount: n)
    var result = WideRow(count: count, limbCount: n + 1, exponent: -64 * n)
    result.fill { target, bounds in
      MutableLimbs.scratch(limbCount + n + 1) { scratch in
        let (size, x) = (scratch.part(0, limbCount), scratch.part(limbCount, n + 1))
        for index in 0..<count {
          let isNegative = magnitude(index, into: size)
          let value = target.part(index * (n + 1), n + 1)
          let bits = size.limbs.bitWidth
          x.clear()
          if bits + exponent > 32 {
            // erf is there what it is at 2^31.
            x[n] = 1 << 31
          } else {
            SignedRow.shift(size.limbs, by: exponent + 64 * n, into: x)
          }
          let r = radius(index)
          let point = series.evaluate(x.limbs, into: value)
          var bound = bits == 0 ? UpperBound.zero : UpperBound(point.error, exponent: -64 * n)
          if bits == 0 { value.clear() }
          if !r.isZero { bound = bound + r * (point.slope + r.scaled(byPowerOfTwo: -1)) }
          if isNegative { value.negate() }
          BallRow.limit(value, &bound)
          bounds[index] = bound
        }
      }
    }
    return BallRow([result], precision: precision + 8)
  }
}
