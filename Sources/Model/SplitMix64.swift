/// Steele, Lea & Flood's SplitMix64: one 64-bit word of state, every seed a good one.
///
/// Source: *Fast Splittable Pseudorandom Number Generators*, OOPSLA 2014, figure 17, with the constants of Vigna's
/// `splitmix64.c`.
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Starts at `seed`.
  package init(seed: UInt64) { state = seed }

  /// The next 64 bits.
  package mutating func next() -> UInt64 {
    state &+= Self.step
    return Self.mixed(state)
  }

  /// The number that the state grows by: 2⁶⁴ ÷ the golden ratio, made odd.
  package static let step: UInt64 = 0x9e37_79b9_7f4a_7c15

  /// The word that a state gives.
  package static func mixed(_ state: UInt64) -> UInt64 {
    var word = state
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }
}
