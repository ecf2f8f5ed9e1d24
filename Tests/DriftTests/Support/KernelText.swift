import Foundation
import PlumbExact

/// The polynomials and fractions of the engine's Float64 functions, written from their descriptions, over any number.
///
/// In Float64 they give the kernels' bits; over an interval they give what rounding may do there.
enum KernelText {
  /// 1/n!, rounded to Float64.
  static func reciprocalFactorial(_ n: Int) -> Rational {
    1 / (1...max(n, 1)).reduce(Rational(1)) { $0 * Rational($1) }
  }

  static func nearest(_ value: Rational) -> Double { value.rounded(to: Double.self, .toNearestOrEven) }

  /// Σ cᵢ·zⁱ by Horner's rule, which begins with `first`.
  private static func horner<N: KernelNumber>(_ first: N, _ coefficients: [Double], _ z: N) -> N {
    coefficients.reversed().reduce(first) { $0 * z + N($1) }
  }

  /// e^r: even terms to r¹², odd ones to r¹³.
  static func exponential<N: KernelNumber>(_ r: N) -> N {
    let z = r * r
    let terms = (0...13).map { nearest(reciprocalFactorial($0)) }
    let even = horner(N(terms[12]), stride(from: 0, to: 12, by: 2).map { terms[$0] }, z)
    let odd = horner(N(terms[13]), stride(from: 1, to: 13, by: 2).map { terms[$0] }, z)
    return even + r * odd
  }

  /// ±1/(2i + start)! for i from 1 to 8, the first negative.
  static func circular(_ start: Int) -> [Double] {
    (1...8).map { ($0.isMultiple(of: 2) ? 1 : -1) * nearest(reciprocalFactorial(2 * $0 + start)) }
  }

  /// sin r = r + r·(z·Q).
  static func sine<N: KernelNumber>(_ r: N) -> N {
    let z = r * r
    return r + r * (z * horner(N(0), circular(1), z))
  }

  /// cos r = 1 + z·C.
  static func cosine<N: KernelNumber>(_ r: N) -> N {
    let z = r * r
    return N(1) + z * horner(N(0), circular(0), z)
  }

  /// The denominator of x/(1 + z/(3 + z/(5 + … z/17))), z = x².
  static func tangentFraction<N: KernelNumber>(_ z: N) -> N {
    stride(from: 15, to: 0, by: -2).reduce(N(17)) { N(Double($1)) + z / $0 }
  }

  /// z·P(z) of 2·artanh f = 2f + f·(z·P(z)), z = f².
  static func inverseTangentTail<N: KernelNumber>(_ z: N) -> N {
    z * horner(N(0), (1...10).map { nearest(Rational(2) / Rational(2 * $0 + 1)) }, z)
  }
}
