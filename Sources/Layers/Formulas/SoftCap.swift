/// A soft cap on scores or logits.
package enum SoftCap {
  /// cap · tanh(y / cap), of which each part may be stored; the quotient by a division, or by a product with the reciprocal.
  ///
  /// The cap is a number beside the tensors, or one of them.
  package static func capped<Context>(_ y: Row<Context>, _ cap: Float) -> Row<Context> {
    let given = y.parameter(Double(cap))
    let cap = given.or(given.stored)
    return cap * (y.stored / cap).stored.hyperbolicTangent().stored
  }
}
