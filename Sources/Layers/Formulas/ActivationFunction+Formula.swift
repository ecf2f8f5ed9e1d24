import PlumbModel

extension ActivationFunction {
  /// The function of each element of `x`, which may be stored.
  package func forward<Context: ArithmeticContext>(
    _ x: Activation<Context.Number>, in context: Context
  ) -> Activation<Context.Number> {
    switch self {
    case .relu: ReLU(x, in: context).inside.forward()
    case .gelu: GELU(x, in: context).inside.forward()
    case .geluTanh: GELUTanh(x, in: context).inside.forward()
    case .silu: SiLU(x, in: context).inside.forward()
    }
  }
}
