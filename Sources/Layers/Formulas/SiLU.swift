package import PlumbModel

/// y = x / (1 + e^(−x)), or x times the reciprocal, element by element.
///
/// In error-tracking arithmetic outside the domain where e^(−x) may overflow, below about −88.
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
  package static func value(_ x: Row<Context>) -> Row<Context> { x / (1 + (-x).exponential()) }
}
