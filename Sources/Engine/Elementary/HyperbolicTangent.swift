internal import CKernels

extension Engine {
  /// tanh x in Float64.
  ///
  /// *Edge cases*: ±1 for the infinities; NaN for NaN.
  ///
  /// *Error bound*: relative `EngineAccuracy.tanh64`.
  static func hyperbolicTangent(_ x: Double) -> Double { hyperbolicTangents([x])[0] }

  /// tanh of every element, as `hyperbolicTangent`.
  package static func hyperbolicTangents(_ x: [Double]) -> [Double] { map(PLUMB_TANH, x) }

  /// cap · tanh(x / cap) of every element, each rounded to Float32 once.
  ///
  /// *Edge cases*: a zero keeps its sign; ±cap for the infinities.
  ///
  /// *Error bound*: before the rounding relative `softCapRelativeError`. There would be more where the quotient is subnormal in
  /// Float64, which no quotient of two Float32s is.
  static func softCapped(_ x: [Float], _ cap: Float) -> [Float] {
    let cap = Double(cap)
    return hyperbolicTangents(x.map { Double($0) / cap }).map { Float(cap * $0) }
  }
}
