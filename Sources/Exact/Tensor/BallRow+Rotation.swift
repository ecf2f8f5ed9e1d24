/// The cosines and sines by which the pairs of a row are turned.
package struct RotationRow: Sendable {
  /// The cosines of all pairs, then their sines.
  private let row: BallRow
  let pairs: Int

  /// Holds `cosines` and as many `sines` to `precision` bits after the point.
  package init(cosines: [Ball], sines: [Ball], precision: Int) {
    precondition(cosines.count == sines.count, "cosines and sines of different counts")
    pairs = cosines.count
    row = BallRow(cosines + sines, precision: precision)
  }

  private init(row: BallRow, pairs: Int) {
    self.row = row
    self.pairs = pairs
  }

  /// The same to few bits more than a row whose midpoints have `bits` can tell.
  private func cut(toBits bits: Int) -> RotationRow {
    RotationRow(row: row.coarsened(toUnit: -bits - 4), pairs: pairs)
  }

  /// The row whose elements start + firsts[i] and start + seconds[i] are those of `x` turned by pair i, for each of `starts`;
  /// all others are those of `x`.
  ///
  /// *Error bound*: the sums of those of two products of balls: of a·c − b·s and a·s + b·c.
  package func turning(
    _ x: BallRow, pairs: [(first: Int, second: Int)], starts: [Int], precision: Int
  ) -> BallRow {
    precondition(pairs.count == self.pairs, "\(pairs.count) pairs turned by \(self.pairs)")
    let bits = x.radiusTop == nil ? max(x.midpointBits, precision) : x.midpointBits
    let turn = SignedRow(cut(toBits: bits).row, unit: 0)
    let x = SignedRow(x)
    let limbCount = x.limbCount + turn.limbCount + 1
    var result = WideRow(count: x.count, limbCount: limbCount, exponent: x.exponent + turn.exponent)
    result.fill { target, bounds in
      Limbs.reading(x.magnitudes) { values in
        Limbs.reading(turn.magnitudes) { turns in
          MutableLimbs.scratch(limbCount - 1) { product in
            for index in 0..<x.count {
              // As it is: x · 1.
              let value = target.part(index * limbCount, limbCount)
              value.set(values.part(index * x.limbCount, x.limbCount), shiftedLeft: -turn.exponent)
              if x.areNegative[index] { value.negate() }
              bounds[index] = UpperBound(x.radii[index], exponent: x.radiusExponent)
            }
            func accumulate(_ element: Int, _ factor: Int, into place: Int, minus: Bool) {
              product.setProduct(
                values.part(element * x.limbCount, x.limbCount),
                turns.part(factor * turn.limbCount, turn.limbCount))
              let sum = target.part(place * limbCount, limbCount)
              if (x.areNegative[element] != turn.areNegative[factor]) != minus {
                sum.subtract(product.limbs)
              } else {
                sum.add(product.limbs)
              }
              // |a|·s + |c|·r + r·s ≤ (|a| + r)·s + (|c| + s)·r.
              bounds[place] =
                bounds[place]
                + UpperBound(x.coarse[element] &* turn.radii[factor], exponent: x.coarseExponent + turn.radiusExponent)
                + UpperBound(turn.coarse[factor] &* x.radii[element], exponent: turn.coarseExponent + x.radiusExponent)
            }
            for start in starts {
              for (pair, (first, second)) in pairs.enumerated() {
                let (a, b) = (start + first, start + second)
                for place in [a, b] {
                  target.part(place * limbCount, limbCount).clear()
                  bounds[place] = .zero
                }
                accumulate(a, pair, into: a, minus: false)
                accumulate(b, self.pairs + pair, into: a, minus: true)
                accumulate(a, self.pairs + pair, into: b, minus: false)
                accumulate(b, pair, into: b, minus: false)
              }
            }
          }
        }
      }
    }
    return BallRow([result], precision: precision)
  }
}
