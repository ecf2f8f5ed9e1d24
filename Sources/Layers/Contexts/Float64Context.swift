import Foundation
import PlumbModel

/// Float64, with one rounding to Float32 as a layer's last step: an engine that computes a formula plainly.
///
/// It has more than twice the digits of Float32, so that a layer in it lies within the bounds of this engine's own.
package struct Float64Context: ArithmeticContext {
  /// Whether a result is rounded to Float32.
  private var rounds = true

  package init() {}

  package var inside: Self {
    var context = self
    context.rounds = false
    return context
  }

  package func read(_ value: Float, within relativeError: Double) -> Double { Double(value) }
  package func parameter(_ value: Double) -> Double { value }
  package func constant(_ value: Double) -> Double { value }
  package func exact(_ value: Double) -> Double { value }
  package var hidden: Double { -.infinity }

  package func stored(_ x: Double) -> Double { x }
  package func tabled(_ x: Double) -> Double { x }
  package func factor(_ x: Double) -> Double { x }
  package func result(_ x: Double) -> Double { rounds ? Double(Float(x)) : x }
  package func oneOf(_ first: Double, _ second: () -> Double) -> Double { first }

  /// The nearest number of `grid`, of two the even one.
  package func onGrid(_ x: Double, _ grid: NumberGrid) -> Double {
    guard x.isFinite else { return x }
    let spacing = grid.spacing(at: x.magnitude)
    let result = (x / spacing).rounded(.toNearestOrEven) * spacing
    guard result.magnitude > grid.greatest else { return result }
    return Double(signOf: x, magnitudeOf: grid.saturates ? grid.greatest : .infinity)
  }

  package func scales(of greatest: Double, _ rule: ScaleRule) -> [Double] { [rule.scale(greatest)] }

  package func negated(_ x: Double) -> Double { -x }
  package func sum(_ a: Double, _ b: Double) -> Double { a + b }
  package func product(_ a: Double, _ b: Double) -> Double { a * b }
  package func quotient(_ a: Double, _ b: Double) -> Double { a / b }
  package func quotientOrReciprocal(_ a: Double, _ b: Double) -> Double { a / b }
  package func gated(_ x: Double, by opening: Double) -> Double { opening > 0 ? x : 0 }
  package func rectified(_ x: Double) -> Double { max(0, x) }
  package func kept(_ x: Double, upTo limit: Double) -> Double { x > limit ? limit : x }
  package func squareRoot(_ x: Double) -> Double { x.squareRoot() }
  package func squareRoot(ofSquares squares: Double) -> Double { squares.squareRoot() }
  package func reciprocalSquareRoot(_ x: Double) -> Double { 1 / x.squareRoot() }
  package func reciprocalRoot(ofMeanSquare meanSquare: Double, plus epsilon: Double) -> Double {
    1 / (meanSquare + epsilon).squareRoot()
  }
  package func reciprocalRoot(ofCount count: Int) -> Double { 1 / Double(count).squareRoot() }
  package func exponential(_ x: Double) -> Double { exp(x) }
  package func logarithm(_ x: Double) -> Double { log(x) }
  package func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
  package func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }
  package func errorFunction(_ x: Double) -> Double { erf(x) }
  /// In which nothing cancels.
  package func onePlusHyperbolicTangent(_ x: Double) -> Double { 2 / (1 + exp(-2 * x)) }
  /// In which nothing cancels.
  package func onePlusErrorFunction(_ x: Double) -> Double { erfc(-x) }
  package func sine(_ x: Double) -> Double { sin(x) }
  package func cosine(_ x: Double) -> Double { cos(x) }

  // The protocol's own loops over rows, again as concrete code: a generic one is not specialised in another module.
  package func gathered(_ tensor: [Double], at places: [Int]) -> [Double] { places.map { tensor[$0] } }
  package func each(_ row: ArraySlice<Double>, _ operation: (Double) -> Double) -> [Double] { row.map(operation) }
  package func oneOf(_ first: ArraySlice<Double>, _ second: () -> ArraySlice<Double>) -> ArraySlice<Double> { first }
  package func read(_ values: ArraySlice<Float>, within relativeError: Double) -> [Double] { values.map(Double.init) }
  package func factors(_ row: ArraySlice<Double>) -> ArraySlice<Double> { row }
  package func stored(_ row: ArraySlice<Double>) -> ArraySlice<Double> { row }
  package func result(_ row: ArraySlice<Double>) -> ArraySlice<Double> {
    rounds ? row.map { Double(Float($0)) }[...] : row
  }
  package func negated(_ row: ArraySlice<Double>) -> [Double] { row.map { -$0 } }
  package func exponential(_ row: ArraySlice<Double>) -> [Double] { row.map { exp($0) } }
  package func sum(_ a: ArraySlice<Double>, _ b: ArraySlice<Double>) -> [Double] { paired(a, b, +) }
  package func product(_ a: ArraySlice<Double>, _ b: ArraySlice<Double>) -> [Double] { paired(a, b, *) }
  package func quotientOrReciprocal(_ a: ArraySlice<Double>, _ b: ArraySlice<Double>) -> [Double] { paired(a, b, /) }

  package func total(_ terms: ArraySlice<Double>) -> Double {
    var (sum, index) = (0.0, terms.startIndex)
    while index < terms.endIndex {
      sum += terms[index]
      index += 1
    }
    return sum
  }

  package func dot(_ a: ArraySlice<Double>, _ b: ArraySlice<Double>, bias: Double?) -> Double {
    var sum = bias ?? 0
    for index in 0..<min(a.count, b.count) { sum += a[a.startIndex + index] * b[b.startIndex + index] }
    return sum
  }

  package func greatest(_ row: ArraySlice<Double>) -> Double? { row.max() }

  package func lessGreatest(_ row: ArraySlice<Double>) -> [Double] {
    let greatest = row.max() ?? 0
    return row.map { $0 - greatest }
  }

  /// Measured from the first element, the sum loses little beside the deviations.
  package func mean(_ row: ArraySlice<Double>) -> Double {
    let first = row.first ?? 0
    return first + row.reduce(0) { $0 + ($1 - first) } / Double(row.count)
  }

  /// With a term of 1 apart, a sum that is little more loses nothing.
  package func logarithmOfSum(_ exponentials: ArraySlice<Double>) -> Double {
    guard let one = exponentials.firstIndex(of: 1) else { return log(total(exponentials)) }
    return log1p(total(exponentials[..<one]) + total(exponentials[(one + 1)...]))
  }

  package func isZero(_ row: ArraySlice<Double>) -> Bool { row.allSatisfy { $0 == 0 } }
}
