import PlumbModel

// Inputs of products with weights, as 8-bit numbers with scales. With a the greatest magnitude of the inputs x that share a scale
// and m the greatest number of the grid, 127 or 448, an input is rounded from r̂ = fl(x·fl(m/a)), fl(x·fl(1/fl(a/m))) or
// fl(x/fl(a/m)). Each has at most three roundings, one of them perhaps in a divisor: |r̂ − r| ≤ ((1 + u)²/(1 − u) − 1)·|r|, r = x·m/a,
// which is less than 3.01·u·|r| for u ≤ 2⁻²⁰. A tie may go either way. The scale is fl(a/m), or the rounded reciprocal of fl(m/a),
// within ((1 + u)/(1 − u) − 1) < 2.01·u of a/m, and is then stored. The literals below are 0.01·u greater, which is more than
// what Float64 rounds here.
extension ArithmeticModel {
  /// `x` as the inputs of a product with weights.
  ///
  /// *Error bound*: without `steps=stored` the exact numbers stay, and the error is the most that the quantiser moves an input
  /// with its scale; with it the exact numbers are the quantised ones, and the error reaches what else they may be.
  /// *Edge cases*: nothing is known of inputs whose scale has one that is not finite, or may overflow, or is of a greatest magnitude
  /// below 2⁻¹⁰⁰; nor in a model that says of divisions or sums what the rules here do not cover.
  package func activations(_ x: Activation<Tracked>) -> Activation<Tracked> {
    guard let quantiser else { return x }
    return quantiser.isOfAnyWeight ? quantised(x, by: quantiser) : x.map { _ in .outside }
  }

  /// The quantiser of the inputs of products; `nil` where they are taken as they are.
  var quantiser: QuantisedActivations? { isOfWeights ? activations : nil }

  /// Whether quantised inputs are bounded beside what else the model says: divisions and other results are rounded to nearest, and sums
  /// are Float32s.
  private var quantisesSoundly: Bool {
    accumulation == .float32 && !isFaithful && functions?.divisionUlps == nil && matrixUnit == nil && sums == nil
      && partials == nil && splits == 1
  }

  /// `x` as `quantiser` has it.
  package func quantised(_ x: Activation<Tracked>, by quantiser: QuantisedActivations) -> Activation<Tracked> {
    guard quantisesSoundly else { return x.map { _ in .outside } }
    var elements = x.elements
    let columns = quantiser == .int8OfTensor ? max(x.elements.count, 1) : max(x.columns, 1)
    for row in stride(from: 0, to: elements.count, by: columns) {
      let end = row + columns
      for start in stride(from: row, to: end, by: quantiser.block ?? columns) {
        let places = start..<min(start + (quantiser.block ?? columns), end)
        elements.replaceSubrange(places, with: quantised(elements[places], by: quantiser))
      }
    }
    return Activation(shape: x.shape, elements: elements)
  }

  /// The inputs of one scale.
  private func quantised(_ x: ArraySlice<Tracked>, by quantiser: QuantisedActivations) -> [Tracked] {
    guard let scale = QuantisationScale(of: x, by: quantiser, in: self) else { return x.map { _ in .outside } }
    if scale.isOfZeros { return x.map { _ in Tracked(0) } }
    if replaysSteps { return x.map { replayed($0, scale) } }
    return x.map { number in
      number.widened(by: scale.greatestError(at: number.reach, in: self))
    }
  }

  /// The number that `x` is quantised to.
  private func replayed(_ x: Tracked, _ scale: QuantisationScale) -> Tracked {
    let grid = scale.grid
    func number(_ end: Double, isUpper: Bool) -> Double {
      let beyond = end + (isUpper ? 1 : -1) * end.magnitude * 3.02 * unit
      return max(-grid.greatest, min(grid.greatest, neighbour(of: beyond, in: grid, isUpper: isUpper)))
    }
    let ends = scale.ratios(of: x.computed)
    let (least, greatest) = (number(ends.lower, isUpper: false), number(ends.upper, isUpper: true))
    let lower = Outward.productDown(least, least < 0 ? scale.stored.upper : scale.stored.lower)
    let upper = Outward.productUp(greatest, greatest > 0 ? scale.stored.upper : scale.stored.lower)
    let middle = lower + (upper - lower) / 2
    return Tracked(
      lower: middle, upper: middle, error: max(Outward.sumUp(upper, -middle), Outward.sumUp(middle, -lower)))
  }
}

