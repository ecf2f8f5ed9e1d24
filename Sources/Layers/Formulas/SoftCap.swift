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

  /// gradient · slope, or that with the cap multiplied by before and divided by after, as two products have it; each step stored.
  static func backward<Context>(_ gradient: Row<Context>, _ slope: Row<Context>, _ cap: Row<Context>) -> Row<Context> {
    (gradient * slope).stored.or(((gradient * cap).stored * slope).stored / cap).stored
  }
}
