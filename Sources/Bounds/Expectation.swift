import PlumbExact
import PlumbModel
import PlumbTolerance

/// The requirement on an activation: the exact value of each element, and the bound on what rounding may do to it.
package struct Expectation: Sendable {
  /// The exact values, from the very inputs that the engine had.
  package let exact: Activation<Ball>
  /// For each element the bound on |engine − exact|; `nil` outside the domain.
  package let bounds: [Rational?]
  /// The numbers that are not finite and that an element may be, by its index, where there are some.
  package let specials: [Int: Tracked.Specials]
  /// The test of an element's index for holding a value; `nil` when all do.
  ///
  /// Elements that a mask excludes do not.
  package let holdsValue: (@Sendable (Int) -> Bool)?

  /// Makes an expectation.
  ///
  /// - Precondition: one bound an element.
  package init(
    exact: Activation<Ball>, bounds: [Rational?], specials: [Int: Tracked.Specials] = [:],
    holdsValue: (@Sendable (Int) -> Bool)? = nil
  ) {
    precondition(bounds.count == exact.elements.count, "\(bounds.count) bounds for \(exact.elements.count) elements")
    self.exact = exact
    self.bounds = bounds
    self.specials = specials
    self.holdsValue = holdsValue
  }

  /// Each head of the expectation followed by what all of them share.
  func joiningHeads(_ shared: Expectation) -> Expectation {
    func bounds(_ part: Expectation) -> Activation<Rational?> {
      Activation(shape: part.exact.shape, elements: part.bounds)
    }
    return Expectation(
      exact: exact.joiningHeads(shared.exact), bounds: bounds(self).joiningHeads(bounds(shared)).elements)
  }

  /// The same expectation under another shape of the same size.
  func reshaped(_ shape: [Int]) -> Expectation {
    Expectation(exact: exact.reshaped(shape), bounds: bounds, specials: specials, holdsValue: holdsValue)
  }
}
