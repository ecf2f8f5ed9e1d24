import PlumbLayers
import PlumbModel
import PlumbReference
import PlumbTolerance

/// Error-tracking arithmetic: of each element of a layer an enclosure of the exact value, and a bound on what a kernel that
/// computes the layer's formula may be off by.
///
/// A kernel is within, too, where it computes a step more accurately, or keeps in registers what the formula stores.
extension ArithmeticModel: ArithmeticContext {
  /// *Error bound*: with a `relativeError`, the layer has the exact number or one rounding of it.
  package func read(_ value: Float, within relativeError: Double) -> Tracked {
    guard relativeError > 0, value.isFinite else { return read(value) }
    let reach = Outward.productUp(Double(value.magnitude), relativeError)
    let exact = Tracked(
      lower: Outward.sumDown(Double(value), -reach), upper: Outward.sumUp(Double(value), reach), error: 0)
    return result(sum(exact, Tracked(0)))
  }

  package func exact(_ value: Double) -> Tracked { Tracked(value) }
  package var hidden: Tracked { .outside }

  /// *Error bound*: the greater of the two, but where one kernel computes the first; where steps are replayed, each has its own
  /// exact number, and the error of the first reaches all that the other may be.
  package func oneOf(_ first: Tracked, _ second: () -> Tracked) -> Tracked {
    if isOfOneKernel { return first }
    return replaysSteps ? first.or(second()) : first.orAs(second())
  }

  package func negated(_ x: Tracked) -> Tracked { -x }

  /// The number, or 0.
  ///
  /// *Error bound*: none but the number's own where it is known whether the opening is above 0; otherwise 0 may be computed
  /// in place of the number, or the number in place of 0.
  /// *Edge cases*: outside the domain where the exact opening is not known to be above 0 or not.
  package func gated(_ x: Tracked, by opening: Tracked) -> Tracked {
    guard opening.isReal, !x.isOutside, opening.lower > 0 || opening.upper <= 0 else { return .outside }
    let isOpen = opening.lower > 0
    if opening.isFinite, isOpen ? opening.computed.lower > 0 : opening.computed.upper <= 0 {
      return isOpen ? x : Tracked(0)
    }
    if isOpen { return x.or(0, 0) }
    guard x.isReal else { return .outside }
    return Tracked(0).or(min(x.computed.lower, 0), max(x.computed.upper, 0)).joined(x.specials)
  }

  package func rectified(_ x: Tracked) -> Tracked { x.rectified }
  package func kept(_ x: Tracked, upTo limit: Double) -> Tracked { x.kept(upTo: limit) }
  package func squareRoot(_ x: Tracked) -> Tracked { squareRoot(x, computedAtLeast: -.infinity) }
  package func squareRoot(ofSquares squares: Tracked) -> Tracked { squareRoot(squares, computedAtLeast: 0) }
  package func reciprocalSquareRoot(_ x: Tracked) -> Tracked { reciprocalSquareRoot(x, computedAtLeast: 0) }

  /// The factor of a normalisation.
  ///
  /// *Error bound*: a mean of squares is never computed below 0, and no rounding brings the sum with a number of the format
  /// below that number. Outside the domain where the squares may all underflow beside an epsilon of 0.
  package func reciprocalRoot(ofMeanSquare meanSquare: Tracked, plus epsilon: Tracked) -> Tracked {
    reciprocalSquareRoot(sum(meanSquare, epsilon), computedAtLeast: epsilon.isExact ? epsilon.upper : 0)
  }

  /// A rounded quotient by the rounded root, or a function.
  package func reciprocalRoot(ofCount count: Int) -> Tracked { reciprocalSquareRoot(Tracked(Double(count))) }

  /// e^(exponent · log base) or its reciprocal's, or a power function within as many ulps.
  package func power(_ base: Tracked, _ exponent: Tracked) -> Tracked {
    let power = product(exponent, logarithm(base))
    return exponential(power, by: [.exp, .power]).orAs(quotient(Tracked(1), exponential(-power)))
  }

