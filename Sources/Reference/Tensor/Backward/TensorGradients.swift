import PlumbExact
import PlumbModel

// The layers backwards on tensors of balls: each the formula that the catalogue has for the layer of that name, whose enclosures
// these overlap. Bounds on the spread are those of the operations of `BallRow`.
extension Reference {
  /// The gradient of the logits of the mean of the losses −log softmax(logits)[target], and that mean.
  ///
  /// - Throws: `EnclosureError` where a logit's radius is 2^−5 or more, or a target's probability may be 0.
  static func crossEntropyBackward(
    _ logits: BallTensor, targets: [Int], precision: Int
  ) throws(EnclosureError) -> (gradient: BallTensor, loss: Ball) {
    guard logits.isNarrower(thanPowerOfTwo: -5) else {
      throw .argumentOutsideDomain(function: "the softmax of logits that are known to 2^-5 only")
    }
    let share = Ball(Rational(1, over: Integer(targets.count)))
    let all = Array(0..<(logits.shape.last ?? 0))
    var losses = Ball.zero
    let weights = logits.map { _, row in row.softmax(allowed: all, precision: precision) }
    for (token, target) in targets.enumerated() {
      losses = try losses - Ball.log(weights.rows[token][target], precision: precision)
    }
    let gradient = weights.map { token, row in
      let target = BallRow(zerosBut: Ball(-1), at: targets[token], count: row.count)
      return row.adding(target, precision: precision).scaled(by: share, precision: precision)
    }
    return (gradient, losses * share)
  }

  /// dx = (h − x̂·mean(h·x̂))·r of each row of `width` elements, h = gradient·weight.
  static func rmsNormBackward(
    _ x: BallTensor, _ gradient: BallTensor, _ layer: RMSNormLayer, precision: Int
  ) throws(EnclosureError) -> BallTensor {
    let weights = BallRow(
      try rationals(layer.weight).map { Ball(layer.addsOne ? 1 + $0 : $0) }, precision: wholeBits)
    return try rowwise(x, gradient, width: weights.count, precision: precision) { x, gradient throws(EnclosureError) in
      let (normalised, factor) = try rootMeanSquare(x, layer.epsilon, precision: precision)
      let weighted = gradient.multiplied(by: weights, precision: precision)
      return weighted.without(normalised, precision: precision).scaled(by: factor, precision: precision)
    }
  }

  /// dx = (h − mean(h) − x̂·mean(h·x̂))·r of each row, h = gradient·weight.
  static func layerNormBackward(
    _ x: BallTensor, _ gradient: BallTensor, _ layer: LayerNormLayer, precision: Int
  ) throws(EnclosureError) -> BallTensor {
    let weights = BallRow(try rationals(layer.weight).map { Ball($0) }, precision: wholeBits)
    return try rowwise(x, gradient, width: weights.count, precision: precision) { x, gradient throws(EnclosureError) in
      let (normalised, factor) = try deviations(x, layer.epsilon, precision: precision)
      let weighted = gradient.multiplied(by: weights, precision: precision)
      return weighted.centred(precision: precision).without(normalised, precision: precision)
        .scaled(by: factor, precision: precision)
    }
  }

  /// dweight = Σ gradient·x̂ over the rows of `width` elements, x̂ of root-mean-square normalisation.
  static func rmsNormWeightBackward(
    _ x: BallTensor, _ gradient: BallTensor, _ layer: RMSNormLayer, precision: Int
  ) throws(EnclosureError) -> BallTensor {
    try normWeightBackward(x, gradient, width: layer.weight.count, precision: precision) { x throws(EnclosureError) in
      try rootMeanSquare(x, layer.epsilon, precision: precision).row
    }
  }

  /// The same of normalisation by mean and variance.
  static func layerNormWeightBackward(
    _ x: BallTensor, _ gradient: BallTensor, _ layer: LayerNormLayer, precision: Int
  ) throws(EnclosureError) -> BallTensor {
    try normWeightBackward(x, gradient, width: layer.weight.count, precision: precision) { x throws(EnclosureError) in
      try deviations(x, layer.epsilon, precision: precision).row
    }
  }

