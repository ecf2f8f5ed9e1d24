import PlumbModel

/// A function applied element by element.
package protocol Elementwise: FormulaOfOneTensor {
  var x: Activation<Context.Number> { get }
  var function: RowFunction<Context> { get set }
}

extension Elementwise {
  package func forward() -> Activation<Context.Number> {
    Row.tensor([round(function(context.row(x.elements)))], shape: x.shape)
  }
}
