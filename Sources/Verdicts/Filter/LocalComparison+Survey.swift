import PlumbBounds
import PlumbExact
import PlumbModel

extension Near {
  /// The number in `ball`, as Float64s know it; `nil` where it is so small or so great that their arithmetic may leave its
  /// range.
  package init?(_ ball: Ball) {
    let value = ball.midpoint.doubleRoundedUp
    guard value == 0 ? ball.midpoint.isZero : 0x1p-900...0x1p300 ~= value.magnitude else { return nil }
    if ball.isExact {
      if ball.midpoint.doubleRoundedDown == value {
        self.init(exactly: value)
        return
      }
      let rest = ball.midpoint - value.rational
      let lost = rest.doubleRoundedUp
      if lost == rest.doubleRoundedDown {
        self.init(sumOf: value, lost)
        return
      }
    }
    // A rounding upward is off by less than the spacing there.
    self.init(value, error: (value.magnitude * 0x1p-52 + ball.radius.doubleRoundedUp).nextUp)
  }
}

extension LocalComparison {
  /// The finding of a survey.
  enum Surveyed {
    case drift(LocalDrift)
    /// The enclosure of some element straddles its bound.
    case undecided
  }

  /// The result of `comparePlainly`, from Float64s that enclose the balls and the bounds: rational numbers are looked at where
  /// these cannot tell, and where a report names an element.
  ///
  /// - Returns: `nil` where it takes rational numbers for all.
  static func survey(_ engine: Activation<Float>, with expectation: Expectation) -> Surveyed? {
    var survey = LocalSurvey(engine)
    for (index, ball) in expectation.exact.elements.enumerated() where expectation.holdsValue?(index) ?? true {
      guard let bound = expectation.bounds[index] else { return nil }
      let (lower, upper) = (bound.doubleRoundedDown, bound.doubleRoundedUp)
      // A survey's quotients stay in range between these.
      guard upper == 0 || lower >= 0x1p-900 && upper <= 0x1p300, let near = Near(ball) else {
        survey.addUnknown(index)
        continue
      }
      survey.add(index, near, NearBound(lower: lower, upper: upper))
    }
    guard let median = survey.median, let places = survey.places(median) else { return nil }
    var resolved: [Int: LocalSurvey.Resolved] = [:]
    for place in places {
      let exact = expectation.exact.elements[place]
      let element = judge(engine.elements[place], exact, expectation.bounds[place])
      guard element.verdict != nil else { return .undecided }
      resolved[place] = LocalSurvey.Resolved(element: element, exact: exact, named: named(place, of: engine, exact))
    }
    return .drift(survey.drift(resolved, median))
  }
}
