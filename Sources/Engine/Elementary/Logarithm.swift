internal import CKernels

extension Engine {
  /// The natural logarithm in Float64 of a positive normal number.
  ///
  /// *Edge cases*: −∞ for 0, NaN below, +∞ for +∞.
  ///
  /// *Error bound*: relative `EngineAccuracy.log64`.
  package static func logarithm(_ x: Double) -> Double { map(PLUMB_LOG, [x])[0] }

  /// log(1 + x) in Float64 of a finite x ≥ 0.
  ///
  /// *Error bound*: relative `EngineAccuracy.logOnePlus64`.
  package static func logarithmOfOnePlus(_ x: Double) -> Double { map(PLUMB_LOG_ONE_PLUS, [x])[0] }
}