  /// Σ gradient·x̂ over the rows of `width` elements, x̂ being what `normalised` makes of a row.
  private static func normWeightBackward(
    _ x: BallTensor, _ gradient: BallTensor, width: Int, precision: Int,
    _ normalised: @Sendable (BallRow) throws(EnclosureError) -> BallRow
  ) throws(EnclosureError) -> BallTensor {
    let products = try rowwise(x, gradient, width: width, precision: precision) { x, gradient throws(EnclosureError) in
      try normalised(x).multiplied(by: gradient, precision: precision)
    }
    return columnSums(products, width: width, precision: precision)
  }

  /// Σ over the rows of `width` elements, one after another.
  static func columnSums(_ x: BallTensor, width: Int, precision: Int) -> BallTensor {
    let rows = x.rows.flatMap { row in cut(row, width) }
    let sum = rows.dropFirst().reduce(BallRow([rows[0]], precision: precision)) {
      $0.adding(BallRow([$1], precision: precision), precision: precision)
    }
    return BallTensor(shape: [width], rows: [sum])
  }

  /// x·r and r = 1/√(mean(x²) + epsilon).
  private static func rootMeanSquare(
    _ row: BallRow, _ epsilon: Float, precision: Int
  ) throws(EnclosureError) -> (row: BallRow, factor: Ball) {
    guard let epsilon = Rational(exactly: epsilon) else { throw .argumentOutsideDomain(function: "a norm's epsilon") }
    let mean = row.sumOfSquares * Ball(Rational(1, over: Integer(max(row.count, 1))))
    let factor = try Ball.reciprocalSquareRoot(mean + Ball(epsilon), precision: precision)
    return (row.scaled(by: factor, precision: precision), factor)
  }

  /// (x − mean(x))·r and r = 1/√(variance(x) + epsilon).
  private static func deviations(
    _ row: BallRow, _ epsilon: Float, precision: Int
  ) throws(EnclosureError) -> (row: BallRow, factor: Ball) {
    try rootMeanSquare(row.centred(precision: precision), epsilon, precision: precision)
  }

  /// More bits than lie between the greatest and the least binary32 number: rows of them are held without error.
  private static var wholeBits: Int { 1 << 10 }

  /// The pieces of `width` elements of `row`.
  private static func cut(_ row: BallRow, _ width: Int) -> [WideRow] {
    stride(from: 0, to: row.count, by: width).map { row.part($0..<$0 + width) }
  }

  /// Each piece of `width` elements of two tensors through `body`, in the shape of the first.
  private static func rowwise(
    _ x: BallTensor, _ gradient: BallTensor, width: Int, precision: Int,
    _ body: @Sendable (_ x: BallRow, _ gradient: BallRow) throws(EnclosureError) -> BallRow
  ) throws(EnclosureError) -> BallTensor {
    try x.map { token, row throws(EnclosureError) in
      if row.count == width { return try body(row, gradient.rows[token]) }
      var parts: [WideRow] = []
      for (piece, other) in zip(cut(row, width), cut(gradient.rows[token], width)) {
        let result = try body(BallRow([piece], precision: precision), BallRow([other], precision: precision))
        parts.append(result.part(0..<width))
      }
      return BallRow(parts, precision: precision)
    }
  }
}

extension BallRow {
  /// The row of 0 but for `value` at `index`.
  init(zerosBut value: Ball, at index: Int, count: Int) {
    let zeros = WideRow(zeros: max(index, 0))
    let rest = WideRow(zeros: max(count - index - 1, 0))
    self.init([zeros, BallRow([value], precision: 64).part(0..<1), rest], precision: 64)
  }

  /// The inner product with `other`.
  func dot(_ other: BallRow) -> Ball {
    let sum = SignedRow.dot(SignedRow(self), from: 0, SignedRow(other), from: 0, count: count)
    return BallRow([sum], precision: BallRow.everyBit)[0]
  }

  /// The row less its mean.
  func centred(precision: Int) -> BallRow {
    let ones = BallRow(repeatElement(Ball(1), count: count), precision: 64)
    let mean = dot(ones) * Ball(Rational(-1, over: Integer(max(count, 1))))
    return adding(ones.scaled(by: mean, precision: precision), precision: precision)
  }

  /// The row less `direction` times the mean of the products with it.
  func without(_ direction: BallRow, precision: Int) -> BallRow {
    let mean = dot(direction) * Ball(Rational(-1, over: Integer(max(count, 1))))
    return adding(direction.scaled(by: mean, precision: precision), precision: precision)
  }

  /// A precision that drops nothing.
  private static var everyBit: Int { 1 << 40 }
}
