/// A soft cap on scores or logits.
package enum SoftCap {
  /// cap · tanh(y / cap), of which each part may be stored; the quotient by a division, or by a product with the reciprocal.
  package static func capped<Context>(_ y: Row<Context>, _ cap: Float) -> Row<Context> {
    let cap = y.parameter(Double(cap)).stored
    return cap * (y.stored / cap).stored.hyperbolicTangent().stored
  }
}
