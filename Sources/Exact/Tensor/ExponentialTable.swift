import Synchronization

/// Powers of e that reduce an argument, to as many limbs as were asked for first; every answer is the same whatever was
/// asked before.
final class ExponentialTable: Sendable {
  /// The limbs of a fraction here.
  let limbCount: Int
  /// e^(i/64) for i < 48: `limbCount` limbs of the fraction, then the whole part; below the true value by less than 2 units.
  let coarse: [UInt]
  /// e^(j/4096) − 1 for j < 64, likewise without a whole part.
  let fine: [UInt]
  /// log 2 rounded down.
  let logarithmOfTwo: [UInt]

  /// A table of at least `limbCount` limbs.
  static func table(limbCount: Int) -> ExponentialTable {
    var slot = 0
    while 8 << slot < limbCount { slot += 1 }
    guard slot < known.count else { return ExponentialTable(limbCount: limbCount) }
    let place = known[slot]
    // Threads that come here together compute the same numbers; the first to store them wins.
    return place.value.load() ?? place.value.storeIfNil(ExponentialTable(limbCount: 8 << slot))
  }

  /// A place for a table: published once, atomically and without a lock, as `MathematicalConstant` does.
  private final class Slot: Sendable {
    let value = AtomicLazyReference<ExponentialTable>()
  }

  /// Tables of 8, 16, … 2048 limbs.
  private static let known = (0...8).map { _ in Slot() }

  /// *Error bound*: the kernel's 2 units, at 8 bits more, come off before the rounding down.
  private init(limbCount: Int) {
    let scale = 64 * limbCount
    func powers(_ count: Int, over bits: Int) -> [Integer] {
      (0..<count).map { index in
        let value = ExponentialKernel.exponentialMinusOne(Integer(index) << (scale + 8 - bits), scale: scale + 8)
        return index == 0 ? .zero : (value - Integer(2)) >> 8
      }
    }
    func limbs(_ value: Integer, _ count: Int) -> [UInt] {
      let words = value.magnitudeWords
      return (0..<count).map { $0 < words.count ? words[$0] : 0 }
    }
    self.limbCount = limbCount
    coarse = powers(48, over: 6).flatMap { limbs($0 + Integer.powerOfTwo(scale), limbCount + 1) }
    fine = powers(64, over: 12).flatMap { limbs($0, limbCount) }
    logarithmOfTwo = limbs(MathematicalConstant.logarithmOfTwo.floor(scale: scale), limbCount)
  }
}
