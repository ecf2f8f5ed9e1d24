import PlumbModel
import PlumbTolerance

/// The values that an activation must have, in Float64s with proved errors: what the filter knows of an `Expectation`.
struct FilteredExpectation: Sendable {
  /// One element: where its exact value and the exact path's bound lie.
  struct Element: Sendable {
    let exact: Near
    let bound: NearBound
  }

  private(set) var elements: [Element] = []
  /// The numbers that are not finite and that an element may be, by its index, where there are some.
  var specials: [Int: Tracked.Specials] = [:]
  /// The test of whether an element holds a value; `nil` when all do.
  let holdsValue: (@Sendable (Int) -> Bool)?

  /// No elements yet, with room for `count`.
  init(capacity count: Int, holdsValue: (@Sendable (Int) -> Bool)? = nil) {
    elements.reserveCapacity(count)
    self.holdsValue = holdsValue
  }

  @inline(__always)
  mutating func append(_ exact: Near, _ bound: NearBound) { elements.append(Element(exact: exact, bound: bound)) }

  /// Puts the elements that hold a value into `survey`.
  ///
  /// - Returns: true, as something is known of each.
  func fill(_ survey: inout LocalSurvey) -> Bool {
    for (index, element) in elements.enumerated() where holdsValue?(index) ?? true {
      survey.add(index, element.exact, element.bound)
    }
    return true
  }

  /// The drift that is proved of `output`; `nil` where an element cannot be told.
  ///
  /// With the exact distance between d₁ and d₂ and the exact path's bound between b₁ and b₂, an element is within where
  /// d₂ ≤ b₁ and outside where d₁ > b₂.
  func decide(_ output: Activation<Float>) -> FilteredDrift? {
    precondition(output.elements.count == elements.count, "the engine's shape differs from the reference's")
    var drift = FilteredDrift(elements: elements.count)
    for (index, element) in elements.enumerated() where holdsValue?(index) ?? true {
      let bound = element.bound
      if bound.lower == .infinity {
        drift.outsideDomain += 1
        continue
      }
      // Where it may be outside the domain, nothing is known.
      guard bound.upper < .infinity else { return nil }
      drift.claimsSomething = true
      let value = output.elements[index]
      guard value.isFinite else {
        // The distance of one that is allowed is the exact path's to say.
        if specials[index]?.includes(value) == true { return nil }
        drift.isOutside = true
        continue
      }
      let distance = element.exact.distance(from: value)
      if distance.lower > bound.upper {
        drift.isOutside = true
      } else if distance.upper <= bound.lower {
        // A quotient by a bound of 0 is that of equal numbers.
        if distance.upper > 0 { drift.margin = max(drift.margin, (distance.upper / bound.lower).nextUp) }
        drift.ulps = max(
          drift.ulps, distance.upper / (2 * NearBound.halfSpacing(at: element.exact.magnitude.lower)))
      } else {
        return nil
      }
    }
    return drift
  }
}

/// The drift that the filter has proved of an output.
package struct FilteredDrift: Sendable {
  /// The number of elements.
  package let elements: Int
  /// The number of elements about which nothing is claimed.
  package internal(set) var outsideDomain = 0
  /// At least the greatest margin of the elements that are within.
  package internal(set) var margin = 0.0
  /// At least the greatest distance, in ulps, of the elements that are within.
  package internal(set) var ulps = 0.0
  /// Whether something is claimed of an element.
  package internal(set) var claimsSomething = false
  var isOutside = false

  init(elements: Int) { self.elements = elements }

  /// The verdict that is proved of all elements together.
  package var verdict: Verdict { isOutside ? .outside : outsideDomain > 0 ? .outsideDomain : .within }
}
