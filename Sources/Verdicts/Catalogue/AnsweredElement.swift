import PlumbBounds
import PlumbExact
import PlumbModel

/// One element of an answer: its exact value and its bound, in Float64s.
struct AnsweredElement {
  /// The exact value, correctly rounded.
  let expected: Float
  /// At most the exact value.
  let lower: Double
  /// At least the exact value.
  let upper: Double
  /// The bound, rounded up; ∞ where nothing is claimed.
  let bound: Double
  /// Distance ÷ bound, rounded up; 0 where nothing is claimed.
  let margin: Double

  /// The element `output` by the exact path, held to `bound`.
  init(_ output: Float, _ element: ExactAnswer.Element, bound: Rational?) {
    expected = element.nearest
    lower = element.exact.lower.doubleRoundedDown
    upper = element.exact.upper.doubleRoundedUp
    self.bound = bound?.doubleRoundedUp ?? .infinity
    margin = LocalComparison.judge(output, element.exact, bound, or: element.specials).margin
  }

  /// The element `output` as the filter knows it; `nil` where that does not tell which Float32 is nearest.
  init?(_ output: Float, _ element: FilteredExpectation.Element) {
    (lower, upper) = element.exact.ends
    // Adding 0 makes +0 of −0.
    expected = Float(lower + 0)
    guard expected.bitPattern == Float(upper + 0).bitPattern else { return nil }
    bound = element.bound.upper
    let distance = element.exact.distance(from: output).upper
    margin = distance == 0 ? 0 : (distance / element.bound.lower).nextUp
  }
}

extension CaseJudge {
  /// The drift of `output`, and its elements; no element where one holds no value, and none at all where an input is not finite, or
  /// no precision gives an exact value.
  mutating func answer(_ output: Activation<Float>) -> (drift: LocalDrift, elements: [AnsweredElement?]?) {
    let (decided, resolved) = decide(output)
    if let resolved, let elements = elements(of: output, exactly: Set(resolved.keys)) { return (decided, elements) }
    do throws(PrecisionExhausted) {
      let found = try self.decided { expectation, precision -> (LocalDrift, ExactAnswer)? in
        let isLast = precision == LocalMeasurement.greatestPrecision
        guard let drift = LocalComparison.compare(output, with: expectation, isLast: isLast) else { return nil }
        return expectation.answer(precision: precision).map { (decided.problem == nil ? drift : decided, $0) }
      }
      guard let (drift, answer) = found else { return (.nothingClaimed(of: output), nil) }
      return (
        drift,
        zip(output.elements, answer.elements).map { output, element in
          element.map { AnsweredElement(output, $0, bound: $0.bound) }
        }
      )
    } catch {
      return (.unclaimed(of: output, after: error), nil)
    }
  }

  /// The elements of `output` by the filter, but those at `places`, and those that it does not know well enough, by the exact path;
  /// `nil` where these are too many, or need all of the case.
  private mutating func elements(of output: Activation<Float>, exactly places: Set<Int>) -> [AnsweredElement?]? {
    guard let filtered else { return nil }
    var elements = [AnsweredElement?](repeating: nil, count: output.elements.count)
    var exact: [Int] = []
    for (index, element) in filtered.elements.enumerated() where filtered.holdsValue?(index) ?? true {
      elements[index] = places.contains(index) ? nil : AnsweredElement(output.elements[index], element)
      if elements[index] == nil { exact.append(index) }
    }
    guard exact.count <= places.count + LocalSurvey.greatestExact(of: elements.count), let part = input.part(exact),
      let answer = try? Catalogue.decided(part.input, { $0.answer(precision: $1) })
    else { return exact.isEmpty ? elements : nil }
    for (place, index) in zip(exact, part.within) {
      guard let element = answer.elements[index] else { continue }
      let bound = if let bounds { bounds[place] } else { element.bound }
      elements[place] = AnsweredElement(output.elements[place], element, bound: bound)
    }
    return elements
  }
}
