/// A row of balls as an operation leaves it: midpoints with all their digits, each radius with an exponent of its own.
package struct WideRow: Sendable {
  let limbCount: Int
  /// The power of two that midpoints are multiples of.
  let exponent: Int
  /// Limb i of element j, least significant first, at j · limbCount + i, in two's complement.
  fileprivate(set) var limbs: [UInt]
  var radii: [UpperBound]

  /// The number of elements.
  var count: Int { radii.count }

  init(limbCount: Int, exponent: Int, limbs: [UInt], radii: [UpperBound]) {
    self.limbCount = limbCount
    self.exponent = exponent
    self.limbs = limbs
    self.radii = radii
  }

  /// `count` elements, all exactly 0.
  init(count: Int, limbCount: Int, exponent: Int) {
    self.init(
      limbCount: limbCount, exponent: exponent, limbs: [UInt](repeating: 0, count: count * limbCount),
      radii: [UpperBound](repeating: .zero, count: count))
  }

  /// Lets `body` write the midpoints and the radii.
  @inline(__always)
  mutating func fill(_ body: (MutableLimbs, inout [UpperBound]) -> Void) {
    guard count > 0 else { return }
    var radii: [UpperBound] = []
    swap(&radii, &self.radii)
    MutableLimbs.writing(&limbs) { body($0, &radii) }
    self.radii = radii
  }

  /// The least b with every midpoint within ±2^b units; `nil` where all are 0.
  var midpointBits: Int? {
    count == 0 ? nil : Limbs.reading(limbs) { $0.greatestBits(count: count, limbCount: limbCount) }
  }
}

extension WideRow {
  /// One element, exactly 0.
  package static let zero = WideRow(count: 1, limbCount: 1, exponent: 0)

  /// `count` elements, all exactly 0.
  package init(zeros count: Int) { self.init(count: count, limbCount: 1, exponent: 0) }
}
