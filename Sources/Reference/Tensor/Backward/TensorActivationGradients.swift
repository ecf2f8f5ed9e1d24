import PlumbExact
import PlumbModel

// The derivatives of activation functions on rows of balls, each the formula of the layer of that name in the catalogue.
extension Reference {
  /// The gradient times the derivative of `function` at `x`, element by element.
  ///
  /// - Throws: `EnclosureError` where the derivative of a ReLU hangs on the sign of a ball that contains 0, or a function is not
  ///   enclosed.
  static func activationBackward(
    _ x: BallTensor, _ gradient: BallTensor, _ function: ActivationFunction, precision: Int
  ) throws(EnclosureError) -> BallTensor {
    try x.map { token, row throws(EnclosureError) in
      let slopes: BallRow =
        switch function {
        case .relu: try row.steps(precision: precision)
        case .silu: row.siluSlopes(precision: precision)
        case .gelu: try row.geluSlopes(precision: precision)
        case .geluTanh: try row.geluTanhSlopes(precision: precision)
        }
      return gradient.rows[token].multiplied(by: slopes, precision: precision)
    }
  }
}

extension Reference {
  /// The gradient of a clamped gate: gradient·(u + 1)·s·(1 + alpha·g·(1 − s)), 0 where the gate is above the limit; or, `isOfUp`, of
  /// what it lets through: gradient·g·s, 0 where that is beyond the limit.
  ///
  /// - Throws: `EnclosureError` where a ball straddles the limit, or a number of the layer is not finite.
  static func clampedGateBackward(
    _ gate: BallTensor, _ up: BallTensor, _ gradient: BallTensor, _ layer: ClampedGateLayer, isOfUp: Bool,
    precision: Int
  ) throws(EnclosureError) -> BallTensor {
    guard let alpha = Rational(exactly: layer.alpha), let limit = Rational(exactly: layer.limit) else {
      throw .argumentOutsideDomain(function: "clampedGate: factor \(layer.alpha), limit \(layer.limit)")
    }
    @Sendable func isWithin(_ ball: Ball) throws(EnclosureError) -> Bool {
      if ball.upper <= limit { return true }
      guard ball.lower > limit else { throw .comparisonUndecided(function: "the derivative of a clamped gate") }
      return false
    }
    return try gate.map { index, row throws(EnclosureError) in
      let (ups, incoming) = (up.rows[index], gradient.rows[index])
      var slopes: [Ball] = []
      for (gate, up) in zip(row.balls, ups.balls) {
        let opening = Ball.min(gate, Ball(limit))
        let sigmoid = Ball.sigmoid(opening * Ball(alpha), precision: precision)
        if isOfUp {
          let (isBelow, isAbove) = (try isWithin(up), try isWithin(-up))
          let isOpen = isBelow && isAbove
          slopes.append(isOpen ? opening * sigmoid : .zero)
        } else {
          let inner = Ball.max(Ball.min(up, Ball(limit)), Ball(-limit)) + .one
          let slope = Ball.one + Ball(alpha) * opening * (Ball.one - sigmoid)
          slopes.append(try isWithin(gate) ? (inner * sigmoid * slope).rounded(to: precision) : .zero)
        }
      }
      return incoming.multiplied(by: BallRow(slopes, precision: precision), precision: precision)
    }
  }
}

extension BallRow {
  /// 1 where x > 0, otherwise 0: the derivative of a ReLU, at 0 that of the left side.
  fileprivate func steps(precision: Int) throws(EnclosureError) -> BallRow {
    var steps: [Ball] = []
    for ball in balls {
      guard let sign = ball.signum() else { throw .comparisonUndecided(function: "the derivative of relu") }
      steps.append(sign > 0 ? .one : .zero)
    }
    return BallRow(steps, precision: precision)
  }

  /// s·(1 + x·(1 − s)), s = 1/(1 + e^(−x)).
  fileprivate func siluSlopes(precision: Int) -> BallRow {
    let sigmoid = sigmoid(precision: precision)
    let rest = ones.adding(sigmoid.negated(precision), precision: precision)
    return sigmoid.multiplied(
      by: ones.adding(multiplied(by: rest, precision: precision), precision: precision), precision: precision)
  }

  /// ½·(1 + erf(x/√2)) + x·e^(−x²/2)/√(2π).
  fileprivate func geluSlopes(precision: Int) throws(EnclosureError) -> BallRow {
    let half = Ball(Rational(1, over: 2))
    let root = try Ball.reciprocalSquareRoot(Ball(2), precision: precision)
    let density = try Ball.reciprocalSquareRoot(Ball(2) * Ball.pi(precision: precision + 8), precision: precision)
    let erf = scaled(by: root, precision: precision).erf(precision: precision)
    let share = ones.adding(erf, precision: precision).scaled(by: half, precision: precision)
    let power = try multiplied(by: self, precision: precision).scaled(by: -half, precision: precision)
      .exp(precision: precision)
    let slope = multiplied(by: power, precision: precision).scaled(by: density, precision: precision)
    return share.adding(slope, precision: precision)
  }

  /// s + x·s·(1 − s)·2u′, s = 1/(1 + e^(−2u)), u = √(2/π)·(x + 0.044715·x³), u′ = √(2/π)·(1 + 0.134145·x²).
  fileprivate func geluTanhSlopes(precision: Int) throws(EnclosureError) -> BallRow {
    // √(8/π), which is 2·√(2/π).
    let factor = try Ball.squareRoot(
      Ball(8).divided(by: Ball.pi(precision: precision + 16), precision: precision + 16), precision: precision + 8)
    let square = multiplied(by: self, precision: precision)
    func polynomial(_ cubic: Rational) -> BallRow {
      ones.adding(square.scaled(by: Ball(cubic), precision: precision), precision: precision)
        .scaled(by: factor, precision: precision)
    }
    let sigmoid = multiplied(by: polynomial("0.044715"), precision: precision).sigmoid(precision: precision)
    let rest = ones.adding(sigmoid.negated(precision), precision: precision)
    let slope = multiplied(by: polynomial("0.134145"), precision: precision)
      .multiplied(by: rest, precision: precision)
    return sigmoid.multiplied(by: ones.adding(slope, precision: precision), precision: precision)
  }

  /// As many ones.
  private var ones: BallRow { BallRow(repeatElement(Ball(1), count: count), precision: 64) }

  /// The row with every sign turned.
  private func negated(_ precision: Int) -> BallRow { scaled(by: Ball(-1), precision: precision) }
}
