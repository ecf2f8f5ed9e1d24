import PlumbExact
import PlumbModel

/// Rows of Float32s, and what a panel of weights makes of them: sums of products and of their magnitudes.
///
/// *Error bound*: with n the terms of a sum and S the sum of its magnitudes, `sums` is off by (n + 1)·u·S, u = 2⁻⁵³, and
/// `magnitudes` by as much of itself. Factors lie between 2⁻¹⁴⁹ and 2¹²⁸ in magnitude, or are 0, so that nothing over- or
/// underflows.
struct PanelProduct {
  /// The terms of a sum.
  let terms: Int
  /// The number of rows.
  let rows: Int
  private let x: [Double]
  private let absolute: [Double]
  /// For each row the term whose factor has its lowest bit lowest, and that bit; `nil` for a row of zeros.
  private let finest: [(term: Int, bit: Int)?]
  /// The panel: 24 weights for each term.
  var panel: [Double]
  private var absolutePanel: [Double]
  private(set) var sums: [Double]
  private(set) var magnitudes: [Double]

  /// Takes the rows of `terms` elements of `x`.
  init(_ x: some Collection<Float>, terms: Int) {
    let rows = terms == 0 ? 0 : x.count / terms
    var (numbers, absolute): ([Double], [Double]) = ([], [])
    numbers.reserveCapacity(x.count)
    absolute.reserveCapacity(x.count)
    var finest: [(term: Int, bit: Int)?] = Array(repeating: nil, count: rows)
    for (index, element) in x.enumerated() {
      numbers.append(Double(element))
      absolute.append(Double(element.magnitude))
      guard element != 0 else { continue }
      let (row, bit) = (index / terms, Granularity.lowestBit(element))
      if let known = finest[row], known.bit <= bit { continue }
      finest[row] = (index % terms, bit)
    }
    self.terms = terms
    self.rows = rows
    self.x = numbers
    self.absolute = absolute
    self.finest = finest
    panel = [Double](repeating: 0, count: terms * PanelSums.columns)
    absolutePanel = panel
    sums = [Double](repeating: 0, count: rows * PanelSums.columns)
    magnitudes = sums
  }

  /// Computes `sums` and `magnitudes` of what `panel` holds.
  mutating func multiply() {
    for index in panel.indices { absolutePanel[index] = panel[index].magnitude }
    PanelSums.sums(panel, x, terms: terms, into: &sums)
    PanelSums.sums(absolutePanel, absolute, terms: terms, into: &magnitudes)
  }

  /// Whether the terms of a sum, and a bias of `bias`, are all so coarse that no partial sum rounds in Float32; the sum is
  /// then exact.
  ///
  /// - Precondition: the weights are Float32s.
  func isExact(row: Int, column: Int, bias: Double = 0) -> Bool {
    guard mayBeExact(row: row, column: column, extra: bias.magnitude) else { return false }
    var granularity = Granularity()
    for term in 0..<terms {
      granularity.add(Float(x[row * terms + term]), Float(panel[term * PanelSums.columns + column]))
    }
    granularity.add(Float(bias))
    return granularity.sumsExactly(absoluteSum: magnitudes[row * PanelSums.columns + column] + bias.magnitude)
  }

  /// Whether the terms of a sum might all be so coarse that no partial sum rounds in Float32, `extra` being added to their
  /// magnitudes; false is certain.
  ///
  /// One product tells: all terms are then multiples of no more than its lowest bit 2^k, and with a sum of magnitudes of
  /// 2^(k + 24) or more, the exact path does not find them coarse enough.
  ///
  /// - Precondition: the weights are Float32s.
  @inline(__always)
  private func mayBeExact(row: Int, column: Int, extra: Double) -> Bool {
    guard let finest = finest[row] else { return true }
    let weight = Float(panel[finest.term * PanelSums.columns + column])
    guard weight != 0 else { return true }
    // The sum of magnitudes is off by far less than a half of itself. The limit's exponent lies between −273 and 233.
    let limit = finest.bit + Granularity.lowestBit(weight) + 25
    return magnitudes[row * PanelSums.columns + column] + extra < Double(bitPattern: UInt64(limit + 1023) << 52)
  }
}

/// `Tolerance.dotProduct` for sums of one kind, between two Float64s.
struct DotBound {
  private let gamma: Double
  private let underflow: Double
  private let off: Double

  private static var less: Double { 1 - 0x1p-48 }
  private static var more: Double { 1 + 0x1p-48 }

  /// - Precondition: `depth` + `further` is below 2²⁴, `terms` below 2²⁰.
  init(terms: Int, depth: Int, further: Int) {
    let roundings = depth + further
    gamma = Double(roundings) / Double(1 << 24 - roundings)
    underflow = Double(terms + further) * 0x1p-150
    // The sum of magnitudes, with one more for a bias, and for what the exact path's own sums are moved up by.
    off = 4 * PanelSums.relativeError(terms: terms + 1)
  }

  /// The bound for a sum of magnitudes that was computed as `magnitude`; not one where it may be 0.
  ///
  /// The exact path rounds its bound up to 32 bits: by less than one part in 2³¹.
  @inline(__always)
  func bound(_ magnitude: Double) -> NearBound {
    guard magnitude > 0 else { return NearBound(lower: 0, upper: 0) }
    let lower = (gamma * (magnitude * (1 - off) + underflow) + underflow) * Self.less
    let greatest = magnitude * (1 + off)
    let upper = (gamma * (greatest + underflow) + underflow) * Self.more
    guard (greatest + upper) * Self.more <= 0x1.fffffep127 else { return .outsideDomain }
    return NearBound(lower: lower, upper: upper * (1 + 0x1p-30))
  }
}
