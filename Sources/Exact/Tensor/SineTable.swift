import Synchronization

/// Sines and cosines that reduce an argument, to as many limbs as were asked for first; every answer is the same whatever
/// was asked before.
final class SineTable: Sendable {
  /// The limbs of a fraction here.
  let limbCount: Int
  /// sin(i/256) for i < 202, `limbCount` limbs each: below the true value by less than 2 units.
  let sine: [UInt]
  /// cos(i/256), likewise, and so cos 0 is the greatest fraction there is.
  let cosine: [UInt]

  /// A table of at least `limbCount` limbs.
  static func table(limbCount: Int) -> SineTable {
    var slot = 0
    while 8 << slot < limbCount { slot += 1 }
    guard slot < known.count else { return SineTable(limbCount: limbCount) }
    let place = known[slot]
    // Threads that come here together compute the same numbers; the first to store them wins.
    return place.value.load() ?? place.value.storeIfNil(SineTable(limbCount: 8 << slot))
  }

  /// A place for a table: published once, atomically and without a lock, as `MathematicalConstant` does.
  private final class Slot: Sendable {
    let value = AtomicLazyReference<SineTable>()
  }

  /// Tables of 8, 16, … 2048 limbs.
  private static let known = (0...8).map { _ in Slot() }

  /// *Error bound*: the kernel's 36 units are less than 2^−14 of one here, for its scale is 20 bits finer or more; they come
  /// off before the rounding down.
  private init(limbCount: Int) {
    let scale = 64 * limbCount
    func values(_ function: SineKernel.Function) -> [UInt] {
      (0..<202).flatMap { index -> [UInt] in
        if index == 0, function == .sine { return [UInt](repeating: 0, count: limbCount) }
        let angle = Rational(significand: Integer(index), exponent: -8)
        let value = SineKernel.value(function, angle, precision: scale + 8)
        let words = ((value.value - Integer(value.error)) >> (value.scale - scale)).magnitudeWords
        return (0..<limbCount).map { $0 < words.count ? words[$0] : 0 }
      }
    }
    self.limbCount = limbCount
    sine = values(.sine)
    cosine = values(.cosine)
  }
}
