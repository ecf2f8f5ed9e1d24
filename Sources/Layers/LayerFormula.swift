import PlumbModel

/// A layer's formula with its inputs, over an arithmetic.
///
/// Each of its properties beside the inputs is a place to be wrong: the defaults are right, and a mutant changes one of them.
package protocol LayerFormula<Context>: Sendable {
  associatedtype Context: ArithmeticContext

  /// The arithmetic that it is computed in.
  var context: Context { get }

  /// The change of each row of the output.
  var round: RowFunction<Context> { get set }

  /// The layer's output.
  func forward() -> Activation<Context.Number>
}

extension LayerFormula {
  /// The same as a part of a greater layer, whose numbers may be stored between its steps.
  package var inside: Self {
    var part = self
    part.round = { $0.stored }
    return part
  }

  /// The literal `value` in the layer's arithmetic.
  package func parameter(_ value: Double) -> Scalar<Context> { context.scalar(context.parameter(value)) }

  /// The count `value` in the layer's arithmetic.
  package func exact(_ value: Int) -> Scalar<Context> { context.scalar(context.exact(Double(value))) }
}

/// The formula of a layer that takes one tensor and nothing else.
package protocol FormulaOfOneTensor<Context>: LayerFormula {
  init(_ x: Activation<Context.Number>, in context: Context)
}
