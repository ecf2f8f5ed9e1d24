import PlumbExact
import PlumbModel
import Testing

/// Matrix units in integers, from the published descriptions (MMA-Sim, arXiv 2511.10909; Khattak & Mikaitis, arXiv 2512.07004; the
/// manuals of Intel and Arm): exact sums of numbers that are cut as the hardware cuts them.
struct UnitSimulator: Sendable, CustomTestStringConvertible {
  enum Rule: Sendable {
    /// Blocks of `n` and the sum so far cut at F bits below the greatest exponent, and the result to `bits`.
    case nvidia(n: Int, f: Int, bits: Int, isNearest: Bool = false)
    /// The same, whose results are the nearest numbers of binary16.
    case halves(n: Int, f: Int)
    /// Products and pairs rounded to Float32, everything flushed.
    case cdna2(n: Int)
    case cdna3(n: Int)
    /// Two chains of fused products, of even and of odd places, for each 32.
    case tiles
    case chain
    /// Pairs rounded to odd, or fused and rounded to nearest.
    case dots(isOdd: Bool)
  }

  /// An arithmetic that has the unit.
  let arithmetic: String
  let rule: Rule
  /// The factors' significand bits, and their least and greatest normal exponents.
  let precision: Int
  let exponents: ClosedRange<Int>
  /// The products after which a sum is added to a Float32.
  var promotion: Int?

  var testDescription: String { "\(arithmetic), \(rule)" }

  private static let half = (11, -14...15)
  private static let brain = (8, -126...127)
  private static let tensor = (11, -126...127)
  private static let byte = (4, -6...8)
  private static let wideByte = (3, -14...15)

  private init(_ arithmetic: String, _ rule: Rule, _ format: (Int, ClosedRange<Int>), promotion: Int? = nil) {
    (self.arithmetic, self.rule, precision, exponents, self.promotion) = (
      arithmetic, rule, format.0, format.1, promotion
    )
  }

  static let all: [UnitSimulator] =
    [
      .init("f16,unit=v100", .nvidia(n: 4, f: 23, bits: 24), half),
      .init("f16,unit=t4", .nvidia(n: 4, f: 24, bits: 24), half),
      .init("f16,unit=t4", .nvidia(n: 8, f: 24, bits: 24), half),
      .init("f16,unit=a100", .nvidia(n: 8, f: 24, bits: 24), half),
      .init("bf16,unit=ada", .nvidia(n: 8, f: 24, bits: 24), brain),
      .init("tf32,unit=a100", .nvidia(n: 4, f: 24, bits: 24), tensor),
      .init("f32,unit=ada-fp8,factors=e4m3", .nvidia(n: 16, f: 13, bits: 14), byte),
      .init("f16,unit=h100", .nvidia(n: 16, f: 25, bits: 24), half),
      .init("f16,unit=h100", .nvidia(n: 8, f: 25, bits: 24), half),
      .init("bf16,unit=h100", .nvidia(n: 8, f: 25, bits: 24), brain),
      .init("tf32,unit=h100", .nvidia(n: 4, f: 25, bits: 24), tensor),
      .init("f16,unit=h100,sums=f16", .halves(n: 16, f: 25), half),
      .init("f16,unit=v100,sums=f16", .halves(n: 4, f: 23), half),
      .init("f16,unit=h100-fp8,factors=e5m2,sums=f16", .halves(n: 32, f: 13), wideByte),
      .init("bf16,unit=h100-fp8,factors=e5m2", .nvidia(n: 32, f: 13, bits: 14), wideByte),
      .init("bf16,unit=h100", .nvidia(n: 16, f: 25, bits: 24), brain),
      .init("tf32,unit=h100", .nvidia(n: 8, f: 25, bits: 24), tensor),
      .init("bf16,unit=h100-fp8,factors=e4m3", .nvidia(n: 32, f: 13, bits: 14), byte),
      .init("bf16,unit=h100-fp8-promote128,factors=e4m3", .nvidia(n: 32, f: 13, bits: 14), byte, promotion: 128),
    ]
    + [false, true].flatMap { isNearest in
      [
        .init("bf16,unit=b200", .nvidia(n: 16, f: 25, bits: 24, isNearest: isNearest), brain),
        .init("bf16,unit=b200", .nvidia(n: 8, f: 25, bits: 24, isNearest: isNearest), brain),
        .init("tf32,unit=b200", .nvidia(n: 8, f: 25, bits: 24, isNearest: isNearest), tensor),
        .init("f32,unit=b200,factors=e4m3", .nvidia(n: 32, f: 25, bits: 24, isNearest: isNearest), byte),
      ]
    } + [
      .init("f16,unit=mi250", .cdna2(n: 4), half), .init("bf16,unit=mi250", .cdna2(n: 4), brain),
      .init("bf16,unit=mi250", .cdna2(n: 2), brain), .init("f16,unit=mi300", .cdna3(n: 8), half),
      .init("bf16,unit=mi300", .cdna3(n: 8), brain), .init("tf32,unit=mi300", .cdna3(n: 4), tensor),
      .init("bf16,unit=amx", .tiles, brain), .init("f16,unit=amx", .tiles, half),
      .init("bf16,unit=vdpbf16", .chain, brain), .init("bf16,unit=bfdot", .dots(isOdd: true), brain),
      .init("bf16,unit=bfdot", .dots(isOdd: false), brain), .init("bf16,unit=bfmmla", .dots(isOdd: true), brain),
      .init("bf16,unit=bfmmla", .dots(isOdd: false), brain),
    ]

