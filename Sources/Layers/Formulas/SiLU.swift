import PlumbModel

/// y = x / (1 + e^(−x)), or x times a sigmoid that may be stored, element by element; `stepwise`, each operation's result may be.
package struct SiLU<Context: ArithmeticContext>: Elementwise {
  package let context: Context
  package let x: Activation<Context.Number>
  package var function: RowFunction<Context> = { value($0) }
  package var round: RowFunction<Context> = { $0.result }

  package init(_ x: Activation<Context.Number>, in context: Context) {
    self.x = x
    self.context = context
  }

  /// x / (1 + e^(−x)).
  package static func value(_ x: Row<Context>) -> Row<Context> { product(of: x, withSigmoidOf: x) }

  /// x / (1 + e^(−argument)), or x times the sigmoid.
  package static func product(of x: Row<Context>, withSigmoidOf argument: Row<Context>) -> Row<Context> {
    let divisor = (1 + (-argument).exponential().step).step
    return x.divided(by: divisor).or(x * x.parameter(1).divided(by: divisor).stored)
  }
}
