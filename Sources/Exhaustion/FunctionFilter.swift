import PlumbEngine
import PlumbExact
import PlumbVerdicts

/// Values of the elementary functions in Float64 with a proved error; they share no arithmetic with the engine.
///
/// u = 2⁻⁵³, e the filter's exponential, which is off by 2 u, relative. The excess over the sums below covers the products
/// of errors.
struct FunctionFilter: Sendable {
  private let function: Engine.ElementaryFunction
  private let millsRatio: MillsRatio?
  private let logarithm: LogarithmTable?
  private let circle: CircleTable?

  /// The filter of `function`; those with a table take up to a second to prepare.
  init(_ function: Engine.ElementaryFunction) throws(EnclosureError) {
    self.function = function
    millsRatio = function == .gelu || function == .errorFunction ? try MillsRatio() : nil
    logarithm = function == .logarithm || function == .logarithmOfOnePlus ? try LogarithmTable() : nil
    circle = function == .sine || function == .cosine ? CircleTable() : nil
  }

  /// A Float64, and how far the exact value is from it at most.
  struct Value: Sendable {
    let value: Double
    let error: Double

    /// The relative error's product and a sum that it is added to round by a hundredth of it and by u, relative.
    init(_ value: Double, relative: Double, absolute: Double = 0) {
      self.value = value
      error = value.magnitude * (relative + 0x1.03p-53) + absolute
    }

    /// The Float32 that is the exact value correctly rounded; `nil` where the error allows two.
    var rounded: Float? {
      let lower = Float(value - error)
      return lower == Float(value + error) ? lower : nil
    }
  }

  /// The number that stands for results that become 0 in Float32; its relative error then does not matter.
  private static let nothing = 0x1p-900

  /// f(x), or the limit or NaN that the engine declares where there is none.
  @inline(__always)
  func callAsFunction(_ x: Float) -> Value {
    guard x.isFinite else { return Value(atEnd(x), relative: 0) }
    let x = Double(x)
    switch function {
    case .relu: return Value(x > 0 ? x : 0, relative: 0)
    case .silu: return Value(Self.logistic(x, x.magnitude, times: x), relative: 7 * 0x1p-53)
    case .gelu: return Value(gelu(x), relative: 16 * 0x1p-53)
    case .geluTanh: return Self.geluTanh(x)
    case .sigmoid: return Value(Self.logistic(x, x.magnitude, times: 1), relative: 7 * 0x1p-53)
    case .exponential: return Value(Self.exponential(x), relative: 3 * 0x1p-53)
    case .hyperbolicTangent: return Value(Self.hyperbolicTangent(x), relative: 7.5 * 0x1p-53)
    case .errorFunction: return Value(errorFunction(x), relative: 12 * 0x1p-53)
    case .logarithm: return Value(logarithm.map { $0(x) } ?? .nan, relative: 8 * 0x1p-53)
    case .logarithmOfOnePlus: return Value(logarithmOfOnePlus(x), relative: 13 * 0x1p-53)
    case .sine: return circle?(x, quarter: 0) ?? Value(.nan, relative: 0)
    case .cosine: return circle?(x, quarter: 1) ?? Value(.nan, relative: 0)
    // Two roundings.
    case .reciprocalSquareRoot: return Value(x == 0 ? 1 / x : x.squareRoot() / x, relative: 3 * 0x1p-53)
    }
  }

  /// The value that the engine declares for an infinity or NaN.
  private func atEnd(_ x: Float) -> Double {
    if x.isNaN { return .nan }
    let isLow = x < 0
    return switch function {
    case .relu, .exponential: isLow ? 0 : .infinity
    case .silu, .gelu, .geluTanh, .logarithm, .logarithmOfOnePlus: isLow ? .nan : .infinity
    case .sigmoid: isLow ? 0 : 1
    case .hyperbolicTangent, .errorFunction: isLow ? -1 : 1
    case .sine, .cosine: .nan
    case .reciprocalSquareRoot: isLow ? .nan : 0
    }
  }

  private static func exponential(_ x: Double) -> Double {
    if x > 690 { return .greatestFiniteMagnitude }
    return x < -690 ? nothing : Filter.exponential(x)
  }

  /// factor·σ(±w), the sign that of x: relative 7 u for an exact w.
  ///
  /// For x ≥ 0, 1/(1 + e) with e = e^(−w) is off by 1 u for e and by u for the sum and the quotient; for x < 0, e/(1 + e) by
  /// 2 u and the same; the product adds u.
  @inline(__always)
  private static func logistic(_ x: Double, _ w: Double, times factor: Double) -> Double {
    // e < 2⁻⁹⁹⁵: nothing beside 1, and nothing times any Float32.
    if w > 690 { return x < 0 ? (factor < 0 ? -nothing : nothing) : factor }
    let power = Filter.exponential(-w)
    return (x < 0 ? factor * power : factor) / (1 + power)
  }

