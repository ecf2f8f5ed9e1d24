import PlumbBounds
import PlumbExact
import PlumbModel
import PlumbTolerance

/// Rows of Float32s, and what a panel of weights makes of them: sums of products and of their magnitudes.
///
/// *Error bound*: with n the terms of a sum and S the sum of its magnitudes, the sums are off by (n + 1)·u·S, u = 2⁻⁵³, and
/// those of magnitudes by as much of themselves. Factors lie between 2⁻¹⁴⁹ and 2¹²⁸ in magnitude, or are 0, so that nothing
/// over- or underflows.
struct PanelProduct {
  /// The terms of a sum.
  let terms: Int
  /// The number of rows.
  let rows: Int
  private let x: [Double]
  private let absolute: [Double]
  /// For each row the term whose factor has its lowest bit lowest, and that bit; `nil` for a row of zeros.
  private let finest: [(term: Int, bit: Int)?]
  /// Up to 24 rows of weights.
  var weights: [Double]
  /// The weights again, 24 for each term, and their magnitudes.
  private var panel: [Double]
  private var absolutePanel: [Double]
  /// The sums, as far as they are known: 24 for each row.
  var run: NearRun
  /// The sums of magnitudes, and of a bias's where there is one.
  private(set) var magnitudes: [Double]

  /// Takes the rows of `terms` elements of `x`.
  init(_ x: [Float], terms: Int) {
    let rows = terms == 0 ? 0 : x.count / terms
    var finest: [(term: Int, bit: Int)?] = []
    var numbers = [Double](repeating: 0, count: x.count)
    let elements = x.span
    for row in 0..<rows {
      var (term, least) = (-1, Int.max)
      for index in 0..<terms {
        let element = elements[row &* terms &+ index]
        numbers[row &* terms &+ index] = Double(element)
        // No lowest bit lies below the last of 24, and few elements reach that far.
        if Int(element.exponentBitPattern) &- 150 < least && element != 0 {
          let bit = Granularity.lowestBit(element)
          if bit < least { (term, least) = (index, bit) }
        }
      }
      finest.append(term < 0 ? nil : (term, least))
    }
    self.terms = terms
    self.rows = rows
    self.x = numbers
    absolute = numbers.map(\.magnitude)
    self.finest = finest
    weights = [Double](repeating: 0, count: terms * PanelSums.columns)
    (panel, absolutePanel) = (weights, weights)
    run = NearRun(count: rows * PanelSums.columns)
    magnitudes = run.values
  }

  /// Sets the sums, with what `biases` add to each column, and what is known of them: by one bound for all rows, or one for each.
  mutating func multiply(_ bounds: [NearRun.SumModel], biases: ArraySlice<Double> = []) {
    PanelSums.transpose(weights, terms: terms, to: &panel, magnitudes: &absolutePanel)
    PanelSums.sums(panel, x, terms: terms, into: &run.values)
    PanelSums.sums(absolutePanel, absolute, terms: terms, into: &magnitudes)
    run.isKnown = !biases.isEmpty
    if run.isKnown {
      for row in 0..<rows {
        for (column, bias) in biases.enumerated() {
          let index = row * PanelSums.columns + column
          (run.values[index], run.rests[index]) = ErrorFree.sum(run.values[index], bias)
          magnitudes[index] += bias.magnitude
        }
      }
    }
    if bounds.count == 1 {
      run.boundSums(0..<run.count, magnitudes, bounds[0])
    } else {
      for row in 0..<rows {
        run.boundSums(row * PanelSums.columns..<(row + 1) * PanelSums.columns, magnitudes, bounds[row])
      }
    }
  }

  /// Fills row `column` of the weights with `numbers`.
  mutating func setWeights(_ column: Int, _ numbers: ArraySlice<Float>) {
    for (term, number) in numbers.enumerated() { weights[column * terms + term] = Double(number) }
  }

  /// One sum and its bound, as far as they are known: both exactly where it `isExact`.
  func expectation(row: Int, column: Int, isExact: Bool) -> (exact: Near, bound: NearBound) {
    let index = row * PanelSums.columns + column
    // What Float32 adds without rounding, Float64 does.
    if isExact { return (Near(exactly: run.values[index]), NearBound(lower: 0, upper: 0)) }
    return (
      Near(run.values[index], run.rests[index], error: run.errors[index]),
      NearBound(lower: run.lower[index], upper: run.upper[index])
    )
  }

  /// Whether the terms of a sum, and a bias of `bias`, are all so coarse that no partial sum rounds in Float32; the sum is
  /// then exact.
  ///
  /// - Precondition: the weights are Float32s.
  func isExact(row: Int, column: Int, bias: Double = 0) -> Bool {
    guard mayBeExact(row: row, columns: column..<column + 1) else { return false }
    var granularity = Granularity()
    for term in 0..<terms { granularity.add(Float(x[row * terms + term]), Float(weights[column * terms + term])) }
    granularity.add(Float(bias))
    return granularity.sumsExactly(absoluteSum: magnitudes[row * PanelSums.columns + column])
  }

  /// Whether the terms of one of the sums of a row might all be so coarse that no partial sum rounds in Float32; false is
  /// certain.
  ///
  /// One product tells: all terms are then multiples of no more than its lowest bit 2^k, and with a sum of magnitudes of
  /// 2^(k + 24) or more, the exact path does not find them coarse enough. The sum of magnitudes is off by far less than a half of
  /// itself.
  ///
  /// - Precondition: the weights are Float32s.
  func mayBeExact(row: Int, columns: Range<Int>) -> Bool {
    guard let finest = finest[row] else { return true }
    return run.mayBeBelow(
      magnitudes, row * PanelSums.columns + columns.lowerBound, panel,
      finest.term * PanelSums.columns + columns.lowerBound, count: columns.count,
      timesLowestBit: Double(sign: .plus, exponent: finest.bit + 25, significand: 1))
  }
}

extension NearRun.SumModel {
  /// The bounds of `sums`, among `added` terms that are summed here.
  ///
  /// - Precondition: `added` is below 2²⁰.
  init(_ sums: Summation, added: Int) {
    // The sum of magnitudes, with one more for a bias, and for what the exact path's own sums are moved up by.
    let off = 4 * PanelSums.relativeError(terms: added + 1)
    self.init(
      gamma: sums.nearGamma, underflow: sums.nearUnderflow, off: off, relative: PanelSums.relativeError(terms: added))
  }
}
