import PlumbModel

/// dx[t] = Σₛ of the gradients that the expert at place s of token t gives for weights[t, s] · gradient[t]; each step stored.
///
/// A kernel that multiplies the product with the transposed weight by the router's weight instead rounds as often, and each time no more
/// than the sum of what is rounded here.
package struct ExpertsInputBackward<Context: ArithmeticContext>: LayerFormula {
  /// The layer forwards.
  package var layer: Experts<Context>
  package var gradient: Activation<Context.Number>
  /// The experts' products with transposed weights, by expert.
  package var products: [(down: LinearBackward<Context>, gate: LinearBackward<Context>, up: LinearBackward<Context>)]
  /// The activation between the products.
  package let activation: ActivationFunction
  /// The change of an expert backwards.
  package var changed: @Sendable (inout GatedFeedForwardBackward<Context>) -> Void = { _ in }
  /// The gradient of an expert's result, from that of the sum.
  package var incoming: @Sendable (_ gradient: Row<Context>, _ weight: Scalar<Context>) -> Row<Context> = {
    ($0 * $1).stored
  }
  /// The sum of what the places of a token give.
  package var sum: @Sendable (_ given: [Row<Context>]) -> Row<Context> = { Self.total($0) }
  package var round: RowFunction<Context> = { $0.result }

  package var context: Context { layer.context }

  package init(
    _ layer: Experts<Context>, gradient: Activation<Context.Number>, _ activation: ActivationFunction,
    products: [(down: LinearBackward<Context>, gate: LinearBackward<Context>, up: LinearBackward<Context>)]
  ) {
    (self.layer, self.gradient, self.activation, self.products) = (layer, gradient, activation, products)
  }

  package func forward() -> Activation<Context.Number> {
    let (context, chosen) = (context, layer.weights.columns)
    let weights = layer.weights.elements.map { context.scalar($0) }
    let before = through { incoming(context.row(gradient.row($0 / chosen)), weights[$0]) }
    let rows = context.map(layer.x.rows) { token -> Row<Context> in
      round(sum(Array(before[token * chosen..<(token + 1) * chosen])))
    }
    return Row.tensor(rows, shape: layer.x.shape)
  }

  /// The gradients of the inputs of the experts at all places, whose results have those that `given` says.
  private func through(_ given: (_ place: Int) -> Row<Context>) -> [Row<Context>] {
    layer.placed { expert, places in
      var own = layer.layer(expert)
      own.gate.x = layer.rows(of: places)
      own.up.x = own.gate.x
      var (down, gate, up) = products[expert]
      down.product.x = Row.tensor(places.map(given), shape: [places.count, gradient.columns])
      (gate.product.x, up.product.x) = (own.gate.x, own.gate.x)
      var backward = GatedFeedForwardBackward(own, activation, down: down, gate: gate, up: up)
      if let clamp = layer.clamp {
        backward.parts = { [clamped = layer.clamped, context = own.context] opening, inner, gradient in
          var gate = ClampedGate(opening, inner, clamp, in: context)
          clamped(&gate)
          func part(isOfUp: Bool) -> Activation<Context.Number> {
            ClampedGateBackward(gate, gradient: gradient, isOfUp: isOfUp).inside.forward()
          }
          return (part(isOfUp: false), part(isOfUp: true))
        }
      }
      changed(&backward)
      return backward.inside.forward()
    }
  }

  /// The sum of rows, column by column.
  package static func total(_ given: [Row<Context>]) -> Row<Context> {
    guard let first = given.first else { preconditionFailure("a token has one place at least") }
    return first.context.row(
      (0..<first.count).map { column in first.context.row(given.map { $0[column].number }).total.number })
  }
}