  /// Whether sums are numbers of binary16.
  var isOfHalves: Bool { if case .halves = rule { true } else { false } }

  /// The significands of a bias.
  var significands: ClosedRange<Int> { isOfHalves ? -0x7FF...0x7FF : -0xFFFFFF...0xFFFFFF }

  /// The sum of products that the unit gives, which begins with `start`; `nil` where it is not finite.
  func dot(_ a: [Rational], _ b: [Rational], from start: Rational = 0) -> Rational? {
    guard let promotion else { return chained(a[...], b[...], from: start) }
    var sum: Rational?
    for first in stride(from: 0, to: a.count, by: promotion) {
      let places = first..<min(first + promotion, a.count)
      guard let part = chained(a[places], b[places], from: 0) else { return nil }
      sum = sum.map { Self.nearest($0 + part) } ?? part
    }
    return sum ?? 0
  }

  private func chained(_ a: ArraySlice<Rational>, _ b: ArraySlice<Rational>, from start: Rational) -> Rational? {
    let size =
      switch rule {
      case .nvidia(let n, _, _, _), .halves(let n, _), .cdna2(let n), .cdna3(let n): n
      case .tiles: 32
      case .chain, .dots: 2
      }
    var sum = start
    for first in stride(from: a.startIndex, to: a.endIndex, by: size) {
      let places = first..<min(first + size, a.endIndex)
      sum = block(Array(a[places]), Array(b[places]), sum)
      guard sum.magnitude < limit else { return nil }
    }
    return sum
  }

  /// The magnitude from which on a sum is no number.
  private var limit: Rational { .powerOfTwo(isOfHalves ? 16 : 128) }

