import PlumbEngine
import PlumbExact

/// Values of the elementary functions in Float64 with a proved error; they share no arithmetic with the engine.
///
/// u = 2⁻⁵³, e the filter's exponential, which is off by 2 u, relative. What exceeds the sums below covers the products
/// of errors.
struct FunctionFilter: Sendable {
  private let function: Engine.ElementaryFunction
  private let millsRatio: MillsRatio?

  /// The filter of `function`; that of GELU takes a second to prepare.
  init(_ function: Engine.ElementaryFunction) throws(EnclosureError) {
    self.function = function
    millsRatio = function == .gelu ? try MillsRatio() : nil
  }

  /// What stands for results that become 0 in Float32; its relative error then does not matter.
  private static let nothing = 0x1p-900

  /// f(x) to within the relative error.
  ///
  /// - Precondition: x is finite.
  func callAsFunction(_ x: Float) -> (value: Double, relativeError: Double) {
    let x = Double(x)
    return switch function {
    case .relu: (x > 0 ? x : 0, 0)
    case .silu: (Self.logistic(x, x.magnitude), 7 * 0x1p-53)
    case .gelu: (gelu(x), 16 * 0x1p-53)
    case .geluTanh: Self.geluTanh(x)
    case .exponential: (Self.exponential(x), 3 * 0x1p-53)
    case .hyperbolicTangent: (Self.hyperbolicTangent(x), 12 * 0x1p-53)
    }
  }

  private static func exponential(_ x: Double) -> Double {
    if x > 690 { return .greatestFiniteMagnitude }
    return x < -690 ? nothing : Filter.exponential(x)
  }

  /// x·σ(±w), the sign that of x: relative 7 u for an exact w.
  ///
  /// For x ≥ 0, x/(1 + e) with e = e^(−w) is off by 1 u for e and by u for the sum and the quotient; for x < 0, x·e/(1 + e) by
  /// 2 u and 3 u.
  private static func logistic(_ x: Double, _ w: Double) -> Double {
    // e < 2⁻⁹⁹⁵: nothing beside 1, and nothing times any Float32.
    if w > 690 { return x < 0 ? -nothing : x }
    let power = Filter.exponential(-w)
    return (x < 0 ? x * power : x) / (1 + power)
  }

  /// w = |x|·(c₁ + c₂·x²): x² is exact, both constants, two products and a sum of positive terms round once each: relative
  /// 5 u, at most 5w u of e^(−w).
  private static func geluTanh(_ x: Double) -> (value: Double, relativeError: Double) {
    let w = x.magnitude * (0x1.9884533d43651p+0 + 0x1.2444f2a4d8b4bp-4 * (x * x))
    return (logistic(x, w), (6 * min(w, 690) + 8) * 0x1p-53)
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

  /// The Float32 that is the exact value correctly rounded; `nil` where the error allows two.
  func rounded(_ x: Float) -> Float? {
    let (value, relative) = self(x)
    // The product rounds outward by the 1.01; both sums round by less than the hundredth of it that is over.
    let error = value.magnitude * (relative + 0x1p-52)
    let lower = Float(value - error)
    return lower == Float(value + error) ? lower : nil
  }
}
