internal import CKernels

extension Engine {
  /// The sine and cosine in Float64 of |x| ≤ 2²⁴; NaN beyond.
  ///
  /// *Error bound*: absolute `EngineAccuracy.sineCosine`.
  static func sineCosine(_ x: Double) -> (sine: Double, cosine: Double) {
    (map(PLUMB_SINE, [x])[0], map(PLUMB_COSINE, [x])[0])
  }

  /// The sines and cosines of every element, as `sineCosine`.
  package static func sinesCosines(_ x: [Double]) -> [(sine: Double, cosine: Double)] {
    Array(zip(map(PLUMB_SINE, x), map(PLUMB_COSINE, x)).map { (sine: $0, cosine: $1) })
  }
}
