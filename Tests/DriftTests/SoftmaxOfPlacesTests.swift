import PlumbExact
import PlumbModel
import PlumbReference
import Testing

@testable import PlumbBounds

/// Some elements of a softmax, computed by rows, beside the plain softmax of rational balls.
@Suite struct SoftmaxOfPlacesTests {
  static let rows: [[Float]] = [
    [3],
    [0, 0, 0, 0, 0],
    [1, -2, 0.5, 0x1p-140, 7, -88, 3],
    // e^−95 is a subnormal number, e^−200 none.
    [0, -95, -200, 0.25, -0x1p-149],
    [.greatestFiniteMagnitude, .greatestFiniteMagnitude, 1, -.greatestFiniteMagnitude],
    (0..<300).map { Float($0 * 7919 % 301) / 7 },
  ]

  @Test(arguments: rows, [96, 192])
  func `Each element lies in both enclosures, and is known to a part of itself`(_ row: [Float], _ precision: Int) throws
  {
    let x = Activation(shape: [row.count], elements: row)
    // Every third column is excluded, but for the first.
    let allowed = row.indices.filter { $0 == 0 || $0 % 3 != 0 }
    let places = Array(row.indices)
    let expectation = try #require(
      try Checks.softmax(x, places: places, precision: precision) { allowed.contains($0) })
    let plain = try Reference.softmax(
      allowed.map { Ball(try #require(Rational(exactly: row[$0]))) }[...], precision: 400)
    let greatest = allowed.map { row[$0] }.max() ?? 0
    for place in places {
      let ball = expectation.exact.elements[place]
      guard let rank = allowed.firstIndex(of: place) else {
        #expect(ball.isExact && ball.midpoint.isZero)
        continue
      }
      #expect(ball.lower <= plain[rank].upper && plain[rank].lower <= ball.upper, "element \(place)")
      #expect(ball.lower >= 0 && ball.upper <= 1)
      // A row is computed to 1.5 bits more for each unit that the least element lies deeper, but to 256 more at most.
      guard Double(greatest) - Double(row[place]) < 256 / 1.5 else { continue }
      #expect(ball.radius <= ball.midpoint * Rational(significand: 1, exponent: -precision), "element \(place)")
    }
  }
}
