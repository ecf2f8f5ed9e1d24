/// Operations on Double whose results are never on the wrong side of the exact ones.
///
/// Each rounds to nearest, finds by an error-free transformation on which side of the exact result that lies, and moves
/// one step where it is the wrong one: results that are exact stay as they are, so that an error of 0 stays 0.
/// Source: Muller et al., *Handbook of Floating-Point Arithmetic*, 2nd edition, sections 4.3 (2Sum) and 4.4 (2MultFMA),
/// and 4.8 for the residuals of quotient and root.
package enum Outward {
  /// Below this the residual of a product may itself underflow: there the result is moved without looking.
  private static let small = 0x1p-900

  /// The least Double known to be at least a + b.
  package static func sumUp(_ a: Double, _ b: Double) -> Double {
    let sum = a + b
    return sumResidual(a, b, sum) > 0 ? sum.nextUp : sum
  }

  /// The greatest Double known to be at most a + b.
  package static func sumDown(_ a: Double, _ b: Double) -> Double {
    let sum = a + b
    return sumResidual(a, b, sum) < 0 ? sum.nextDown : sum
  }

  /// a + b − `sum`, exactly (2Sum); NaN, which compares as nothing, where the sum is infinite.
  private static func sumResidual(_ a: Double, _ b: Double, _ sum: Double) -> Double {
    let second = sum - a
    return (a - (sum - second)) + (b - second)
  }

  /// A Double that is at least a · b, and is it where a Double can be.
  package static func productUp(_ a: Double, _ b: Double) -> Double {
    let product = a * b
    if a == 0 || b == 0 { return product }
    if product.magnitude < small { return product.nextUp }
    return (-product).addingProduct(a, b) > 0 ? product.nextUp : product
  }

  /// A Double that is at most a · b, and is it where a Double can be.
  package static func productDown(_ a: Double, _ b: Double) -> Double { -productUp(-a, b) }

  /// A Double that is at least a / b, and is it where a Double can be.
  ///
  /// - Precondition: b > 0.
  package static func quotientUp(_ a: Double, _ b: Double) -> Double {
    let quotient = a / b
    if a == 0 { return quotient }
    if a.magnitude < small || quotient.magnitude < small { return quotient.nextUp }
    return a.addingProduct(-quotient, b) > 0 ? quotient.nextUp : quotient
  }

  /// A Double that is at most a / b, and is it where a Double can be.
  ///
  /// - Precondition: b > 0.
  package static func quotientDown(_ a: Double, _ b: Double) -> Double { -quotientUp(-a, b) }

  /// A Double that is at least √a, and is it where a Double can be.
  ///
  /// - Precondition: a ≥ 0.
  package static func rootUp(_ a: Double) -> Double {
    let root = a.squareRoot()
    if a == 0 { return root }
    return a < small || a.addingProduct(-root, root) > 0 ? root.nextUp : root
  }

  /// A Double that is at most √a, and is it where a Double can be.
  ///
  /// - Precondition: a ≥ 0.
  package static func rootDown(_ a: Double) -> Double {
    let root = a.squareRoot()
    if a == 0 { return root }
    return a < small || a.addingProduct(-root, root) < 0 ? root.nextDown : root
  }
}
