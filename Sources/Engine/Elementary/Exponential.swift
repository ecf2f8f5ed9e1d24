internal import CKernels

extension Engine {
  /// e^x in Float64, for −708 ≤ x ≤ 709; 0 below.
  ///
  /// *Error bound*: relative `EngineAccuracy.exp64`; the proof stands beside the kernel, which every layer shares.
  public static func exponential(_ x: Double) -> Double {
    var (x, y) = (x, 0.0)
    // Sound: one element in, one out. The kernel gives the same bits under every instruction set.
    unsafe plumb_kernels_for(PLUMB_PORTABLE)?.pointee.exponential(&x, 1, &y)
    return y
  }
}
