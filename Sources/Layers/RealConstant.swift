/// A real number that formulas have as a constant.
package enum RealConstant: Sendable {
  /// √½.
  case rootOfHalf
  /// √2.
  case rootOfTwo
  /// √(2/π).
  case rootOfTwoOverPi
  /// 1/√(2π), the greatest value of the normal density.
  case greatestDensity
  /// 2π.
  case turn
  /// A decimal number, as a quotient of whole ones.
  case decimal(Int, over: Int)
  /// 1 over this power of ten.
  case overPowerOfTen(Int)

  /// The Double nearest to it.
  package var nearest: Double {
    switch self {
    case .rootOfHalf: 0.7071067811865476
    case .rootOfTwo: 1.4142135623730951
    case .rootOfTwoOverPi: 0.7978845608028654
    case .greatestDensity: 0.3989422804014327
    case .turn: 2 * .pi
    // A correctly rounded quotient of two numbers that Double holds.
    case .decimal(let numerator, let denominator): Double(numerator) / Double(denominator)
    // Text is rounded correctly.
    case .overPowerOfTen(let exponent): Double("1e-\(exponent)") ?? 0
    }
  }
}
