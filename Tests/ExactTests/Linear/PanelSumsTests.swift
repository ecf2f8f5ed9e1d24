import PlumbModel
import Testing

@testable import PlumbExact

/// Sums of products in Float64, against the rational ones.
@Suite struct PanelSumsTests {
  @Test(arguments: ExactInstructionSet.allCases, [1, 2, 7, 9, 64, 300])
  func `Sums are as near as proved`(_ set: ExactInstructionSet, _ terms: Int) throws {
    var randomness = SplitMix64(seed: 71)
    for (rows, spread) in [(1, 0), (3, 30), (8, 3), (9, 149), (17, 60)] {
      func number() -> Double {
        let exponent = Int.random(in: -spread...min(spread, 120), using: &randomness)
        return Double(Float.random(in: -1...1, using: &randomness))
          * Double(sign: .plus, exponent: exponent, significand: 1)
      }
      let panel = (0..<terms * PanelSums.columns).map { _ in number() }
      let x = (0..<rows * terms).map { _ in number() }
      var sums = [Double](repeating: .nan, count: rows * PanelSums.columns)
      guard PanelSums.sums(panel, x, terms: terms, into: &sums, set) else { return }
      let relative = try #require(Rational(exactly: PanelSums.relativeError(terms: terms)))
      for row in 0..<rows {
        for column in 0..<PanelSums.columns {
          let products = try (0..<terms).map { term in
            try #require(Rational(exactly: panel[term * PanelSums.columns + column]))
              * #require(Rational(exactly: x[row * terms + term]))
          }
          let sum = try #require(Rational(exactly: sums[row * PanelSums.columns + column]))
          let off = (sum - products.reduce(0, +)).magnitude
          #expect(off <= relative * products.map(\.magnitude).reduce(0, +))
        }
      }
    }
  }

  @Test func `Sums of integers are exact`() {
    var sums = [Double](repeating: .nan, count: 2 * PanelSums.columns)
    let panel = (0..<3 * PanelSums.columns).map { Double($0) }
    PanelSums.sums(panel, [1, 2, 4, -1, 0, 3], terms: 3, into: &sums)
    for column in 0..<PanelSums.columns {
      let (first, second, third) = (column, column + PanelSums.columns, column + 2 * PanelSums.columns)
      #expect(sums[column] == Double(first + 2 * second + 4 * third))
      #expect(sums[column + PanelSums.columns] == Double(3 * third - first))
    }
  }
}
