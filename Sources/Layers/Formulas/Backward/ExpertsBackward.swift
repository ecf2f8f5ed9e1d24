import PlumbModel

/// The gradients of the products and of the sum of a mixture of experts, from the experts of each token.
///
/// A place is one of `chosen` of a token; one without an expert holds zeros.
package struct ExpertsBackward<Context: ArithmeticContext>: Sendable {
  package let context: Context
  package let choice: ExpertChoice
  package let chosen: Int

  package init(_ choice: ExpertChoice, chosen: Int, in context: Context) {
    (self.context, self.choice, self.chosen) = (context, choice, chosen)
  }

  /// dx of each place, or of each token the sum of those of its places: products of `gradient` `[tokens, chosen, outputs]` with the
  /// weights of the experts, which `read` gives.
  ///
  /// - Throws: what `read` throws.
  package func linear<Failure: Error>(
    _ gradient: Activation<Context.Number>, _ layer: ExpertLinearLayer, isOfTokens: Bool,
    reading read: (Tensor) throws(Failure) -> Activation<Context.Number>
  ) throws(Failure) -> Activation<Context.Number> {
    let (tokens, columns) = (choice.experts.count, layer.products.first?.weight.columns ?? 0)
    var elements = [Context.Number](repeating: context.exact(0), count: tokens * chosen * columns)
    for (expert, _) in choice.uses where expert < layer.products.count {
      let places = choice.rows(of: expert, chosen: chosen)
      var product = LinearBackward(
        gradient.rows(at: places), weight: Weights(try read(layer.products[expert].weight)), in: context)
      if isOfTokens { product = product.inside }
      let result = product.forward()
      for (row, place) in places.enumerated() {
        elements.replaceSubrange(place * columns..<(place + 1) * columns, with: result.row(row))
      }
    }
    guard isOfTokens else { return Activation(shape: [tokens, chosen, columns], elements: elements) }
    let sums = (0..<tokens).map { token -> Row<Context> in
      let count = choice.experts[token].count
      let sums = (0..<columns).map { column in
        context.row((0..<count).map { elements[(token * chosen + $0) * columns + column] }).total.number
      }
      return context.row(sums).result
    }
    return Row.tensor(sums, shape: [tokens, columns])
  }

  /// dweight of `expert`: Σ gradient · x over its places; 0 where it has none.
  package func weight(
    of expert: Int, _ gradient: Activation<Context.Number>, x: Activation<Context.Number>
  ) -> Activation<Context.Number> {
    let places = choice.rows(of: expert, chosen: chosen)
    guard !places.isEmpty else { return zeros([gradient.columns, x.columns]) }
    return LinearWeightBackward(gradient.rows(at: places), x: x.expertRows(at: places, chosen: chosen), in: context)
      .forward()
  }

  /// dbias of `expert`: Σ gradient over its places; 0 where it has none.
  package func bias(of expert: Int, _ gradient: Activation<Context.Number>) -> Activation<Context.Number> {
    let places = choice.rows(of: expert, chosen: chosen)
    guard !places.isEmpty else { return zeros([gradient.columns]) }
    return BiasBackward(gradient.rows(at: places), in: context).forward()
  }

  /// dweights[t, e] = Σ_i gradient[t, i] · given[t, place of e, i] for the experts of a token, 0 for the others.
  package func weights(
    _ gradient: Activation<Context.Number>, given: Activation<Context.Number>, experts: Int
  ) -> Activation<Context.Number> {
    var result = zeros([choice.experts.count, experts])
    for (token, chosenExperts) in choice.experts.enumerated() {
      let own = context.row(gradient.row(token)).factors
      let sums = chosenExperts.indices.map { place in
        own.matrixDot(context.row(given.row(token * chosen + place)).factors).number
      }
      for (expert, sum) in zip(chosenExperts, context.row(sums).result.numbers) {
        result.elements[token * experts + expert] = sum
      }
    }
    return result
  }

  /// dgiven[t, place] = weights[t, expert of the place] · gradient[t].
  package func given(
    _ gradient: Activation<Context.Number>, weights: Activation<Context.Number>, shape: [Int]
  ) -> Activation<Context.Number> {
    var result = zeros(shape)
    let columns = gradient.columns
    for (token, experts) in choice.experts.enumerated() {
      for (place, expert) in experts.enumerated() {
        let weight = context.scalar(weights.elements[token * weights.columns + expert])
        let start = (token * chosen + place) * columns
        result.elements.replaceSubrange(
          start..<start + columns, with: (context.row(gradient.row(token)) * weight).result.numbers)
      }
    }
    return result
  }

  private func zeros(_ shape: [Int]) -> Activation<Context.Number> {
    Activation(shape: shape, elements: [Context.Number](repeating: context.exact(0), count: shape.reduce(1, *)))
  }
}

extension ExpertGradient {
  /// The gradient, from the activations and the gradient that a step takes, in an arithmetic.
  ///
  /// - Throws: what `read` throws.
  package func backward<Context: ArithmeticContext, Failure: Error>(
    _ activations: [Activation<Context.Number>], _ gradient: Activation<Context.Number>, in context: Context,
    reading read: (Tensor) throws(Failure) -> Activation<Context.Number>
  ) throws(Failure) -> Activation<Context.Number> {
    func experts(_ weights: Activation<Context.Number>, _ chosen: Int) -> ExpertsBackward<Context> {
      ExpertsBackward(context.choice(of: weights, chosen: chosen), chosen: chosen, in: context)
    }
    switch self {
    case .router(let layer):
      let choice = context.choice(of: activations[1], chosen: layer.chosen)
      return RouterBackward(activations[0], gradient: gradient, layer, choice, in: context).forward()
    case .weights:
      let (weights, given) = (activations[0], activations[1])
      let places = weights.rows == 0 ? 0 : given.rows / weights.rows
      return experts(weights, places).weights(gradient, given: given, experts: weights.columns)
    case .given(let places, let isOfOne):
      let shape = isOfOne ? [gradient.rows] : [gradient.rows, places]
      return experts(activations[0], places).given(
        gradient, weights: activations[0], shape: shape + [gradient.columns])
    case .linear(let layer, let isOfTokens):
      return try experts(activations[0], layer.chosen).linear(gradient, layer, isOfTokens: isOfTokens, reading: read)
    case .linearWeight(let expert, let chosen):
      return experts(activations[1], chosen).weight(of: expert, gradient, x: activations[0])
    case .bias(let expert, let chosen): return experts(activations[0], chosen).bias(of: expert, gradient)
    }
  }
}
