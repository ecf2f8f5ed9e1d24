import PlumbExact
import PlumbModel

extension Reference {
  /// The logarithm of the softmax xᵢ − log Σⱼ e^xⱼ of each row, in the shape of `x`.
  ///
  /// *Error bound*: encloses the true values; from an exact `x`, to about `precision` bits each.
  /// - Throws: `EnclosureError` where an element's radius is 2^16 or more.
  package static func logSoftmax(_ x: Activation<Ball>, precision: Int) throws(EnclosureError) -> Activation<Ball> {
    let rows = try concurrentMap(x.rows) { index throws(EnclosureError) in
      try logSoftmax(x.row(index), precision: precision)
    }
    return Activation(shape: x.shape, elements: Array(rows.joined()))
  }

  /// The logarithm of the softmax of one row.
  ///
  /// With m the greatest element, xᵢ − log Σⱼ e^xⱼ = (xᵢ − m) − log(1 + Σ e^(xⱼ − m)), the sum over the others: the
  /// logarithm keeps its bits where one element leaves nothing to them.
  private static func logSoftmax(_ row: ArraySlice<Ball>, precision: Int) throws(EnclosureError) -> [Ball] {
    guard let greatest = row.indices.max(by: { row[$0].midpoint < row[$1].midpoint }) else { return [] }
    let working = precision + 8
    var others = Ball(0)
    for index in row.indices where index != greatest {
      let exponential = try Ball.exp(row[index] - row[greatest], precision: working)
      others = (others + exponential).rounded(to: working + 64)
    }
    let logarithm = try Ball.log1p(others, precision: working)
    return row.map { ($0 - row[greatest] - logarithm).settled(precision) }
  }
}
