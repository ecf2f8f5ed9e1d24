/// erf in fixed point.
enum ErrorFunctionKernel {
  /// erf(x) ÷ x for |x| < 2¹⁶, with an error below 2^−precision.
  ///
  /// Kummer's form of the series, whose terms are all positive (DLMF 7.6.2):
  /// erf x = 2x ÷ √π · e^(−x²) · Σ (2x²)ᵏ ÷ (1·3·5⋯(2k+1)).
  ///
  /// *Proof*, with one unit = 2⁻ˢ, u = 2x², S(u) the sum, e^(x²) ≥ S ≥ 1.
  /// - A term is the one before times u ÷ (2k+1), two roundings of less than one unit. The error injected at k grows in the
  ///   later terms by products of ratios no greater than those of the whole sum, so by at most S(u) altogether; after
  ///   the first term that rounds to 0 all computed terms are 0 and nothing more is injected, so the tail is covered too.
  ///   The fixed-point u, off by one unit, moves S by less than S′(u) ≤ S(u) units. With n terms: (2n + 1)·S(u) units,
  ///   that is, a relative error of (2n + 1)·2⁻ˢ.
  /// - The other factors: e^(−x²) has relative error below 2⁻ˢ; 2 ÷ √π = √(4 ÷ π), the floor of a root of a floor with π
  ///   off by one unit, is within 3 units; each of two products is cut by less than one unit.
  /// - erf(x) ÷ x ≤ 2 ÷ √π < 1.13. Together: fewer than 1.13·(2n + 1 + 1 + 3) + 3 < 3n + 9 units.
  static func ratio(_ x: Rational, precision: Int) -> FixedPoint {
    var scale = precision + 16
    while true {
      let value = ratio(x, scale: scale)
      // 3n + 9 may need more guard bits than expected; it seldom does.
      if value.error < 1 << (scale - precision) { return value }
      scale += 8
    }
  }

  private static func ratio(_ x: Rational, scale: Int) -> FixedPoint {
    let square = x * x
    let (sum, count) = series(square.scaled(byPowerOfTwo: 1).floor(scale: scale), scale: scale)
    let (power, exponent) = ExponentialKernel.exponential(-square, precision: scale)
    let product = (sum * power.value) >> (power.scale - exponent)
    let fourOverPi = Integer.powerOfTwo(3 * scale + 2).dividedFloor(by: MathematicalConstant.pi.floor(scale: scale))
    let value = (product * fourOverPi.squareRoot()) >> scale
    return FixedPoint(value: value, error: 3 * count + 9, scale: scale)
  }

  /// Σ uᵏ ÷ (1·3·5⋯(2k+1)) and the number of terms added.
  private static func series(_ u: Integer, scale: Int) -> (sum: Integer, count: Int) {
    var term = Integer.powerOfTwo(scale)
    var sum = term
    var count = 1
    var scratch = Integer.zero
    while !term.isZero {
      term.multiply(by: u, scale: scale, scratch: &scratch)
      term.divideFloor(by: 2 * count + 1)
      sum += term
      count += 1
    }
    return (sum, count)
  }
}
