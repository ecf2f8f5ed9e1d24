import PlumbEngine
import PlumbModel

extension Filter {
  /// x·σ(x), by e^(−|x|).
  ///
  /// *Error bound*: with u = 2⁻⁵³ and e = e^(−|x|), off by 2 u, relative: x/(1 + e) is off by 1 u for e, as e/(1 + e) ≤ ½, by u
  /// for the sum and u for the quotient: 3 u; x·e/(1 + e) by 2 u for e and u each for product, sum and quotient: 5 u.
  /// Beyond 690, e counts as 0, to within 2⁻⁹⁹⁵.
  static func silu(_ x: Activation<Float>) -> FilteredExpectation? {
    var result = FilteredExpectation(capacity: x.elements.count)
    for element in x.elements {
      let exact = logistic(Double(element), of: Double(element).magnitude, 0)
      result.append(exact, .oneRounding(of: exact, relativeError: Engine.siluRelativeError))
    }
    return result
  }

  /// The tanh form of GELU, which is x·σ(w), w = x·(c₁ + c₂·x²), by e^(−|w|).
  ///
  /// *Error bound*: c₁ = √(8/π) and c₂ = 0.044715·c₁ are held as two Float64s each, to within a relative 2⁻¹⁰⁵, and x² is
  /// exact. The products and the sum keep what they lose, to within 2⁻⁹⁹ of w: 2⁻⁸⁹ of e^(−|w|) for |w| ≤ 690. The rest is as for
  /// SiLU.
  static func geluTanh(_ x: Activation<Float>) -> FilteredExpectation? {
    var result = FilteredExpectation(capacity: x.elements.count)
    for element in x.elements {
      let x = Double(element)
      if x == 0 {
        // The one exact value. A bound that is not that of an exact value is at most twice the least spacing.
        result.append(Near(exactly: 0), NearBound(lower: 0, upper: 0x1p-148))
        continue
      }
      let (w, rest) = argument(x.magnitude)
      let exact = logistic(x, of: w, rest)
      result.append(
        exact, .oneRounding(of: exact, relativeError: Engine.geluTanhRelativeError, absoluteError: 0x1p-1000))
    }
    return result
  }

  /// x·(c₁ + c₂·x²) for x > 0.
  ///
  /// Beyond 2⁸ it exceeds 690 by far, and 2¹⁰ stands for all that does.
  private static func argument(_ x: Double) -> (Double, Double) {
    guard x < 0x1p8 else { return (0x1p10, 0) }
    guard x > 0x1p-100 else { return (x * 0x1.9884533d43651p+0, 0) }
    let (product, lost) = ErrorFree.product(0x1.2444f2a4d8b4bp-4, x * x)
    let rest = lost + -0x1.6c843a29d1c70p-61 * (x * x)
    let (sum, lostSum) = ErrorFree.sum(0x1.9884533d43651p+0, product)
    let restSum = lostSum + (rest + -0x1.cbc0d30ebfd15p-54)
    let (w, lostProduct) = ErrorFree.product(sum, x)
    return (w, lostProduct + restSum * x)
  }

  /// x·σ(±`magnitude`), the sign that of x, where `magnitude` + `rest` is known to within 2⁻⁸⁹ of e^−`magnitude`.
  @inline(__always)
  static func logistic(_ x: Double, of magnitude: Double, _ rest: Double) -> Near {
    let power = magnitude > 690 ? 0 : exponential(-magnitude, -rest)
    if magnitude > 690 {
      // Within |x|·2⁻⁹⁹⁵ of x or of 0.
      return Near(x > 0 ? x : 0, error: 0x1p-860)
    }
    let value = (x < 0 ? x * power : x) / (1 + power)
    return Near(value, error: value.magnitude * (6 * 0x1p-53) + 0x1p-860)
  }
}
