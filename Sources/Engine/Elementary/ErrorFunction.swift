internal import CKernels

extension Engine {
  /// erf x in Float64 of every element.
  ///
  /// *Error bound*: relative `EngineAccuracy.erf64` for numbers of 24 bits; for others the square of the number is rounded besides.
  static func errorFunctions(_ x: [Double]) -> [Double] { map(PLUMB_ERF, x) }
}
