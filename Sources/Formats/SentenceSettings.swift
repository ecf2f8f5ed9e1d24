import PlumbModel

/// The way from an encoder's rows, one for each token, to one row for a text, as the files of a model state it.
package struct SentenceSettings: Sendable {
  /// The pooling; `nil` where no file says any.
  package internal(set) var pooling: Pooling?
  /// The greatest number of tokens of a text; `nil` where no file says any.
  package internal(set) var greatestLength: Int?
  /// The products that the pooled row goes through, one after another.
  package internal(set) var products: [LinearLayer] = []

  /// Adds a product that the row goes through.
  ///
  /// - Parameter width: the elements of the model's own rows.
  /// - Throws: `ModelError` where its shape is not that of a product of such a row, or a number of it is not finite.
  mutating func append(_ product: LinearLayer, width: Int, file: String) throws(ModelError) {
    let weight = product.weight
    let inputs = products.last?.weight.rows ?? width
    guard weight.shape.count == 2, weight.rows > 0, weight.columns == inputs,
      product.bias.map({ $0.shape == [weight.rows] }) ?? true
    else {
      throw ModelError(
        file: file,
        problem: "tensor '\(weight.name)' has shape \(weight.shape), but the row behind the pooling has "
          + "\(inputs) elements",
        remedy: "the model contradicts itself: fetch or convert it again")
    }
    try weight.refuseNonFinite(file: file)
    try product.bias?.refuseNonFinite(file: file)
    products.append(product)
  }
}
