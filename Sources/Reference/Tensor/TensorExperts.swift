import PlumbExact
import PlumbModel

// The layers of a mixture of experts on tensors, whose rows are places: one for each expert of a token.
extension Reference {
  /// The products of each token's elements with those of its experts.
  ///
  /// - Throws: as the function over activations.
  static func expertLinear(
    _ x: BallTensor, _ weights: BallTensor, _ layer: ExpertLinearLayer, precision: Int
  ) throws(EnclosureError) -> BallTensor {
    let choice = choice(of: weights.activation, chosen: layer.chosen)
    let tokens = weights.rows.count
    let isOfTokens = x.rows.count == tokens
    let nothing = BallRow([Ball](repeating: Ball(0), count: layer.outputs)[...], precision: precision)
    var rows = [BallRow](repeating: nothing, count: tokens * layer.chosen)
    // A token's row is the input of each of its experts.
    let packed = concurrentMap(x.rows.count) { PackedRow(x.rows[$0]) }
    for (expert, places) in choice.uses where expert < layer.products.count {
      let given = places.map { packed[isOfTokens ? $0.token : $0.token * layer.chosen + $0.slot] }
      let results = try linear(given, layer.products[expert], precision: precision)
      for (place, row) in zip(places, results.rows) { rows[place.token * layer.chosen + place.slot] = row }
    }
    return BallTensor(shape: [tokens, layer.chosen, layer.outputs], rows: rows)
  }

  /// The sum of what a token's experts give, by their weights.
  static func expertSum(_ weights: BallTensor, _ given: BallTensor, precision: Int) -> BallTensor {
    let tokens = weights.rows.count
    let places = tokens == 0 ? 0 : given.rows.count / tokens
    let activation = weights.activation
    let choice = choice(of: activation, chosen: places)
    let hidden = given.shape.last ?? 0
    let rows = concurrentMap(tokens) { token -> BallRow in
      let chosen = choice.experts[token]
      let start = token * activation.columns
      let factors = BallRow(chosen.map { activation.elements[start + $0] }[...], precision: precision)
      let values = SignedRow.aligned(chosen.indices.map { given.rows[token * places + $0] })
      let sum = SignedRow.weightedSum(
        SignedRow(factors), values, included: Array(chosen.indices), from: 0, count: hidden)
      return BallRow([sum], precision: precision)
    }
    return BallTensor(shape: [tokens, hidden], rows: rows)
  }
}
