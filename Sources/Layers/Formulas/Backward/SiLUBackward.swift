import PlumbModel

/// dx = gradient · s · (1 + x · (1 − s)), element by element, with s = 1/(1 + e^(−x)), which may be stored.
package struct SiLUBackward<Context: ArithmeticContext>: ActivationBackward {
  package let context: Context
  package let x: Activation<Context.Number>
  package var gradient: Activation<Context.Number>
  package var product: @Sendable (_ gradient: Row<Context>, _ x: Row<Context>) -> Row<Context> = { gradient, x in
    let sigmoid = sigmoid(x)
    return (gradient * derivative(x, sigmoid)).or(gradient * sigmoid * (1 + x * (1 - sigmoid)))
  }
  package var round: RowFunction<Context> = { $0.result }

  package init(_ x: Activation<Context.Number>, gradient: Activation<Context.Number>, in context: Context) {
    self.context = context
    self.x = x
    self.gradient = gradient
  }

  /// 1/(1 + e^(−x)).
  package static func sigmoid(_ x: Row<Context>) -> Row<Context> {
    x.parameter(1).divided(by: 1 + (-x).exponential()).stored
  }

  /// s · (1 + x · (1 − s)), or s + x · s · (1 − s).
  package static func derivative(_ x: Row<Context>, _ sigmoid: Row<Context>) -> Row<Context> {
    (sigmoid * (1 + x * (1 - sigmoid))).or(sigmoid + x * sigmoid * (1 - sigmoid))
  }
}
