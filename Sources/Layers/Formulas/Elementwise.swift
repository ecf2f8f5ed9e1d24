package import PlumbModel

/// A function applied element by element.
package protocol Elementwise: FormulaOfOneTensor {
  var x: Activation<Context.Number> { get }
  var function: ScalarFunction<Context> { get set }
}

extension Elementwise {
  package func forward() -> Activation<Context.Number> {
    let row = context.row(x.elements).map { round(function($0)) }
    return Activation(shape: x.shape, elements: Array(row.numbers))
  }
}
