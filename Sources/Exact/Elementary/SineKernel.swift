/// sin and cos in fixed point.
enum SineKernel {
  /// One of the two functions.
  enum Function {
    case sine
    case cosine
  }

  /// The function at x, with relative error below 2^−precision.
  ///
  /// - Precondition: not sin 0, whose relative error would have to be 0.
  ///
  /// *Method*: x = n·π/2 + t with |t| ≤ π/4 and a little, then ± the Taylor series of sin t or of cos t. sin t may be
  /// small; the scale rises until t has precision + 12 bits, which it does at some scale because x, being rational, is
  /// not a multiple of π/2.
  ///
  /// *Proof*. t is within 2 units (`reduce`). u = −t² is off by less than one unit from the t in hand, and the series moves
  /// no faster than its argument: it is within 33. sin t = t·series is within 33·|t| + 2 + 1 < 36 units, and
  /// |sin t| > 0.9·|t| ≥ 2^(precision + 10.8) units; cos t is within 33 + 2, and above 0.7·2^(precision + 12).
  static func value(_ function: Function, _ x: Rational, precision: Int) -> FixedPoint {
    var scale = precision + 12 + (function == .sine ? max(0, -x.floorLog2) : 0)
    while true {
      let (quarterTurns, t) = reduce(x, scale: scale)
      let isSine = (function == .sine) != quarterTurns.isOdd
      if isSine && t.bitWidth < precision + 12 {
        scale += precision + 12 - t.bitWidth
        continue
      }
      let isNegative = (function == .sine ? quarterTurns : quarterTurns + .one).testBit(1)
      let u = -((t * t) >> scale)
      var value = Series.sum(u, scale: scale) { isSine ? 2 * $0 * (2 * $0 + 1) : (2 * $0 - 1) * 2 * $0 }
      if isSine { value = (value * t) >> scale }
      return FixedPoint(value: isNegative ? -value : value, error: 36, scale: scale)
    }
  }

  /// x = n·π/2 + t: n, and t in fixed point within 2 units.
  ///
  /// *Proof*. With |x| < 2ᵇ, |n| < 2ᵇ⁺¹, the work is done at scale + b + 2: x is off by less than one unit there and
  /// n·π/2 by less than |n|, together below 2ᵇ⁺² of them, which is one of the result's; the last shift adds less than one.
  private static func reduce(_ x: Rational, scale: Int) -> (quarterTurns: Integer, remainder: Integer) {
    guard !x.isZero, x.floorLog2 >= -1 else { return (.zero, x.floor(scale: scale)) }
    let guardBits = x.floorLog2 + 3
    let fixed = x.floor(scale: scale + guardBits)
    let quarterTurn = MathematicalConstant.pi.floor(scale: scale + guardBits - 1)
    let quarterTurns = ((fixed << 1) + quarterTurn).dividedFloor(by: quarterTurn << 1)
    return (quarterTurns, (fixed - quarterTurns * quarterTurn) >> guardBits)
  }
}
