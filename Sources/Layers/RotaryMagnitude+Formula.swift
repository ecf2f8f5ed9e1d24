import PlumbModel

extension RotaryMagnitude {
  /// The factor as a kernel's host computes it; `nil` for 1.
  func multiplier<Context: ArithmeticContext>(in context: Context) -> Scalar<Context>? {
    func parameter(_ value: Float) -> Scalar<Context> { context.scalar(context.parameter(Double(value))) }
    func share(_ weight: Float, _ logarithm: Scalar<Context>) -> Scalar<Context> {
      parameter(1) + parameter(weight) * (logarithm / context.scalar(context.exact(10)))
    }
    switch self {
    case .number(1): return nil
    case .number(let number): return parameter(number)
    case .logarithms(let factor, let numerator, let denominator):
      let logarithm = parameter(factor).logarithm()
      return share(numerator, logarithm).divided(by: share(denominator, logarithm))
    case .root(let factor, let context):
      return (parameter(1) + parameter(factor).logarithm().divided(by: parameter(context).logarithm())).squareRoot()
    }
  }
}
