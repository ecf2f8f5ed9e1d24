/// The elements of a row as signs and magnitudes, where the products of an inner product find them.
package struct SignedRow: Sendable {
  let count: Int
  let exponent: Int
  let limbCount: Int
  /// |midpoint| of element j, least significant limb first, from j · limbCount on.
  let magnitudes: [UInt]
  let areNegative: [Bool]
  /// In units of 2^`radiusExponent`.
  let radii: [UInt64]
  let radiusExponent: Int
  /// At least |midpoint| + radius, in units of 2^`coarseExponent`; at most 2^24.
  let coarse: [UInt64]
  let coarseExponent: Int

  /// The elements of `row`, in units of 2^`unit` where that is finer than its own.
  package init(_ row: BallRow, unit: Int? = nil) {
    let unit = min(unit ?? row.exponent, row.exponent)
    let shift = row.exponent - unit
    let bits = row.midpointBits
    // |midpoint| ≤ 2^(bits + shift): the highest bit stays 0.
    let limbCount = (bits + shift + 1) / 64 + 1
    // |midpoint| ≤ 2^bits and radius ≤ 2^(radiusBits + 1): over 2^drop their ceilings are at most 2^23 each.
    let drop = max(0, max(bits, BallRow.radiusBits + 1) - 23)
    var magnitudes = [UInt](repeating: 0, count: max(row.count, 1) * limbCount)
    var areNegative: [Bool] = []
    var coarse: [UInt64] = []
    areNegative.reserveCapacity(row.count)
    coarse.reserveCapacity(row.count)
    MutableLimbs.writing(&magnitudes) { all in
      Limbs.reading(row.limbs) { source in
        for index in 0..<row.count {
          let midpoint = source.part(index * row.limbCount, row.limbCount)
          let magnitude = all.part(index * limbCount, limbCount)
          magnitude.set(midpoint, shiftedLeft: shift)
          if midpoint.isNegative { magnitude.negate() }
          areNegative.append(midpoint.isNegative)
          let radius = UpperBound(row.radii[index], exponent: 0).units(of: drop)
          coarse.append(UInt64(magnitude.limbs.ceiling(dropping: drop + shift)) + radius)
        }
      }
    }
    self.count = row.count
    self.exponent = unit
    self.limbCount = limbCount
    self.magnitudes = magnitudes
    self.areNegative = areNegative
    self.radii = row.radii
    self.radiusExponent = row.exponent
    self.coarse = coarse
    self.coarseExponent = row.exponent + drop
  }
}

extension SignedRow {
  /// Σᵢ left[leftStart + i] · right[rightStart + i] over `count` elements.
  ///
  /// *Error bound*: the midpoint is exact. With x = a + ε, y = b + δ, |ε| ≤ r, |δ| ≤ s:
  /// |xy − ab| ≤ |a|·s + |b|·r + r·s ≤ (|a| + r)·s + (|b| + s)·r, and the radius is a sum of those, the magnitudes rounded
  /// up to multiples of 2^−22 of a power of two above the greatest.
  package static func dot(
    _ left: SignedRow, from leftStart: Int, _ right: SignedRow, from rightStart: Int, count: Int
  ) -> WideRow {
    precondition(leftStart + count <= left.count && rightStart + count <= right.count, "an inner product out of range")
    // Fewer than 2^63 products, each below 2^(64·(both counts)).
    let limbCount = left.limbCount + right.limbCount + 1
    var result = WideRow(count: 1, limbCount: limbCount, exponent: left.exponent + right.exponent)
    result.fill { sum, bounds in
      Limbs.reading(left.magnitudes) { leftLimbs in
        Limbs.reading(right.magnitudes) { rightLimbs in
          MutableLimbs.scratch(limbCount - 1) { product in
            for index in 0..<count {
              product.setProduct(
                leftLimbs.part((leftStart + index) * left.limbCount, left.limbCount),
                rightLimbs.part((rightStart + index) * right.limbCount, right.limbCount))
              if left.areNegative[leftStart + index] != right.areNegative[rightStart + index] {
                sum.subtract(product.limbs)
              } else {
                sum.add(product.limbs)
              }
            }
          }
        }
      }
      // A product is below 2^(24 + 21), so that in 128 bits no sum overflows.
      var (first, second): (UInt128, UInt128) = (0, 0)
      for index in 0..<count {
        first &+= UInt128(left.coarse[leftStart + index] &* right.radii[rightStart + index])
        second &+= UInt128(right.coarse[rightStart + index] &* left.radii[leftStart + index])
      }
      bounds[0] =
        UpperBound(wide: first, exponent: left.coarseExponent + right.radiusExponent)
        + UpperBound(wide: second, exponent: right.coarseExponent + left.radiusExponent)
    }
    return result
  }

  /// Σₖ weights[k] · rows[k][start + i] for each i < `count`, over those k that `included` says.
  ///
  /// All rows have one unit.
  /// *Error bound*: as that of an inner product.
  package static func weightedSum(
    _ weights: SignedRow, _ rows: [SignedRow], included: [Int], from start: Int, count: Int
  ) -> WideRow {
    let exponent = rows.first?.exponent ?? 0
    let longest = included.reduce(1) { max($0, rows[$1].limbCount) }
    let limbCount = weights.limbCount + longest + 1
    var result = WideRow(count: count, limbCount: limbCount, exponent: weights.exponent + exponent)
    result.fill { sums, bounds in
      MutableLimbs.scratch(limbCount - 1) { scratch in
        Limbs.reading(weights.magnitudes) { weightLimbs in
          for position in included {
            let row = rows[position]
            precondition(row.exponent == exponent && start + count <= row.count, "rows of different units or lengths")
            let weight = weightLimbs.part(position * weights.limbCount, weights.limbCount)
            let product = scratch.part(0, weights.limbCount + row.limbCount)
            let isNegative = weights.areNegative[position]
            Limbs.reading(row.magnitudes) { values in
              for index in 0..<count {
                product.setProduct(weight, values.part((start + index) * row.limbCount, row.limbCount))
                let sum = sums.part(index * limbCount, limbCount)
                if row.areNegative[start + index] != isNegative {
                  sum.subtract(product.limbs)
                } else {
                  sum.add(product.limbs)
                }
              }
            }
            let (size, spread) = (weights.coarse[position], weights.radii[position])
            let sizeExponent = weights.coarseExponent + row.radiusExponent
            let spreadExponent = row.coarseExponent + weights.radiusExponent
            for index in 0..<count {
              bounds[index] =
                bounds[index] + UpperBound(size &* row.radii[start + index], exponent: sizeExponent)
                + UpperBound(row.coarse[start + index] &* spread, exponent: spreadExponent)
            }
          }
        }
      }
    }
    return result
  }
}

extension UpperBound {
  /// At least `value` · 2^`exponent`.
  init(wide value: UInt128, exponent: Int) {
    let drop = max(0, UInt128.bitWidth - value.leadingZeroBitCount - 32)
    let floor = value >> UInt128(drop)
    self.init(UInt64(floor) + (floor << UInt128(drop) == value ? 0 : 1), exponent: exponent + drop)
  }
}

extension SignedRow {
  /// `rows` in units of the finest of them.
  package static func aligned(_ rows: [BallRow]) -> [SignedRow] {
    let unit = rows.map(\.exponent).min()
    return rows.map { SignedRow($0, unit: unit) }
  }
}
