import PlumbTolerance

extension ArithmeticModel {
  /// Whether sums are in any order, of factors as they are or quantised, in nearest roundings without flushing: what the sums of magnitudes alone
  /// bound.
  package var hasPlainSums: Bool {
    (factors == nil || activations != nil) && matrixUnit == nil && order == .any && splits == 1 && sums == nil
      && !isFaithful && !flushesToZero
  }

  /// The two ends between which an exact number lies.
  package typealias Ends = (lower: Double, upper: Double)

  /// A bias of a matrix product.
  package struct Bias {
    /// The bias as it is read.
    let read: Tracked
    /// At least its magnitude.
    let size: Double
    /// The distance that what is read may have from the exact one.
    let stray: Double
    /// The ends of the exact sum with it.
    let added: Ends

    package init(_ read: Tracked, size: Double, stray: Double, added: Ends) {
      (self.read, self.size, self.stray, self.added) = (read, size, stray, added)
    }
  }

  /// The result of a matrix product: the sum of `terms` products whose exact value lies between the ends of `sum`, whose magnitudes add up
  /// to at most `magnitudes`, and whose terms stray by at most `stray` before they are added.
  ///
  /// *Error bound*: `roundings(ofProducts:addingUpTo:)`, or of quantised inputs `quantisedStep(terms:addingUpTo:)`, beside the terms'
  /// own. A bias is one term more, or is added to the stored sum; the greater of the two holds.
  /// *Edge cases*: outside the domain where a sum may overflow.
  /// - Precondition: it has plain sums.
  package func productResult(terms: Int, sum: Ends, magnitudes: Double, stray: Double, bias: Bias?) -> Tracked {
    let size = bias?.size ?? 0
    let terms = terms + (bias == nil ? 0 : 1)
    func step(_ magnitudes: Double) -> Double? {
      activations == nil
        ? roundings(ofProducts: terms, addingUpTo: magnitudes) : quantisedStep(terms: terms, addingUpTo: magnitudes)
    }
    guard let apart = step(magnitudes), let together = step(Outward.sumUp(magnitudes, size)),
      Outward.sumUp(Outward.sumUp(magnitudes, size), together) <= accumulation.greatest
    else { return .outside }
    let alone = Tracked(lower: sum.lower, upper: sum.upper, error: Outward.sumUp(stray, apart))
    guard let bias else { return result(alone) }
    let added = Tracked(
      lower: bias.added.lower, upper: bias.added.upper,
      error: Outward.sumUp(Outward.sumUp(stray, together), bias.stray))
    return result(oneOf(added) { self.sum(stored(alone), bias.read) })
  }
}
