import Foundation

extension Double: PlainNumber {
  package static func read(_ value: Float, within relativeError: Double) -> Double { Double(value) }
  package func reciprocalSquareRoot() -> Double { 1 / squareRoot() }
  package func exponential() -> Double { exp(self) }
  package func exponentialOfTwo() -> Double { exp2(self) }
  package func logarithm() -> Double { log(self) }
  package func hyperbolicTangent() -> Double { tanh(self) }
  package func errorFunction() -> Double { erf(self) }
  package func sine() -> Double { sin(self) }
  package func cosine() -> Double { cos(self) }
  package func rising(_ function: (Double) -> Double) -> Double { function(self) }
  package func nearest() -> Double { Double(Float(self)) }
  package static func greatest(_ numbers: some Sequence<Double>) -> Double? { numbers.max() }
  package func isAbove(_ limit: Double) -> Bool? { self > limit }

  package static func either(
    _ isFirst: Bool?, _ first: @autoclosure () -> Double, _ second: @autoclosure () -> Double
  ) -> Double {
    isFirst == true ? first() : second()
  }

  package static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

  package static func sum(_ terms: some Sequence<Double>, from start: Double) -> Double { terms.reduce(start, +) }

  package static func dot(_ a: some Collection<Double>, _ b: some Collection<Double>, from start: Double) -> Double {
    var sum = start
    for (a, b) in zip(a, b) { sum += a * b }
    return sum
  }
}