  /// w = |x|·(c₁ + c₂·x²): x² is exact, both constants, two products and a sum of positive terms round once each: relative
  /// 5 u, at most 5w u of e^(−w).
  private static func geluTanh(_ x: Double) -> Value {
    let w = x.magnitude * (0x1.9884533d43651p+0 + 0x1.2444f2a4d8b4bp-4 * (x * x))
    return Value(logistic(x, w, times: x), relative: (6 * min(w, 690) + 8) * 0x1p-53)
  }

  /// x·Φ(x), by Φ(−t) = φ(t)·R(t) for t ≥ 0.
  ///
  /// *Error bound*: relative 11 u: x² is exact, e is off by 2 u, R by 3 u, the constant and two products by 3 u: 8 u.
  /// Φ(t) = 1 − Φ(−t) ≥ ½ is off by as much and a rounding, the last product by one more: 11 u.
  private func gelu(_ x: Double) -> Double {
    let t = x.magnitude
    // e^(−37²/2) < 2⁻⁹⁸⁷.
    guard t <= 37, let millsRatio else { return x < 0 ? -Self.nothing : x }
    let tail = Filter.exponential(t * t * -0.5) * 0x1.9884533d43651p-2 * millsRatio(t)
    return x * (x < 0 ? tail : 1 - tail)
  }

  /// erf x.
  ///
  /// *Error bound*: relative 12 u, by the following proof; z = x² is exact.
  /// 1. |x| ≤ ½: 2/√π·x·Σ (−z)ⁿ/(n!·(2n + 1)), cut after n = 13 below 2⁻⁶⁹. The sum is at least 0.92; its last addition rounds
  ///    by u at most, and everything before by z·(1/3)·4 u < 0.34 u: 1.5 u. The constant and two products: 4.5 u.
  /// 2. Otherwise 1 − √(2/π)·e^(−z)·R(√2·|x|): e is off by 2 u, R by 3 u and by 2 u for its argument (|t·R′/R| ≤ 1), the constant
  ///    and two products by 3 u: 10 u of at most 0.4796, relative to at least 0.5204, and the difference's u: 10.3 u.
  private func errorFunction(_ x: Double) -> Double {
    let (size, z) = (x.magnitude, x * x)
    guard size > 0.5 else {
      var sum = 0.0
      for coefficient in Self.errorCoefficients { sum = coefficient - z * sum }
      return 0x1.20dd750429b6dp0 * x * sum
    }
    // 1 − erf 26 < 2⁻⁹⁷⁰.
    guard size <= 26, let millsRatio else { return x < 0 ? -1 : 1 }
    let tail = Filter.exponential(-z) * 0x1.9884533d43651p-1 * millsRatio(size * 0x1.6a09e667f3bcdp0)
    return x < 0 ? tail - 1 : 1 - tail
  }

  /// 1/(n!·(2n + 1)) from n = 13 down to 0; the products are exact.
  private static let errorCoefficients: [Double] = {
    var factorial = 1.0
    return (0...13).map { n in
      factorial *= max(1, Double(n))
      return 1 / (factorial * Double(2 * n + 1))
    }.reversed()
  }()

  /// log(1 + x): 12 u below 2⁴⁰; from there log x + 1/x, which lacks less than x⁻²/2 < 2⁻⁸¹: 8 u and a rounding.
  private func logarithmOfOnePlus(_ x: Double) -> Double {
    guard x >= 0, let logarithm else { return .nan }
    return x < 0x1p40 ? Filter.logarithmOfOnePlus(x) : logarithm(x) + 1 / x
  }

  /// tanh x.
  ///
  /// *Error bound*: relative 7 u, by the following proof.
  /// 1. |x| ≤ ¼: sinh x/cosh x, series of positive terms. z = x² ≤ 1/16; in 1 + z/6·(1 + z/20·(…)) everything but the last
  ///    sum is at most 0.011 and off by 6 u of that, and the sum rounds once; likewise with 1 + z/2·(…), below 0.032: 1.1 u and
  ///    1.2 u, a product and the quotient: 4.4 u. Cut below 2⁻⁷⁵.
  /// 2. Otherwise (1 − e)/(1 + e), e = e^(−2|x|) < 0.6066: e's 2 u are 2e/(1 − e²)·2 u < 3.9 u, and three operations round: 7 u.
  private static func hyperbolicTangent(_ x: Double) -> Double {
    let size = x.magnitude
    guard size > 0.25 else {
      let z = x * x
      var (odd, even) = (1.0, 1.0)
      for n in stride(from: 14.0, through: 2, by: -2) {
        odd = 1 + z * odd / (n * (n + 1))
        even = 1 + z * even / (n * (n - 1))
      }
      return x * odd / even
    }
    let power = size > 345 ? 0 : Filter.exponential(-2 * size)
    let value = (1 - power) / (1 + power)
    return x < 0 ? -value : value
  }
}