  private func block(_ a: [Rational], _ b: [Rational], _ sum: Rational) -> Rational {
    switch rule {
    case .nvidia(_, let f, let bits, let isNearest):
      let exact = aligned(a, b, sum, f, least: -126)
      return isNearest ? Self.nearest(exact) : Self.cut(exact, bits: bits)
    case .halves(_, let f):
      let exact = aligned(a, b, sum, f, least: -14)
      let spacing = Self.exponent(exact, least: -14) - 10
      return Rational(significand: exact.units(ofPowerOfTwo: spacing, .toNearestOrEven), exponent: spacing)
    case .cdna2:
      let (a, b) = (a.map(flushed), b.map(flushed))
      return Self.float(sum + pairs(zip(a, b).map { Self.float($0 * $1) }))
    case .cdna3:
      let products = products(a, b)
      let own = max(products.map(\.1).max() ?? -126, -126)
      let units = products.reduce(Integer(0)) { $0 + $1.0.units(ofPowerOfTwo: own - 24, .towardZero) }
      let greatest = max(own, Self.exponent(sum, least: -126))
      let exact = Rational(significand: units, exponent: own - 24).units(ofPowerOfTwo: greatest - 31, .down)
      let added = sum.units(ofPowerOfTwo: greatest - 24, .down)
      return Self.nearest(
        Rational(significand: exact, exponent: greatest - 31) + Rational(significand: added, exponent: greatest - 24))
    case .tiles:
      let parts = (0..<2).map { parity in
        stride(from: parity, to: a.count, by: 2).reduce(Rational(0)) { Self.float($0 + daz(a[$1]) * daz(b[$1])) }
      }
      return Self.float(sum + Self.float(parts[0] + parts[1]))
    case .chain: return zip(a, b).reduce(sum) { Self.float($0 + daz($1.0) * daz($1.1)) }
    case .dots(true):
      let products = zip(a, b).map { Self.odd(daz($0) * daz($1)) }
      return Self.odd(sum + Self.odd(products.reduce(0, +)))
    case .dots(false): return Self.float(sum + Self.float(zip(a, b).reduce(0) { $0 + daz($1.0) * daz($1.1) }))
    }
  }

  /// The sum of products and of the sum so far, whose exponent is no less than `least`, cut at `f` bits below the greatest.
  private func aligned(_ a: [Rational], _ b: [Rational], _ sum: Rational, _ f: Int, least: Int) -> Rational {
    let terms = products(a, b) + (sum.isZero ? [] : [(sum, Self.exponent(sum, least: least))])
    guard let greatest = terms.map(\.1).max() else { return 0 }
    let units = terms.reduce(Integer(0)) { $0 + $1.0.units(ofPowerOfTwo: greatest - f, .towardZero) }
    return Rational(significand: units, exponent: greatest - f)
  }

  /// Each product that is not 0, with the sum of its factors' exponents.
  private func products(_ a: [Rational], _ b: [Rational]) -> [(Rational, Int)] {
    zip(a, b).filter { !$0.isZero && !$1.isZero }.map {
      ($0 * $1, Self.exponent($0, least: exponents.lowerBound) + Self.exponent($1, least: exponents.lowerBound))
    }
  }

  private func pairs(_ terms: [Rational]) -> Rational {
    guard terms.count > 1 else { return terms.first ?? 0 }
    let middle = terms.count / 2
    return Self.float(pairs(Array(terms[..<middle])) + pairs(Array(terms[middle...])))
  }

  /// A factor whose subnormal numbers are 0 in the format itself.
  private func flushed(_ x: Rational) -> Rational { x.magnitude < .powerOfTwo(exponents.lowerBound) ? 0 : x }

  /// A factor as a Float32 whose subnormal numbers are 0.
  private func daz(_ x: Rational) -> Rational { Self.flush(x) }

  private static func flush(_ x: Rational) -> Rational { x.magnitude < .powerOfTwo(-126) ? 0 : x }

  /// The nearest Float32, flushed.
  private static func float(_ x: Rational) -> Rational { flush(nearest(x)) }

  private static func exponent(_ x: Rational, least: Int) -> Int { x.isZero ? least : max(x.floorLog2, least) }

  private static func cut(_ x: Rational, bits: Int) -> Rational {
    let spacing = exponent(x, least: -126) - bits + 1
    return Rational(significand: x.units(ofPowerOfTwo: spacing, .towardZero), exponent: spacing)
  }

  private static func nearest(_ x: Rational) -> Rational {
    let spacing = exponent(x, least: -126) - 23
    return Rational(significand: x.units(ofPowerOfTwo: spacing, .toNearestOrEven), exponent: spacing)
  }

