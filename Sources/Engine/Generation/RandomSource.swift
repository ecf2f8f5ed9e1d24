import PlumbModel

extension Engine {
  /// The source of random choices: SplitMix64, the same on every machine.
  package struct RandomSource: RandomNumberGenerator, Sendable {
    private var generator: SplitMix64

    /// The source that starts at `seed`.
    package init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    /// The next 64 bits.
    package mutating func next() -> UInt64 { generator.next() }

    /// A multiple of 2⁻⁵³ from 0 up to but not including 1, each as likely.
    mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }
  }
}
