import PlumbModel

/// Random numbers that start at a seed: the same on every machine.
///
/// It is SplitMix64, from a seed that is mixed of what a case depends on.
package struct SeededSource: RandomNumberGenerator, Sendable {
  private var generator: SplitMix64

  /// The source of the case number `index` of a run: it depends on nothing but the three, so the cases of a run are the
  /// same however they are dealt out to jobs.
  package init(seed: UInt64, stream: String, index: Int) {
    var hash = seed
    for byte in stream.utf8 { hash = SplitMix64.mixed(hash &+ SplitMix64.step &+ UInt64(byte)) }
    let place = SplitMix64.mixed(UInt64(bitPattern: Int64(index)) &+ SplitMix64.step)
    generator = SplitMix64(seed: SplitMix64.mixed(hash ^ place))
  }

  /// The next 64 bits.
  package mutating func next() -> UInt64 { generator.next() }

  /// The number that `next` will give.
  package var peek: UInt64 {
    var generator = generator
    return generator.next()
  }
}

extension SeededSource {
  /// A whole number of `range`, small ones as likely as large ones are together: sizes worth trying.
  package mutating func size(_ range: ClosedRange<Int>) -> Int {
    let bits = Int.random(in: 0...(Int.bitWidth - range.upperBound.leadingZeroBitCount), using: &self)
    return min(max(Int.random(in: 0...(1 << bits), using: &self), range.lowerBound), range.upperBound)
  }

  /// Rows of `count` whole numbers below `limit`, as different as there are numbers.
  package mutating func distinct(rows: Int, of count: Int, below limit: Int) -> [Int] {
    (0..<rows).flatMap { _ in
      let order = (0..<limit).shuffled(using: &self)
      return (0..<count).map { order[$0 % max(limit, 1)] }
    }
  }

  /// Whether an event of one in `count` happens.
  package mutating func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }
}
