import PlumbModel

/// dx = gradient · (s + x · s · (1 − s) · 2u′), element by element, with s = 1/(1 + e^(−2u)), u = √(2/π) · (x + 0.044715·x³) and
/// u′ = √(2/π) · (1 + 3 · 0.044715·x²).
///
/// Or gradient · (½ · (1 + tanh u) + ½ · x · (1 − tanh² u) · u′), in which more cancels.
package struct GELUTanhBackward<Context: ArithmeticContext>: ActivationBackward {
  package let context: Context
  package let x: Activation<Context.Number>
  package var gradient: Activation<Context.Number>
  package var product: @Sendable (_ gradient: Row<Context>, _ x: Row<Context>) -> Row<Context> = {
    $0 * derivative($1, slope(of: $1))
  }
  package var round: RowFunction<Context> = { $0.result }

  package init(_ x: Activation<Context.Number>, gradient: Activation<Context.Number>, in context: Context) {
    self.context = context
    self.x = x
    self.gradient = gradient
  }

  /// u.
  package static func argument(_ x: Row<Context>) -> Row<Context> {
    let (square, coefficient) = (x * x, x.constant(.decimal(44_715, over: 1_000_000)))
    let polynomial = (x + coefficient * (square * x)).or(x * (1 + coefficient * square))
    return x.constant(.rootOfTwoOverPi) * polynomial
  }

  /// u′.
  package static func slope(of x: Row<Context>) -> Row<Context> {
    let coefficient = x.constant(.decimal(44_715, over: 1_000_000))
    return x.constant(.rootOfTwoOverPi) * (1 + 3 * coefficient * (x * x))
  }

  /// The derivative, from u′.
  package static func derivative(_ x: Row<Context>, _ slope: Row<Context>) -> Row<Context> {
    let argument = argument(x)
    return .oneOf(
      x.context,
      (
        [.sigmoid],
        {
          let sigmoid = SiLUBackward.sigmoid(2 * argument)
          return sigmoid + x * sigmoid * (1 - sigmoid) * (2 * slope)
        }
      ),
      (
        [.tanh],
        {
          let tanh = argument.hyperbolicTangent()
          return 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh * tanh) * slope
        }
      ))
  }
}
