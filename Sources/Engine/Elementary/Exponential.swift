internal import CKernels

extension Engine {
  /// e^x in Float64, for −708 ≤ x ≤ 709; 0 below.
  ///
  /// *Error bound*: relative `EngineAccuracy.exp64`; the proof stands beside the kernel, which every layer shares.
  public static func exponential(_ x: Double) -> Double { exponentials([x])[0] }

  /// e^x of every element, as `exponential`.
  ///
  /// Every instruction set gives the same bits, so the portable kernel will do.
  static func exponentials(_ x: [Double]) -> [Double] {
    var y = [Double](repeating: 0, count: x.count)
    // Sound: as many elements in as out.
    unsafe plumb_kernels_for(PLUMB_PORTABLE)?.pointee.exponential(x, x.count, &y)
    return y
  }
}