  /// The Float32 below in magnitude, its last bit set where anything was cut, flushed.
  private static func odd(_ x: Rational) -> Rational {
    let spacing = exponent(x, least: -126) - 23
    let units = x.units(ofPowerOfTwo: spacing, .towardZero)
    let cut = Rational(significand: units, exponent: spacing)
    guard cut != x, !units.isOdd else { return flush(cut) }
    return flush(Rational(significand: units + Integer(x.signum()), exponent: spacing))
  }
}

extension UnitSimulator {
  /// Kinds of operands.
  enum Operands: CaseIterable {
    case even, wide, cancelling, oneGreat, greatFactor, subnormal, ones
  }

  /// A factor: `significand` of as many bits as the format has, at `exponent` or the nearest that there is.
  private func factor(_ significand: Int, _ exponent: Int) -> Rational {
    let exponent = min(exponent, exponents.upperBound - 1)
    guard exponent < exponents.lowerBound else {
      return Rational(significand: Integer(significand), exponent: exponent - precision + 1)
    }
    let shift = min(precision, exponents.lowerBound - exponent)
    return Rational(significand: Integer(significand >> shift), exponent: exponents.lowerBound - precision + 1)
  }

  /// Rows of `count` factors each.
  func operands(_ kind: Operands, _ count: Int, _ generator: inout SplitMix64) -> (a: [Rational], b: [Rational]) {
    let (least, greatest) = (1 << (precision - 1), 1 << precision)
    let span = min(exponents.upperBound - 2, 40)
    func drawn(_ range: ClosedRange<Int>, isNormal: Bool = true) -> Rational {
      factor(
        Int.random(in: (isNormal ? least : 1)..<greatest, using: &generator), Int.random(in: range, using: &generator))
        * (Bool.random(using: &generator) ? 1 : -1)
    }
    let low = max(exponents.lowerBound, -40)
    var (a, b): ([Rational], [Rational]) = ([], [])
    switch kind {
    case .even: (a, b) = ((0..<count).map { _ in drawn(-1...1) }, (0..<count).map { _ in drawn(-1...1) })
    case .wide: (a, b) = ((0..<count).map { _ in drawn(low...span) }, (0..<count).map { _ in drawn(low...span) })
    case .cancelling:
      (a, b) = ((0..<count).map { _ in drawn(-2...span) }, (0..<count).map { _ in drawn(-2...2) })
      for place in a.indices where place % 2 == 1 { (a[place], b[place]) = (a[place - 1], -b[place - 1]) }
      if let last = a.indices.randomElement(using: &generator) { b[last] = drawn(low...0) }
    case .oneGreat:
      // Each other product keeps its last bits below what is left of the greatest.
      let (below, shift) = (Int.random(in: 0...30, using: &generator), Int.random(in: 0...span, using: &generator))
      a = (0..<count).map { _ in
        factor(greatest - 1 - Int.random(in: 0...3, using: &generator), max(shift - below / 2, low))
      }
      b = (0..<count).map { _ in factor(greatest - 1, max(shift - (below + 1) / 2, low)) }
      if let place = a.indices.randomElement(using: &generator) {
        (a[place], b[place]) = (factor(least, shift), factor(least, shift))
      }
    case .greatFactor:
      (a, b) = ((0..<count).map { _ in drawn(0...0) }, (0..<count).map { _ in drawn(low...low + 3) })
      if let place = a.indices.randomElement(using: &generator) { b[place] = drawn(span - 1...span) }
    case .subnormal:
      let deep = exponents.lowerBound - precision
      (a, b) = ((0..<count).map { _ in drawn(-1...1) }, (0..<count).map { _ in drawn(-1...1) })
      if let place = a.indices.randomElement(using: &generator) {
        (a[place], b[place]) = (drawn(deep + 1...deep + 2, isNormal: false), drawn(span...span))
        for other in a.indices where other != place {
          b[other] = drawn(exponents.lowerBound...exponents.lowerBound + 4)
        }
      }
    case .ones:
      a = (0..<count).map { _ in factor(greatest - 1, Int.random(in: -1...1, using: &generator)) }
      b = (0..<count).map { _ in factor(greatest - 1, Int.random(in: -1...1, using: &generator)) }
    }
    return (a, b)
  }
}
