import PlumbBounds
import PlumbExact
import PlumbTolerance

/// The values that a case must give, element by element, with every Float32 decided.
package struct ExactAnswer: Sendable {
  /// One element that holds a value.
  package struct Element: Sendable {
    /// An enclosure of the exact value.
    package let exact: Ball
    /// The exact value, correctly rounded to nearest, ties to even; the sign of a zero need not be proved.
    package let nearest: Float
    /// Whether `nearest` is proved.
    ///
    /// An unproved `nearest` is one of two Float32s: the greatest precision does not tell on which side of the middle between
    /// them the value lies, as for a tie less e^−10³⁰.
    package let isProved: Bool
    /// The bound on |computed − exact|; `nil` outside the domain.
    package let bound: Rational?
    /// The numbers that are not finite and that the element may be all the same.
    package let specials: Tracked.Specials
  }

  /// The extents of the output, outermost first.
  package let shape: [Int]
  /// The elements; `nil` where one holds no value, as those that a mask excludes, or is not defined at all.
  package let elements: [Element?]
  /// The working precision that decided every element, in bits.
  package let precision: Int
}

extension Ball {
  /// The Float32 that every number of the ball rounds to, to nearest and ties to even; `nil` where it is not decided.
  ///
  /// *Theorem.* Rounding keeps the order, so that what both ends round to, all between them round to.
  ///
  /// *Edge cases*: a ball about 0 that is far smaller than the least Float32 rounds to 0. Its sign is not decided, as by no
  /// precision where e^−x is smaller than any exponent that can be written, and is taken to be +.
  package var nearestFloat32: Float? {
    if let decided = rounded(to: Float.self, .toNearestOrEven) { return decided }
    let ends = [lower, upper].map { $0.rounded(to: Float.self, .toNearestOrEven) }
    return ends.allSatisfy(\.isZero) ? 0 : nil
  }
}

extension Expectation {
  /// The elements with their Float32s, or `nil` where this precision does not decide one of them and is not the greatest.
  package func answer(precision: Int) -> ExactAnswer? {
    var elements: [ExactAnswer.Element?] = []
    elements.reserveCapacity(bounds.count)
    for index in bounds.indices {
      guard holdsValue?(index) ?? true else {
        elements.append(nil)
        continue
      }
      let ball = exact.elements[index]
      let nearest = ball.nearestFloat32
      guard nearest != nil || precision >= LocalMeasurement.greatestPrecision else { return nil }
      elements.append(
        ExactAnswer.Element(
          exact: ball, nearest: nearest ?? ball.midpoint.rounded(to: Float.self, .toNearestOrEven),
          isProved: nearest != nil, bound: bounds[index], specials: specials[index] ?? []))
    }
    return ExactAnswer(shape: exact.shape, elements: elements, precision: precision)
  }
}

extension Catalogue {
  /// The answer that `attempt` makes of the expectation of `input`, at the least precision at which it makes one; `nil` where
  /// an input is not finite.
  ///
  /// - Throws: `PrecisionExhausted` where no precision gives an expectation, or the greatest none that the attempt takes.
  package static func decided<Answer>(
    _ input: CheckedCase, _ attempt: (Expectation, _ precision: Int) -> Answer?
  ) throws(PrecisionExhausted) -> Answer? {
    try PrecisionLoop.decide(from: LocalMeasurement.firstPrecision, upTo: LocalMeasurement.greatestPrecision) {
      precision throws(EnclosureError) -> Answer?? in
      guard let expectation = try expectation(of: input, precision: precision) else { return .some(nil) }
      return attempt(expectation, precision).map { .some($0) }
    }
  }
}
