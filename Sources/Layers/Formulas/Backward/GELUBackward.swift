import PlumbModel

/// dx = gradient · (Φ(x) + x · φ(x)), element by element, with Φ = ½ · (1 + erf(x · √½)) and φ = e^(−x²/2)/√(2π).
package struct GELUBackward<Context: ArithmeticContext>: ActivationBackward {
  package let context: Context
  package let x: Activation<Context.Number>
  package var gradient: Activation<Context.Number>
  package var product: @Sendable (_ gradient: Row<Context>, _ x: Row<Context>) -> Row<Context> = { $0 * derivative($1) }
  package var round: RowFunction<Context> = { $0.result }

  package init(_ x: Activation<Context.Number>, gradient: Activation<Context.Number>, in context: Context) {
    self.context = context
    self.x = x
    self.gradient = gradient
  }

  /// Φ(x) + x · φ(x).
  package static func derivative(_ x: Row<Context>) -> Row<Context> { 0.5 * GELU.factor(x) + x * density(x) }

  /// e^(−x²/2)/√(2π).
  package static func density(_ x: Row<Context>) -> Row<Context> {
    (-0.5 * (x * x)).exponential() * x.constant(.greatestDensity)
  }
}