/// The scale of some inputs, as a kernel may compute it.
struct QuantisationScale {
  /// The numbers that inputs are rounded to.
  let grid: FloatFormat
  /// The format that the scale is stored in.
  private let format: FloatFormat
  /// The ends of the real scale.
  let exact: (lower: Double, upper: Double)
  /// The ends of the scale as it is stored.
  let stored: (lower: Double, upper: Double)
  /// Whether all inputs are 0.
  let isOfZeros: Bool

  /// The scale of `x`; `nil` where nothing is known of it.
  init?(of x: ArraySlice<Tracked>, by quantiser: QuantisedActivations, in model: ArithmeticModel) {
    guard x.allSatisfy({ $0.isFinite && $0.isReal }) else { return nil }
    (grid, format) = (quantiser.grid, quantiser.scale)
    let least = x.reduce(0) { max($0, $1.leastReach) }
    let greatest = x.reduce(0) { max($0, $1.reach) }
    isOfZeros = greatest == 0
    guard !isOfZeros else {
      (exact, stored) = ((0, 0), (0, 0))
      return
    }
    exact = (
      Outward.quotientDown(least, grid.greatest),
      Outward.quotientUp(max(greatest, quantiser.leastGreatest), grid.greatest)
    )
    let more = 2.02 * model.unit
    let computed = (lower: exact.lower * (1 - more), upper: exact.upper * (1 + more))
    // The reciprocal of the scale is finite, and so is the scale in Float32.
    guard least >= 0x1p-100, computed.upper <= 0x1p100 else { return nil }
    if quantiser.scale == .float32 {
      stored = computed
    } else {
      stored = (
        model.neighbour(of: computed.lower, in: quantiser.scale, isUpper: false),
        model.neighbour(of: computed.upper, in: quantiser.scale, isUpper: true)
      )
      guard stored.upper <= quantiser.scale.greatest else { return nil }
    }
  }

  /// The ends of the ratio of a number between `ends` to the scale.
  func ratios(of ends: (lower: Double, upper: Double)) -> (lower: Double, upper: Double) {
    func ratio(_ end: Double, isNearer: Bool) -> Double {
      let scale = isNearer ? exact.upper : exact.lower
      return end == 0 ? 0 : max(-grid.greatest, min(grid.greatest, end / scale))
    }
    return (ratio(ends.lower, isNearer: ends.lower > 0), ratio(ends.upper, isNearer: ends.upper < 0))
  }

  /// The most that the quantiser moves an input of at most `reach`, with its scale.
  ///
  /// *Error bound*: with s the real scale, ŝ the stored one and q the number on the grid,
  /// |x − ŝ·q| ≤ s·(|q − r̂| + |r̂ − r|) + |ŝ − s|·|q|. Of integers |q − r̂| ≤ ½, |r̂ − r| ≤ 127·3.01·u and |q| ≤ 127. Of E4M3
  /// |q − r̂| ≤ max(2⁻⁴·|r̂|, 2⁻¹⁰), with which s·|q| ≤ |x|·(1 + 3.01·u) + that, and |ŝ − s| ≤ 2.01·u·s: in all at most
  /// (1 + 16·u)·max(2⁻⁴·|x|, s·2⁻¹⁰) + 8·u·|x|.
  func greatestError(at reach: Double, in model: ArithmeticModel) -> Double {
    let unit = model.unit
    guard grid.precision > FloatFormat.e4m3.precision else {
      let nearest = max(reach * 0x1p-4, exact.upper * 0x1p-10)
      return Outward.sumUp(Outward.productUp(nearest, 1 + 16 * unit), Outward.productUp(reach, 8 * unit))
    }
    let half = Outward.productUp(exact.upper, 0.5 + grid.greatest * 3.02 * unit)
    let cast = format == .float32 ? 0 : format.spacing(atMagnitude: stored.upper) / 2
    let stray = Outward.sumUp(Outward.productUp(exact.upper, 2.02 * unit), cast)
    return Outward.sumUp(half, Outward.productUp(stray, grid.greatest))
  }
}
