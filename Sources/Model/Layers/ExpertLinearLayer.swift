/// A matrix product for each expert that a token is given to: y[t, s] = products[e(t, s)] · x[t, s], where e(t, s) is the
/// expert at place s of token t.
///
/// The places of a token hold its experts in the order of their index; a place without an expert holds zeros.
package struct ExpertLinearLayer: Sendable {
  /// The product of each expert.
  package var products: [LinearLayer]
  /// The number of places of a token.
  package var chosen: Int

  /// Makes the layer.
  package init(products: [LinearLayer], chosen: Int) {
    self.products = products
    self.chosen = chosen
  }

  /// The number of elements that each product gives.
  package var outputs: Int { products.first?.weight.rows ?? 0 }

  /// The result for `x`, `[tokens, inputs]` or `[tokens, chosen, inputs]`, where `product` gives that of some rows and one of the
  /// products.
  ///
  /// Only the products of experts that are chosen are asked for, each once, in the order of their index.
  ///
  /// - Throws: what `product` throws.
  package func result<Element, Failure: Error>(
    for x: Activation<Element>, _ choice: ExpertChoice, zero: Element,
    product: (_ rows: Activation<Element>, _ layer: LinearLayer) throws(Failure) -> Activation<Element>
  ) throws(Failure) -> Activation<Element> {
    let (tokens, outputs) = (x.shape.first ?? 0, outputs)
    var elements = [Element](repeating: zero, count: tokens * chosen * outputs)
    for (expert, places) in choice.uses where expert < products.count {
      let rows = places.map { x.shape.count == 2 ? $0.token : $0.token * chosen + $0.slot }
      let given = Activation(shape: [rows.count, x.columns], elements: rows.flatMap { x.row($0) })
      let result = try product(given, products[expert])
      for (row, place) in places.enumerated() {
        let start = (place.token * chosen + place.slot) * outputs
        elements.replaceSubrange(start..<start + outputs, with: result.row(row))
      }
    }
    return Activation(shape: [tokens, chosen, outputs], elements: elements)
  }
}
