extension Strategy {
  /// `count` numbers for one tensor; all are finite.
  ///
  /// Recorded numbers come from their pass and not from here.
  package func numbers(_ count: Int, using source: inout SeededSource) -> [Float] {
    switch self {
    case .random, .recorded: Self.distributed(count, using: &source)
    case .edge: (0..<count).map { _ in Self.edge(using: &source) }
    case .exact: Self.exact(count, using: &source)
    case .illConditioned: Self.illConditioned(count, using: &source)
    }
  }

  /// Makes some cases of a few numbers each of which comes often: what ranks equally is decided by its index.
  package func tie(_ numbers: inout [Float], using source: inout SeededSource) {
    guard self == .exact || self == .illConditioned, !numbers.isEmpty, source.oneIn(3) else { return }
    let few = Array(numbers.prefix(Int.random(in: 1...3, using: &source)))
    numbers = numbers.map { few.randomElement(using: &source) ?? $0 }
  }

  /// Uniform, about normal, spread over many binades, or any bits at all.
  private static func distributed(_ count: Int, using source: inout SeededSource) -> [Float] {
    let kind = Int.random(in: 0..<4, using: &source)
    let scale = Float(sign: .plus, exponent: Int.random(in: -8...8, using: &source), significand: 1)
    return (0..<count).map { _ in
      switch kind {
      case 0: return Float.random(in: -1...1, using: &source) * scale
      case 1: return (0..<4).reduce(0) { sum, _ in sum + Float.random(in: -1...1, using: &source) } * scale
      case 2:
        return Float(
          sign: source.oneIn(2) ? .plus : .minus, exponent: Int.random(in: -20...20, using: &source),
          significand: Float.random(in: 1..<2, using: &source))
      default:
        let value = Float(bitPattern: UInt32(truncatingIfNeeded: source.next()))
        return value.isFinite ? value : 0
      }
    }
  }

  private static let significands: [UInt32] = [
    0, 1, 2, 0x400000, 0x3F_FFFF, 0x55_5555, 0x2A_AAAA, 0x7F_FFFE, 0x7F_FFFF,
  ]
  private static let exponents: [UInt32] = [
    0, 1, 2, 23, 24, 63, 102, 103, 104, 125, 126, 127, 128, 150, 151, 190, 253, 254,
  ]

  private static func edge(using source: inout SeededSource) -> Float {
    let exponent = exponents.randomElement(using: &source) ?? 127
    let significand = significands.randomElement(using: &source) ?? 0
    let value = Float(bitPattern: exponent << 23 | significand)
    let neighbour = source.oneIn(4) ? value.nextDown : value
    return source.oneIn(2) ? -neighbour : neighbour
  }

  private static func exact(_ count: Int, using source: inout SeededSource) -> [Float] {
    let exponent = Int.random(in: -10...10, using: &source)
    return (0..<count).map { _ in
      Float(Int.random(in: -15...15, using: &source)) * Float(sign: .plus, exponent: exponent, significand: 1)
    }
  }

  /// Pairs that cancel but for their last bits, all nearly equal, or one outlier among small numbers.
  private static func illConditioned(_ count: Int, using source: inout SeededSource) -> [Float] {
    let base =
      Float.random(in: 1..<2, using: &source)
      * Float(sign: .plus, exponent: Int.random(in: -12...12, using: &source), significand: 1)
    func near(_ value: Float) -> Float {
      value + Float(Int.random(in: -4...4, using: &source)) * value.ulp
    }
    let outlier = Int.random(in: 0..<max(count, 1), using: &source)
    let kind = Int.random(in: 0..<3, using: &source)
    return (0..<count).map { index in
      switch kind {
      case 0: return index.isMultiple(of: 2) ? near(base) : -near(base)
      case 1: return near(base)
      default:
        let small = Float.random(in: -1...1, using: &source) * base
        return index == outlier ? base * 0x1p20 : small
      }
    }
  }
}