  package var losesStored: Bool { steps != .kept && storage != accumulation }
  package var storesOperations: Bool { losesStored && formulas.isSuperset(of: FormulaNames([.stepwise])) }

  /// Whether `formula` is named, or none of the same step is and it need not be; ggml's quantisers name its table, too.
  package func uses(_ formula: FormulaName) -> Bool {
    formulas.isSuperset(of: FormulaNames([formula]))
      || (!formula.isByNameOnly || formula == .table && activations == .ggml)
        && formulas.isDisjoint(with: FormulaNames(formula.alternatives))
  }

  package var inside: ArithmeticModel {
    var model = self
    model.isInside = true
    return model
  }

  package var ofWeights: ArithmeticModel {
    var model = self
    model.isOfWeights = true
    return model
  }

  package var unstored: ArithmeticModel {
    var model = self
    model.steps = .kept
    return model
  }

  /// *Error bound*: of 2^(x·log₂ e), the constant and the product are rounded, by 2u·(1 + u) of x in all, or the product
  /// underflows, by η.
  package func exponential(ofDifferences row: ArraySlice<Tracked>) -> [Tracked] {
    guard uses(.exp2) else { return exponential(row) }
    let functions: [ElementaryFunction] = uses(.exp) ? [.exp, .exp2] : [.exp2]
    return row.map { exponential($0.upper == 0 && $0.isExact ? $0 : inBaseTwo($0), by: functions) }
  }

  package func sine(_ x: Tracked) -> Tracked { sineAndCosine(x).sine }
  package func cosine(_ x: Tracked) -> Tracked { sineAndCosine(x).cosine }

  package func dot(_ a: ArraySlice<Tracked>, _ b: ArraySlice<Tracked>, bias: Tracked?) -> Tracked {
    dot(a, b, bias: bias, inherited: nil)
  }

  package func matrixDot(_ a: ArraySlice<Tracked>, _ b: ArraySlice<Tracked>, bias: Tracked?) -> Tracked {
    matrixUnit == nil && !(isOfWeights && activations != nil)
      ? dot(a, b, bias: bias, inherited: nil) : matrixDot(Array(a), Array(b), bias: bias)
  }

  /// The greatest computed number: the element that certainly is it, where its error is great; otherwise a number between the greatest of
  /// the elements' least and of their greatest values, without an error of its own.
  ///
  /// *Edge cases*: −∞ is the greatest where it stands alone, of which nothing is known.
  package func greatest(_ row: ArraySlice<Tracked>) -> Tracked? {
    let shift = shift(of: row)
    return shift.isWide ? certainGreatest(of: row).map { row[$0] } ?? shift.number : shift.number
  }

  /// The greatest number with its error.
  ///
  /// *Error bound*: the greatest of the numbers' errors, as no greatest of two moves by more than both do.
  /// *Edge cases*: nothing is claimed where a number may be infinite or NaN.
  package func maximum(_ row: ArraySlice<Tracked>) -> Tracked? {
    guard row.allSatisfy(\.isFinite) else { return .outside }
    return row.dropFirst().reduce(row.first) { greatest, number in
      greatest.map {
        Tracked(
          lower: max($0.lower, number.lower), upper: max($0.upper, number.upper), error: max($0.error, number.error))
      }
    }
  }

  /// A number between the greatest of the elements' least and of their greatest values, and whether these are more than 1 apart.
  private func shift(of row: ArraySlice<Tracked>) -> (number: Tracked?, isWide: Bool) {
    let real = row.filter(\.isReal)
    if real.isEmpty || row.contains(where: \.isOutside) { return (row.isEmpty ? nil : .outside, false) }
    let specials = row.reduce([] as Tracked.Specials) { $0.union($1.specials) }.subtracting(.minusInfinity)
    // The greatest of exact elements is known.
    let isExact = real.allSatisfy(\.isExact)
    func greatest(_ end: (Tracked) -> Double) -> Double { real.map(end).max() ?? 0 }
    let least = isExact ? greatest(\.upper) : greatest(\.computed.lower)
    let number = Tracked(
      lower: least, upper: isExact ? least : greatest(\.computed.upper), error: 0,
      specials: real.allSatisfy { $0.specials.contains(.minusInfinity) } ? specials.union(.minusInfinity) : specials)
    return (number, number.isReal && number.upper - number.lower > 1)
  }

