import PlumbExact
import PlumbModel

extension Reference {
  /// The softmax e^xᵢ / Σⱼ e^xⱼ of each row, in the shape of `x`.
  ///
  /// *Error bound*: encloses the true values within [0, 1]; from an exact `x`, to about `precision` bits each.
  /// - Throws: `EnclosureError` where an element's radius is 2^16 or more.
  package static func softmax(_ x: Activation<Ball>, precision: Int) throws(EnclosureError) -> Activation<Ball> {
    let rows = try concurrentMap(x.rows) { index throws(EnclosureError) in
      try softmax(x.row(index), precision: precision)
    }
    return Activation(shape: x.shape, elements: Array(rows.joined()))
  }

  /// The softmax of each row of scores `[heads, tokens, positions]` over the positions that `layer` allows; 0 elsewhere,
  /// and in the whole of a row that allows none.
  ///
  /// Row 0 of the tokens stands at `firstPosition`.
  /// *Error bound*: as that of the softmax of a whole row.
  /// - Throws: as the softmax of a whole row.
  package static func softmax(
    _ scores: Activation<Ball>, _ layer: AttentionLayer, firstPosition: Int = 0, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    let tokens = scores.shape[1]
    return try softmax(scores, sinks: layer.sinks?.balls(tokens: tokens), precision: precision) { row, position in
      layer.allows(query: firstPosition + row % tokens, key: position)
    }
  }

  /// The softmax of each row over the columns that `counts`; 0 elsewhere, and in the whole of a row of which none does.
  ///
  /// A row's sink, where there are some, is one element more, whose weight is dropped.
  /// *Error bound*: as that of the softmax of a whole row.
  package static func softmax(
    _ x: Activation<Ball>, sinks: [Ball]? = nil, precision: Int,
    counting counts: @Sendable (_ row: Int, _ column: Int) -> Bool
  ) throws(EnclosureError) -> Activation<Ball> {
    let rows = try concurrentMap(x.rows) { index throws(EnclosureError) -> [Ball] in
      let row = Array(x.row(index))
      let seen = row.indices.filter { counts(index, $0) }
      let elements = seen.map { row[$0] } + (sinks.map { [$0[index]] } ?? [])
      var weights = [Ball](repeating: Ball(0), count: row.count)
      for (column, weight) in zip(seen, try softmax(elements[...], precision: precision)) {
        weights[column] = weight
      }
      return weights
    }
    return Activation(shape: x.shape, elements: Array(rows.joined()))
  }

  /// The softmax of one row.
  ///
  /// Any shift of all elements cancels, so the greatest midpoint is subtracted to keep the exponentials near 1 or below.
  /// With eⱼ in [Lⱼ, Uⱼ], eᵢ/Σ eⱼ grows with eᵢ and falls with every other eⱼ, so that its range is
  ///
  ///     [Lᵢ / (Lᵢ + Σ Uⱼ), Uᵢ / (Uᵢ + Σ Lⱼ)], the sums over j ≠ i.
  ///
  /// A quotient of balls would count eᵢ twice. The sums over all j are rounded outward, far below what is wanted, because
  /// exponentials may differ by thousands of binary digits.
  package static func softmax(_ row: ArraySlice<Ball>, precision: Int) throws(EnclosureError) -> [Ball] {
    guard row.count > 1, let shift = row.map(\.midpoint).max() else { return row.map { _ in Ball(1) } }
    let working = precision + 8
    let ranges = try row.map { x throws(EnclosureError) in
      let exponential = try Ball.exp(x - Ball(shift), precision: working)
      return (lower: max(0, exponential.lower), upper: exponential.upper)
    }
    let lowerSum = Rational.sum(ranges.lazy.map(\.lower)).rounded(toBits: working + 64, .down)
    let upperSum = Rational.sum(ranges.lazy.map(\.upper)).rounded(toBits: working + 64, .up)
    return try ranges.map { lower, upper throws(EnclosureError) in
      let least = try Ball(lower).divided(by: Ball(upperSum - upper + lower), precision: working).lower
      let greatest = try Ball(upper).divided(by: Ball(lowerSum - lower + upper), precision: working).upper
      let range = Ball(lower: least, upper: greatest).settled(precision)
      // Rounding may have left [0, 1], which the softmax never does.
      return Ball(lower: max(0, range.lower), upper: min(1, range.upper))
    }
  }
}

extension AttentionSinks {
  /// The logit of each row of scores `[heads, tokens, positions]`, as a ball.
  ///
  /// - Precondition: they are finite.
  func balls(tokens: Int) -> [Ball] {
    logits.flatMap { logit -> [Ball] in
      guard let number = Rational(exactly: logit) else { preconditionFailure("a sink of \(logit)") }
      return [Ball](repeating: Ball(number), count: tokens)
    }
  }
}
