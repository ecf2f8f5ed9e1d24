import Foundation

extension Double: PlainNumber {
  static func read(_ value: Float, within relativeError: Double) -> Double { Double(value) }
  func reciprocalSquareRoot() -> Double { 1 / squareRoot() }
  func exponential() -> Double { exp(self) }
  func exponentialOfTwo() -> Double { exp2(self) }
  func logarithm() -> Double { log(self) }
  func hyperbolicTangent() -> Double { tanh(self) }
  func errorFunction() -> Double { erf(self) }
  func sine() -> Double { sin(self) }
  func cosine() -> Double { cos(self) }
  func rising(_ function: (Double) -> Double) -> Double { function(self) }
  func nearest() -> Double { Double(Float(self)) }
  static func greatest(_ numbers: some Sequence<Double>) -> Double? { numbers.max() }
  func isAbove(_ limit: Double) -> Bool? { self > limit }

  static func either(
    _ isFirst: Bool?, _ first: @autoclosure () -> Double, _ second: @autoclosure () -> Double
  ) -> Double {
    isFirst == true ? first() : second()
  }

  static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

  static func sum(_ terms: some Sequence<Double>, from start: Double) -> Double { terms.reduce(start, +) }

  static func dot(_ a: some Collection<Double>, _ b: some Collection<Double>, from start: Double) -> Double {
    var sum = start
    for (a, b) in zip(a, b) { sum += a * b }
    return sum
  }
}
