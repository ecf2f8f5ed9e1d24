/// Random numbers that start at a seed: the same on every machine.
///
/// Source: SplitMix64 (Steele, Lea & Flood 2014, *Fast Splittable Pseudorandom Number Generators*, figure 15).
public struct SeededSource: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// The source of the case number `index` of a run: it depends on nothing but the three, so the cases of a run are the
  /// same however they are dealt out to jobs.
  public init(seed: UInt64, stream: String, index: Int) {
    var hash = seed
    for byte in stream.utf8 { hash = Self.mixed(hash &+ Self.step &+ UInt64(byte)) }
    state = Self.mixed(hash ^ Self.mixed(UInt64(bitPattern: Int64(index)) &+ Self.step))
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= Self.step
    return Self.mixed(state)
  }

  private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

  private static func mixed(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension SeededSource {
  /// A whole number of `range`, small ones as likely as large ones are together: sizes worth trying.
  mutating func size(_ range: ClosedRange<Int>) -> Int {
    let bits = Int.random(in: 0...(Int.bitWidth - range.upperBound.leadingZeroBitCount), using: &self)
    return min(max(Int.random(in: 0...(1 << bits), using: &self), range.lowerBound), range.upperBound)
  }

  /// Whether an event of one in `count` happens.
  mutating func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }
}
