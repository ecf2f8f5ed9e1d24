extension BallRow {
  /// The sine and the cosine of each element, to `precision` bits after the point.
  ///
  /// *Edge cases*: sin 0 is exactly 0, cos 0 exactly 1. Both are [−1, 1] where |x| ≥ 2^4096, or where the radius says no more
  /// than that.
  ///
  /// *Error bound*: both are off by 16 units of 2^(−64n) at the midpoint, n limbs. Over a ball m ± r sin spreads by at most
  /// |cos m|·r + r²/2 and cos by |sin m|·r + r²/2, from Taylor's theorem.
  package func sineAndCosine(precision: Int) -> (sine: BallRow, cosine: BallRow) {
    guard count > 0 else { return (self, self) }
    let wanted = radiusTop.map { min(precision, max(BallRow.radiusBits - $0, 32)) } ?? precision
    let n = (max(wanted, 2) + 8 + 63) / 64
    let kernel = SineAndCosine(limbCount: n)
    let error = UpperBound(SineAndCosine.error, exponent: -64 * n)
    var sines = WideRow(count: count, limbCount: n + 1, exponent: -64 * n)
    var cosines = sines
    sines.fill { sineTarget, sineBounds in
      cosines.fill { cosineTarget, cosineBounds in
        let sizes = [limbCount, kernel.scratchCount]
        MutableLimbs.scratch(sizes.reduce(0, +)) { scratch in
          let parts = scratch.parts(sizes)
          for index in 0..<count {
            let sine = sineTarget.part(index * (n + 1), n + 1)
            let cosine = cosineTarget.part(index * (n + 1), n + 1)
            let size = parts[0]
            let isNegative = magnitude(index, into: size)
            let bits = size.limbs.bitWidth
            let r = radius(index)
            let curved = r.isZero ? .zero : (r * r).scaled(byPowerOfTwo: -1)
            if bits == 0 {
              cosine[n] = 1
              (sineBounds[index], cosineBounds[index]) = (r, curved)
            } else if bits + exponent > SineAndCosine.limit {
              (sineBounds[index], cosineBounds[index]) = (.one, .one)
            } else {
              let quarterTurns = kernel.evaluate(
                size.limbs, exponent: exponent, sine: sine.part(0, n), cosine: cosine.part(0, n), scratch: parts[1])
              if quarterTurns % 2 == 1 { sine.swap(with: cosine) }
              (sineBounds[index], cosineBounds[index]) = (error, error)
              if !r.isZero {
                sineBounds[index] = (UpperBound(cosine.limbs, exponent: -64 * n) + error) * r + curved + error
                cosineBounds[index] = (UpperBound(sine.limbs, exponent: -64 * n) + error) * r + curved + error
              }
              // In the second half of a turn the sine is negative, in the second and third quarter the cosine.
              if (quarterTurns >= 2) != isNegative { sine.negate() }
              if quarterTurns == 1 || quarterTurns == 2 { cosine.negate() }
            }
            BallRow.limit(sine, &sineBounds[index])
            BallRow.limit(cosine, &cosineBounds[index])
          }
        }
      }
    }
    return (BallRow([sines], precision: precision + 8), BallRow([cosines], precision: precision + 8))
  }

  /// Makes a value between −1 and 1 whose bound says no more than that 0 ± 1.
  static func limit(_ value: MutableLimbs, _ bound: inout UpperBound) {
    guard !bound.isZero, bound.top > 0 else { return }
    value.clear()
    bound = .one
  }
}

extension UpperBound {
  static let one = UpperBound(1, exponent: 0)
}

extension MutableLimbs {
  /// Exchanges it with `other`, which has as many limbs.
  func swap(with other: MutableLimbs) {
    precondition(count == other.count)
    for index in 0..<count { (self[index], other[index]) = (other[index], self[index]) }
  }
}
