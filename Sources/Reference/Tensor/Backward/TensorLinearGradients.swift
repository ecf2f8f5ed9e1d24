import PlumbExact
import PlumbModel

extension Reference {
  /// dx = gradient · weight, through the exact products of packed rows with the columns of the weight.
  ///
  /// - Throws: as `linear`; where the weight is stored in blocks, whose columns are nowhere.
  static func linearBackward(
    _ gradient: BallTensor, _ weight: Tensor, precision: Int
  ) throws(EnclosureError) -> BallTensor {
    guard let columns = weight.transposed else {
      throw .argumentOutsideDomain(function: "the columns of tensor '\(weight.name)', which is stored in blocks")
    }
    let packed = concurrentMap(gradient.rows.count) { PackedRow(gradient.rows[$0]) }
    return try linear(packed, LinearLayer(weight: columns), precision: precision)
  }

  /// dweight[i, j] = Σ_t gradient[t, i]·x[t, j]: row i when it is asked for.
  ///
  /// Digits of both factors below 2^−`bits` of the greatest number of a token are dropped into the radii.
  static func linearWeightBackward(
    _ gradient: BallTensor, _ x: BallTensor, shape: [Int], bits: Int
  ) -> GradientRows {
    let tokens = gradient.rows.count
    let factors = gradient.rows.map { BallRow([$0.part(0..<$0.count)], precision: bits) }
    let rows = SignedRow.aligned(x.rows.map { BallRow([$0.part(0..<$0.count)], precision: bits) })
    let (all, columns) = (Array(0..<tokens), shape.last ?? 0)
    return GradientRows(weight: shape) { output in
      let column = BallRow(factors.map { $0.part(output..<output + 1) }, precision: 1 << 40)
      let sum = SignedRow.weightedSum(SignedRow(column), rows, included: all, from: 0, count: columns)
      return BallRow([sum], precision: bits)
    }
  }

  /// dweight[v] = before[v] + Σ gradient[t] over the tokens t at `places` v: row v when it is asked for.
  static func rowsBackward(
    _ gradient: BallTensor, places: [Int], shape: [Int], before: GradientRows?, precision: Int
  ) -> GradientRows {
    let tokens = Dictionary(grouping: places.indices) { places[$0] }
    let columns = shape.last ?? 0
    return GradientRows(weight: shape) { row in
      let own = (tokens[row] ?? []).map { gradient.rows[$0] }
      let start = before?.row(row) ?? BallRow([WideRow(zeros: columns)], precision: precision)
      return own.reduce(start) { $0.adding($1, precision: precision) }
    }
  }

  /// The gradient of the logits of an unembedding of `x` before its soft cap `cap`.
  ///
  /// - Throws: as `linear` and `softCapped`.
  static func uncappedGradient(
    _ x: BallTensor, _ gradient: BallTensor, _ layer: LinearLayer, cap: Float, precision: Int
  ) throws(EnclosureError) -> BallTensor {
    let packed = concurrentMap(x.rows.count) { PackedRow(x.rows[$0]) }
    let capped = try softCapped(linear(packed, layer, precision: precision).activation, cap, precision: precision)
    guard let limit = Rational(exactly: cap), !limit.isZero else {
      throw .argumentOutsideDomain(function: "a soft cap of \(cap)")
    }
    let logits = BallTensor(capped, rows: x.rows.count, precision: precision)
    return gradient.map { token, row in
      row.multiplied(by: logits.rows[token].capSlopes(limit, precision: precision), precision: precision)
    }
  }

  /// The elements `range` of each head of `[tokens, heads, size]`.
  static func headPart(_ x: BallTensor, _ range: Range<Int>, precision: Int) -> BallTensor {
    let (heads, size) = (x.shape[1], x.shape[2])
    return x.map(shape: [x.shape[0], heads, range.count]) { _, row in
      BallRow(
        (0..<heads).map { row.part($0 * size + range.lowerBound..<$0 * size + range.upperBound) }, precision: precision)
    }
  }

  /// The sums over heads of their elements `range`, `[tokens, 1, range.count]`.
  static func headSum(_ x: BallTensor, _ range: Range<Int>, precision: Int) -> BallTensor {
    let part = headPart(x, range, precision: precision)
    let heads = x.shape[1]
    return part.map(shape: [x.shape[0], 1, range.count]) { _, row in
      let rows = (0..<heads).map { row.row($0 * range.count..<($0 + 1) * range.count, precision: precision) }
      return rows.dropFirst().reduce(rows[0]) { $0.adding($1, precision: precision) }
    }
  }
}
