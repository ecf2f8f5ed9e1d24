import PlumbModel

/// dx = gradient where x > 0, otherwise 0: at 0 itself 0, as PyTorch, JAX and TensorFlow have it.
package struct ReLUBackward<Context: ArithmeticContext>: ActivationBackward {
  package let context: Context
  package let x: Activation<Context.Number>
  package var gradient: Activation<Context.Number>
  package var product: @Sendable (_ gradient: Row<Context>, _ x: Row<Context>) -> Row<Context> = { $0.gated(by: $1) }
  package var round: RowFunction<Context> = { $0.result }

  package init(_ x: Activation<Context.Number>, gradient: Activation<Context.Number>, in context: Context) {
    self.context = context
    self.x = x
    self.gradient = gradient
  }
}
