import PlumbModel

/// y = max(x, 0), element by element.
package struct ReLU<Context: ArithmeticContext>: Elementwise {
  package let context: Context
  package let x: Activation<Context.Number>
  package var function: RowFunction<Context> = { $0.rectified() }
  package var round: RowFunction<Context> = { $0.result }

  package init(_ x: Activation<Context.Number>, in context: Context) {
    self.x = x
    self.context = context
  }
}
