import PlumbExact

/// SplitMix64 (Steele, Lea & Flood 2014): a seeded generator, so that every failure can be replayed.
struct Randomness: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// An integer whose number of bits is uniform up to `maximumBits`, either sign, with long runs of equal bits as often
  /// as not: carries and borrows live there.
  mutating func integer(maximumBits: Int) -> Integer {
    var remaining = Int.random(in: 0...maximumBits, using: &self)
    var value: Integer = 0
    let hasRuns = Bool.random(using: &self)
    while remaining > 0 {
      let count = min(remaining, Int.random(in: 1...32, using: &self))
      let bits = hasRuns ? (Bool.random(using: &self) ? UInt64.max : 0) : next()
      value = (value << count) + Integer(bits & ((1 << UInt64(count)) - 1))
      remaining -= count
    }
    return Bool.random(using: &self) ? -value : value
  }
}
