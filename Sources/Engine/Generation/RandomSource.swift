extension Engine {
  /// Where random choices come from: SplitMix64 (Steele, Lea & Flood 2014, *Fast Splittable Pseudorandom Number
  /// Generators*, figure 15), the same on every machine.
  public struct RandomSource: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The source that starts at `seed`.
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }

    /// A multiple of 2⁻⁵³ from 0 up to but not including 1, each as likely.
    mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }
  }
}
