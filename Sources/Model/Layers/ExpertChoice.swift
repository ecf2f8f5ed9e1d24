/// The experts that each token is given to, in the order of their index.
package struct ExpertChoice: Sendable, Hashable {
  /// The experts by token.
  package let experts: [[Int]]

  /// Makes a choice of `experts` for each token.
  package init(_ experts: [[Int]]) { self.experts = experts.map { $0.sorted() } }

  /// The choice that a router's `weights` `[tokens, experts]` are of: at most `chosen` experts a token, those whose weight is not
  /// 0.
  ///
  /// *Edge cases*: an expert whose weight is too small for its format counts as not chosen, and adds nothing either.
  package init<Element>(of weights: Activation<Element>, chosen: Int, isZero: (Element) -> Bool) {
    experts = (0..<weights.rows).map { token in
      let row = weights.row(token)
      return Array(row.indices.filter { !isZero(row[$0]) }.prefix(chosen).map { $0 - row.startIndex })
    }
  }

  /// The experts that some token is given to, in the order of their index, each with the tokens and its place among their
  /// experts.
  package var uses: [(expert: Int, places: [(token: Int, slot: Int)])] {
    var places: [Int: [(token: Int, slot: Int)]] = [:]
    for (token, chosen) in experts.enumerated() {
      for (slot, expert) in chosen.enumerated() { places[expert, default: []].append((token, slot)) }
    }
    return places.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

/// The sum of what a token's experts give as the weighted values of attention, which it is: a token is a head, which sees the
/// places of its experts.
package struct ExpertSum<Element: Sendable>: Sendable {
  /// `[tokens, 1, places]`.
  package let weights: Activation<Element>
  /// `[places, tokens, hidden]`.
  package let values: Activation<Element>
  /// The layer in which the two meet.
  package let layer: AttentionLayer

  /// The sum of `given`, `[tokens, places, hidden]`, or `[tokens, hidden]` of one place, by a router's `weights`
  /// `[tokens, experts]`, of which those of `choice` stand in places.
  ///
  /// - Precondition: there are as many tokens in both, and no more experts of a token than places.
  package init(_ weights: Activation<Element>, _ given: Activation<Element>, _ choice: ExpertChoice, zero: Element) {
    let (tokens, hidden) = (weights.rows, given.columns)
    let places = tokens == 0 ? 0 : given.rows / tokens
    precondition(given.rows == tokens * places, "\(given.shape) are no places of \(tokens) tokens")
    var placed = [Element](repeating: zero, count: tokens * places)
    for (token, experts) in choice.experts.enumerated() {
      for (place, expert) in experts.enumerated() {
        placed[token * places + place] = weights.elements[token * weights.columns + expert]
      }
    }
    self.weights = Activation(shape: [tokens, 1, places], elements: placed)
    values = Activation(
      shape: [places, tokens, hidden],
      elements: (0..<places).flatMap { place in (0..<tokens).flatMap { given.row($0 * places + place) } })
    layer = AttentionLayer(heads: tokens, keyValueHeads: tokens, headSize: hidden, isCausal: false)
  }
}
