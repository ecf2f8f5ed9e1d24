import PlumbModel

/// dweights[t, s] = Σᵢ gradient[t, i] · (expert choice[t, s] of x[t])[i], whose result may be stored.
package struct ExpertsWeightsBackward<Context: ArithmeticContext>: LayerFormula {
  /// The layer forwards.
  package var layer: Experts<Context>
  package var gradient: Activation<Context.Number>
  /// The gradient of a place's weight.
  package var product: @Sendable (_ gradient: Row<Context>, _ given: Row<Context>) -> Scalar<Context> = {
    $0.factors.matrixDot($1.factors)
  }
  package var round: RowFunction<Context> = { $0.result }

  package var context: Context { layer.context }

  package init(_ layer: Experts<Context>, gradient: Activation<Context.Number>) {
    (self.layer, self.gradient) = (layer, gradient)
  }

  package func forward() -> Activation<Context.Number> {
    let (context, given, chosen) = (context, layer.given(), layer.weights.columns)
    let rows = context.map(layer.weights.rows) { token -> Row<Context> in
      let own = context.row(gradient.row(token))
      return round(context.row((0..<chosen).map { product(own, given[token * chosen + $0]).number }))
    }
    return Row.tensor(rows, shape: layer.weights.shape)
  }
}