  /// Each element less the greatest.
  ///
  /// *Error bound*: where it is known which element is the greatest, that one is subtracted, which leaves 0 of itself; where its
  /// error is small, any number between what it may be computed as, without an error of its own.
  package func lessGreatest(_ row: ArraySlice<Tracked>) -> [Tracked] {
    // The only element is its own greatest.
    if row.count == 1, row.allSatisfy({ $0.isFinite }) { return [Tracked(0)] }
    let shift = shift(of: row)
    guard shift.isWide, let top = certainGreatest(of: row) else {
      return row.map { difference($0, shift.number ?? .outside) }
    }
    return row.indices.map { $0 == top ? Tracked(0) : difference(row[$0], row[top]) }
  }

  /// The place of the element that no other can be computed above; `nil` where that is not known.
  private func certainGreatest(of row: ArraySlice<Tracked>) -> Int? {
    guard let top = row.indices.max(by: { row[$0].computed.lower < row[$1].computed.lower }), row[top].isFinite else {
      return nil
    }
    let isGreatest = row.indices.allSatisfy { place in
      place == top
        || row[place].specials.subtracting(.minusInfinity).isEmpty
          && (!row[place].isReal || row[place].computed.upper <= row[top].computed.lower)
    }
    return isGreatest ? top : nil
  }

  /// *Error bound*: a factor that is divided by its norm before the products has at most two more roundings, and as many
  /// underflows.
  package func dot(_ x: ArraySlice<Tracked>, _ y: ArraySlice<Tracked>, overNorms divisor: Tracked) -> Tracked {
    let dot = dot(x.map { roundedTwice($0) }, y.map { roundedTwice($0) })
    return underflowing(quotient(dot, divisor), times: 4 * x.count)
  }

  /// *Error bound*: the error Δ of the mean is one and the same in every deviation dᵢ. With the other errors σᵢ, at most
  /// sᵢ, and as the exact deviations add up to 0,
  ///
  ///     Σ (dᵢ + σᵢ − Δ)² − Σ dᵢ² = Σ (2dᵢσᵢ + σᵢ²) − 2Δ·Σ σᵢ + n·Δ²,
  ///
  /// of which the first sum is at most Σ sᵢ·(2|dᵢ| + sᵢ).
  package func squares(
    ofDeviations deviations: ArraySlice<Tracked>, from mean: Tracked, of row: ArraySlice<Tracked>
  ) -> Tracked {
    dot(deviations, deviations, inherited: squareError(row: row, mean: mean, deviations: deviations))
  }

  private func squareError(
    row: ArraySlice<Tracked>, mean: Tracked, deviations: ArraySlice<Tracked>
  ) -> Double? {
    guard mean.isReal else { return nil }
    var (own, others) = (0.0, 0.0)
    for (x, deviation) in zip(row, deviations) {
      if !deviation.isReal { return nil }
      let stray = Outward.sumUp(x.error, roundingOfSum(deviation))
      own = Outward.sumUp(own, Outward.productUp(stray, Outward.sumUp(2 * deviation.magnitude, stray)))
      others = Outward.sumUp(others, stray)
    }
    let shift = mean.error
    let common = Outward.productUp(Double(row.count), Outward.productUp(shift, shift))
    return Outward.sumUp(own, Outward.sumUp(Outward.productUp(2 * shift, others), common))
  }

  package func isZero(_ row: ArraySlice<Tracked>) -> Bool { row.allSatisfy { $0.isExact && $0.upper == 0 } }

  package func map<Element: Sendable>(_ count: Int, _ transform: @Sendable (Int) -> Element) -> [Element] {
    concurrentMap(count, transform)
  }
}
