import PlumbExact
import PlumbModel
import PlumbReference

/// The measured cost of exact computing: the figures of `Tests/Benchmarks/RESULTS.md` on certification.
enum CertificationCost {
  /// The time of one function at one precision.
  struct FunctionTime: Sendable {
    /// The function's name.
    let name: String
    /// The number of elements that are computed together: a row, or one ball.
    let elements: Int
    /// Bits of precision.
    let bits: Int
    /// Nanoseconds an element, the least of several runs.
    let nanoseconds: Double
  }

  /// Times elementary functions of numbers of 53 bits between −8 and 8, or 0 and 8, at each of `precisions`.
  static func functions(precisions: [Int]) throws -> [FunctionTime] {
    let count = 256
    let numbers = (0..<count).map { index in
      // 53 bits each, spread evenly.
      Rational(significand: Integer((index * 2 + 1) << 44 | 0x5_5555_5555 * (index + 3)), exponent: -50)
    }
    let signed = numbers.enumerated().map { $0 % 2 == 0 ? $1 : -$1 }.map { Ball($0) }
    let positive = numbers.map { Ball($0) }
    let row = BallRow(signed, precision: 64)
    let positiveRow = BallRow(positive, precision: 64)
    var times: [FunctionTime] = []
    func time(_ name: String, _ elements: Int, _ bits: Int, _ body: () throws -> Void) rethrows {
      var least = Double.infinity
      let clock = ContinuousClock.now
      while ContinuousClock.now - clock < .milliseconds(150) {
        let start = ContinuousClock.now
        try body()
        least = min(least, (ContinuousClock.now - start) / .nanoseconds(1))
      }
      times.append(FunctionTime(name: name, elements: elements, bits: bits, nanoseconds: least / Double(count)))
    }
    for bits in precisions {
      try time("exp", count, bits) { _ = try row.exp(precision: bits) }
      time("sigmoid", count, bits) { _ = row.sigmoid(precision: bits) }
      time("tanh", count, bits) { _ = row.tanh(precision: bits) }
      time("silu", count, bits) { _ = row.silu(precision: bits) }
      time("sin and cos", count, bits) { _ = row.sineAndCosine(precision: bits) }
      time("erf", count, bits) { _ = row.erf(precision: bits) }
      try time("rsqrt", count, bits) { _ = try positiveRow.reciprocalSquareRoot(precision: bits) }
      try time("exp", 1, bits) { for x in signed { _ = try Ball.exp(x, precision: bits) } }
      time("sigmoid", 1, bits) { for x in signed { _ = Ball.sigmoid(x, precision: bits) } }
      time("tanh", 1, bits) { for x in signed { _ = Ball.tanh(x, precision: bits) } }
      time("erf", 1, bits) { for x in signed { _ = Ball.erf(x, precision: bits) } }
      time("sin", 1, bits) { for x in signed { _ = Ball.sin(x, precision: bits) } }
      time("cos", 1, bits) { for x in signed { _ = Ball.cos(x, precision: bits) } }
      try time("rsqrt", 1, bits) { for x in positive { _ = try Ball.reciprocalSquareRoot(x, precision: bits) } }
    }
    return times
  }

  /// Seconds that the exact product of a synthetic `[outputs, inputs]` matrix of binary16 weights with `tokens` rows of balls of
  /// `precision` bits takes, the making of the weights apart; and how many elements of it were computed by another algorithm
  /// too, and overlap.
  ///
  /// - Throws: `EnclosureError` for weights that are not finite, which these are not.
  static func layer(
    inputs: Int, outputs: Int, tokens: Int, precision: Int
  ) throws -> (seconds: Double, checked: Int, agreeing: Int) {
    let layer = LinearLayer(weight: SyntheticTransformer.matrix("layer", outputs, inputs))
    let balls = (0..<tokens * inputs).map { index in
      Ball(
        midpoint: Rational(significand: Integer(index &* 0x9E37_79B9 % 0xFFFF_FFFB), exponent: -32)
          + Rational(significand: Integer(index * 2 + 1), exponent: -precision),
        radius: Rational(significand: 1, exponent: -precision))
    }
    let x = Activation(shape: [tokens, inputs], elements: balls)
    let start = ContinuousClock.now
    let y = try Reference.TensorPass.linear(x, layer, precision: precision)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let rows = stride(from: 0, to: outputs, by: max(outputs / 16, 1))
    let vectors = (0..<tokens).map { FixedPointVector(x.row($0), precision: precision + 64) }
    var (checked, agreeing) = (0, 0)
    for output in rows {
      let row = try Reference.row(output, of: layer.weight)
      for token in 0..<tokens {
        checked += 1
        let other = vectors[token].dot(row)
        if y.elements[token * outputs + output].overlaps(other) { agreeing += 1 }
      }
    }
    return (seconds, checked, agreeing)
  }

  /// Seconds that an exact pass of a synthetic transformer takes, the making of the weights apart, and the bits by which the
  /// balls of its last block's output are wider than `precision` says.
  ///
  /// - Throws: what the pass throws.
  static func pass(width: Int, depth: Int, tokens: Int, precision: Int) throws -> (seconds: Double, lost: Int) {
    let transformer = SyntheticTransformer.transformer(width: width, depth: depth)
    var lost = 0
    let start = ContinuousClock.now
    try Reference.TensorPass(transformer, precision: precision).run(
      (0..<tokens).map { $0 * 37 % 1024 }, wanted: { $0 == transformer.plan.streams.last }
    ) { _, exact in
      let radius = exact.elements.lazy.map(\.radius).max() ?? 0
      // A pass without rounding loses nothing.
      lost = radius.isZero ? 0 : radius.floorLog2 + precision
    }
    return ((ContinuousClock.now - start) / .seconds(1), lost)
  }
}
