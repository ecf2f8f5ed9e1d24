internal import CKernels

// Functions in Float64 of many numbers or of one; every instruction set gives the same bits, and the proofs stand beside
// the kernels, which the layers share.
extension Engine {
  /// `function` of every element.
  static func map(_ function: plumb_function, _ x: [Double]) -> [Double] {
    var y = [Double](repeating: 0, count: x.count)
    // Sound: as many elements in as out.
    unsafe plumb_kernels_for(InstructionSet.current.index)?.pointee.map(function, x, x.count, &y)
    return y
  }

  /// e^x in Float64, for −708 ≤ x ≤ 709; 0 below.
  ///
  /// *Error bound*: relative `EngineAccuracy.exp64`.
  package static func exponential(_ x: Double) -> Double { exponentials([x])[0] }

  /// e^x of every element, as `exponential`.
  static func exponentials(_ x: [Double]) -> [Double] { map(PLUMB_EXP, x) }
}
