import PlumbExact
import PlumbModel
import Testing

@testable import PlumbBounds
@testable import PlumbVerdicts

/// The answers of the filter and of the exact path to one case, held against each other.
enum FilterAgreement {
  /// Checks that the exact values and bounds of `exact` lie where the filter says.
  static func check(_ filtered: FilteredExpectation, _ exact: PlumbBounds.Expectation, _ line: String) throws {
    func rational(_ value: Double) throws -> Rational { try #require(Rational(exactly: value), "\(line)") }
    try #require(filtered.elements.count == exact.bounds.count)
    // One expectation for all: of many thousand elements each would take longer than its numbers.
    let wrong = try filtered.elements.indices.filter { index in
      guard exact.holdsValue?(index) ?? true else { return false }
      let (element, ball) = (filtered.elements[index], exact.exact.elements[index])
      let value = try rational(element.exact.value) + rational(element.exact.rest)
      let isEnclosed =
        try element.exact.error.isInfinite
        || (value - ball.midpoint).magnitude <= rational(element.exact.error) + ball.radius
      guard let bound = exact.bounds[index] else { return !isEnclosed || element.bound.upper != .infinity }
      guard element.bound.lower < .infinity else { return true }
      let isAbove = try bound >= rational(element.bound.lower)
      let isBelow = try element.bound.upper == .infinity || bound <= rational(element.bound.upper)
      return !(isEnclosed && isAbove && isBelow)
    }
    #expect(wrong.isEmpty, "\(line)")
  }

  /// Checks that the filter, where it says anything of `output`, says what the exact path does.
  static func check(
    _ filtered: FilteredExpectation, _ output: Activation<Float>, _ exact: LocalDrift, _ line: String
  ) {
    // A number that the layer's output does not have is not the filter's to find, however near it is.
    guard exact.problem == nil, let quick = filtered.decide(output) else { return }
    #expect(quick.verdict == exact.verdict, "\(line)")
    #expect(quick.outsideDomain == exact.outsideDomain, "\(line)")
    guard exact.verdict == .within else { return }
    // Never too small: the exact path's figures exceed the true ones by far less than this, its enclosures' width.
    #expect(quick.margin >= exact.margin * (1 - 0x1p-40) - 0x1p-40, "\(line)")
    #expect(quick.ulps >= exact.worstUlps * (1 - 0x1p-40) - 0x1p-40, "\(line)")
  }
}
