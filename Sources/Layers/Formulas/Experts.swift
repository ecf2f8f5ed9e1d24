import PlumbModel

/// y[t] = Σₛ weights[t, s] · (expert choice[t, s] of x[t]), over the places s of a token.
///
/// The results of experts, and their products with the weights, may be stored; the products may also be terms of a sum at once.
package struct Experts<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package var x: Activation<Context.Number>
  /// The expert at each place of each token, token by token.
  package var choice: [Int]
  /// `[tokens, chosen]`.
  package var weights: Activation<Context.Number>
  /// The experts, whose inputs are given later, without the clamped gate.
  package var experts: [GatedFeedForward<Context>]
  /// The clamped gate in place of each expert's activation; `nil` for none.
  package var clamp: ClampedGateLayer?
  /// The change of the clamped gates.
  package var clamped: @Sendable (inout ClampedGate<Context>) -> Void = { _ in }
  /// The sum of what the places of a token give, from its weights.
  package var sum: @Sendable (_ weights: Row<Context>, _ given: [Row<Context>]) -> Row<Context> = { weights, given in
    Self.weighted(weights, given)
  }
  package var round: RowFunction<Context> = { $0.result }

  package init(
    _ x: Activation<Context.Number>, choice: [Int], weights: Activation<Context.Number>,
    experts: [GatedFeedForward<Context>], clamp: ClampedGateLayer?, in context: Context
  ) {
    (self.x, self.choice, self.weights, self.experts, self.clamp) = (x, choice, weights, experts, clamp)
    self.context = context
  }

  package func forward() -> Activation<Context.Number> {
    let (given, chosen) = (given(), weights.columns)
    let rows = context.map(x.rows) { token in
      round(sum(context.row(weights.row(token)), Array(given[token * chosen..<(token + 1) * chosen])))
    }
    return Row.tensor(rows, shape: x.shape)
  }

  /// The numbers that the expert at each place gives.
  package func given() -> [Row<Context>] {
    placed { expert, places in
      var layer = layer(expert)
      layer.gate.x = rows(of: places)
      layer.up.x = layer.gate.x
      return layer.inside.forward()
    }
  }

  /// The expert, which has the clamped gate where there is one.
  package func layer(_ expert: Int) -> GatedFeedForward<Context> {
    var layer = experts[expert]
    guard let clamp else { return layer }
    layer.combined = { [clamped] opening, up, _, context in
      var gate = ClampedGate(opening, up, clamp, in: context)
      clamped(&gate)
      return gate.inside.forward()
    }
    return layer
  }

  /// The inputs at `places`, in rows.
  package func rows(of places: [Int]) -> Activation<Context.Number> {
    let rows = places.map { Array(x.row($0 / weights.columns)) }
    return Activation(shape: [places.count, x.columns], elements: rows.flattened)
  }

  /// The rows that `make` gives for each expert and its places, place by place.
  package func placed(
    _ make: (_ expert: Int, _ places: [Int]) -> Activation<Context.Number>
  ) -> [Row<Context>] {
    var given = [Row<Context>](repeating: context.row([]), count: choice.count)
    for expert in Set(choice).sorted() {
      let places = choice.indices.filter { choice[$0] == expert }
      let result = make(expert, places)
      for (row, place) in places.enumerated() { given[place] = context.row(result.row(row)) }
    }
    return given
  }

  /// Σₛ weights[s] · given[s], column by column.
  package static func weighted(_ weights: Row<Context>, _ given: [Row<Context>]) -> Row<Context> {
    let context = weights.context
    let columns = given.first?.count ?? 0
    let products = given.indices.map { (given[$0] * weights[$0]).stored }
    return context.row(
      (0..<columns).map { column in
        let terms = context.row(products.map { $0[column].number }).total
        return terms.or(weights.dot(context.row(given.map { $0[column].number }))).number
      })
  }
}
