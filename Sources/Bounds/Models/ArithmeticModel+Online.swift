import PlumbTolerance

// An attention over tiles of keys whose sums are rescaled. With w the exact weights and o = Σ wⱼ·vⱼ, a kernel has, up to one common factor,
// the numerator Σ wⱼ(1 + eⱼ)(1 + nⱼ)vⱼ and the denominator Σ wⱼ(1 + eⱼ)(1 + mⱼ). As Σ wⱼ(vⱼ − o) = 0,
//
//     ô − o = (Σ wⱼeⱼ(vⱼ − o) + Σ wⱼ(1 + eⱼ)(nⱼvⱼ − mⱼo)) / Σ wⱼ(1 + eⱼ)(1 + mⱼ):
//
// errors that numerator and denominator have in common meet vⱼ − o. The page of `attention` derives e, n and m.
//
// A sink is one key more, whose values are 0: a tile of its own before or behind the others, in whichever part of the keys; or a part of
// its own.
extension ArithmeticModel {
  package func online(
    _ scores: ArraySlice<Tracked>, _ columns: [ArraySlice<Tracked>], sink: Tracked?
  ) -> [Tracked]? {
    let outside = [Tracked](repeating: .outside, count: columns.count)
    guard splits > 1, scores.count > 1 else { return attended(scores, columns, sink) ?? outside }
    let size = (scores.count + splits - 1) / splits
    let parts = stride(from: 0, to: scores.count, by: size).map { $0..<min($0 + size, scores.count) }
    guard let sink else { return merged(scores, columns, parts, sink: nil) ?? outside }
    return (0...parts.count).reduce(nil) { result, place -> [Tracked]? in
      let other = merged(scores, columns, parts, sink: (sink, place)) ?? outside
      return result.map { zip($0, other).map { $0.orAs($1) } } ?? other
    }
  }

  /// The results over all keys, and a `sink`; `nil` where nothing bounds them.
  private func attended(
    _ scores: ArraySlice<Tracked>, _ columns: [ArraySlice<Tracked>], _ sink: Tracked?
  ) -> [Tracked]? {
    bound(scores, sink)?.values(columns.map { $0.joining(sink) }, casts: true)
  }

  private func bound(_ scores: ArraySlice<Tracked>, _ sink: Tracked?) -> OnlineBound? {
    OnlineBound(sink.map { (scores + [$0])[...] } ?? scores, keys: tile ?? 1, tiles: sink == nil ? 0 : 1, in: self)
  }

  /// The results of `parts` of the keys, merged, where a sink is in the part of this place, or behind all; `nil` where nothing
  /// bounds them.
  private func merged(
    _ scores: ArraySlice<Tracked>, _ columns: [ArraySlice<Tracked>], _ parts: [Range<Int>],
    sink: (number: Tracked, place: Int)?
  ) -> [Tracked]? {
    var logarithms: [Tracked] = []
    var results = [[Tracked]](repeating: [], count: columns.count)
    for (place, places) in parts.enumerated() {
      func part(_ row: ArraySlice<Tracked>) -> ArraySlice<Tracked> {
        row[row.startIndex + places.lowerBound..<row.startIndex + places.upperBound]
      }
      let own = sink?.place == place ? sink?.number : nil
      guard let bound = bound(part(scores), own),
        let values = bound.values(columns.map { part($0).joining(own) }, casts: true)
      else { return nil }
      logarithms.append(bound.logarithmOfSum)
      for (index, value) in values.enumerated() {
        results[index].append(partials.map { rounded(value, to: $0) } ?? value)
      }
    }
    if let sink, sink.place == parts.count {
      logarithms.append(sink.number)
      for index in results.indices { results[index].append(Tracked(0)) }
    }
    return OnlineBound(logarithms[...], keys: logarithms.count, in: self)?
      .values(results.map { $0[...] }, casts: false)
  }
}

extension ArraySlice<Tracked> {
  /// The values of some keys, and 0 where a sink joins these.
  fileprivate func joining(_ sink: Tracked?) -> ArraySlice<Tracked> { sink == nil ? self : self + [Tracked(0)] }
}

/// The bound of sums of values by the softmax of some scores, over tiles of keys.
private struct OnlineBound {
  private let model: ArithmeticModel
  /// The exact weights, as intervals.
  private var weights: [(lower: Double, upper: Double)] = []
  /// Bounds of |eⱼ|, and of what an underflow adds to a weight.
  private var common: [Double] = []
  private let lost: Double
  /// The number of rescalings, and the roundings of the denominator.
  private let rescalings: Int
  private let sumError: Double
  /// At most the computed denominator as a part of the exact one, less 1 in magnitude.
  private let denominatorError: Double
  /// The logarithm of the sum of the scores' exponentials.
  private(set) var logarithmOfSum = Tracked.outside

  /// `nil` where nothing bounds it; there are so many `tiles` more than the scores fill.
  init?(_ scores: ArraySlice<Tracked>, keys: Int, tiles: Int = 0, in model: ArithmeticModel) {
    guard !scores.isEmpty, scores.allSatisfy({ $0.isFinite && $0.isReal }) else { return nil }
    self.model = model
    let (unit, count) = (model.unit, scores.count)
    rescalings = (count + keys - 1) / keys - 1 + tiles
    let functions: [ElementaryFunction] = model.uses(.exp2) ? (model.uses(.exp) ? [.exp, .exp2] : [.exp2]) : [.exp]
    let top = scores.map(\.computed.upper).max() ?? 0
    let reach = scores.map { max(0, Outward.sumUp(top, -$0.computed.lower)) }
    guard let function = model.exponentialError(reach: reach.max() ?? 0, by: functions),
      let gamma = model.gamma(min(count, min(keys, count) + rescalings))
    else { return nil }
    // No exponential that is not normal, or is taken as 0, is farther off than that, nor any of its rescalings.
    lost = (reach.max() ?? 0) < 86 ? 0 : Double(2 * (rescalings + 1)) * 0x1p-126
    sumError = Outward.exponentialLessOne(Outward.sumUp(gamma, Double(rescalings) * unit))
    for (score, reach) in zip(scores, reach) {
      let size = max(score.reach, abs(top))
      // Roundings of arguments, as parts of the differences from the greatest score and of scores.
      let rounded = model.uses(.exp2) ? 5 * reach + 2 * size + score.reach : 2 * reach
      let argument = Outward.sumUp(
        score.error,
        Outward.sumUp(
          Outward.productUp(rounded, unit * (1 + 8 * unit)), Double(2 * rescalings + 4) * model.underflow))
      common.append(
        Outward.exponentialLessOne(Outward.sumUp(argument, Outward.productUp(Double(rescalings + 1), function))))
    }
    let exact = scores.map { Tracked(lower: $0.lower, upper: $0.upper, error: 0) }
    let exponentials = ArithmeticModel.f32.lessGreatest(exact[...]).map { ArithmeticModel.f32.exponential($0) }
    let sum = exponentials.reduce((lower: 0.0, upper: 0.0)) {
      (Outward.sumDown($0.lower, max(0, $1.lower)), Outward.sumUp($0.upper, $1.upper))
    }
    guard sum.lower > 0, exponentials.allSatisfy({ $0.isReal }) else { return nil }
    weights = exponentials.map {
      (Outward.quotientDown(max(0, $0.lower), sum.upper), min(1, Outward.quotientUp($0.upper, sum.lower)))
    }
    var strayed = 0.0
    for (weight, common) in zip(weights, common) {
      let own = Outward.sumUp(Outward.sumUp(common, sumError), Outward.productUp(common, sumError))
      strayed = Outward.sumUp(
        strayed, Outward.sumUp(Outward.productUp(weight.upper, own), Outward.productUp(lost, 1 + sumError)))
    }
    denominatorError = strayed
    guard strayed < 1 else { return nil }
    logarithmOfSum = logarithm(of: sum, exact)
  }

  /// The logarithm of the scores' sum, which is the greatest score and the logarithm of the denominator, perhaps with conversions
  /// from and to base 2.
  private func logarithm(of sum: (lower: Double, upper: Double), _ scores: [Tracked]) -> Tracked {
    let shift = scores.reduce((lower: -Double.infinity, upper: -Double.infinity)) {
      (max($0.lower, $1.lower), max($0.upper, $1.upper))
    }
    let logarithm = model.logarithm(Tracked(lower: sum.lower, upper: sum.upper, error: 0))
    guard !logarithm.isOutside else { return .outside }
    let exact = Tracked(
      lower: Outward.sumDown(shift.lower, logarithm.lower), upper: Outward.sumUp(shift.upper, logarithm.upper), error: 0
    )
    let relative = Outward.quotientUp(denominatorError, Outward.sumDown(1, -denominatorError))
    let sizes = Outward.sumUp(
      Outward.sumUp(max(abs(shift.lower), abs(shift.upper)), exact.magnitude), logarithm.magnitude)
    return exact.widened(
      by: Outward.sumUp(
        Outward.sumUp(relative, 2 * logarithm.error), Outward.productUp(4 * model.unit * (1 + 8 * model.unit), sizes)))
  }

  /// The results for `columns` of values, whose weights are cast to the operands' format first where a kernel `casts` them; `nil` where nothing
  /// bounds them.
  func values(_ columns: [ArraySlice<Tracked>], casts: Bool) -> [Tracked]? {
    let count = weights.count
    guard
      let sums = casts
        ? model.matrixRoundings(terms: count, tiles: rescalings + 1) : model.gamma(count).map({ ($0, 0) })
    else { return nil }
    let cast = casts ? castError : (relative: 0, absolute: 0)
    let relative = Outward.exponentialLessOne(
      Outward.sumUp(Outward.sumUp(sums.0, cast.relative), Double(rescalings) * model.unit))
    return columns.map { value(Array($0), relative: relative, cast: cast.absolute, absolute: sums.1) }
  }

  /// The error of a weight's cast, as a part of it and below the normal numbers.
  private var castError: (relative: Double, absolute: Double) {
    let (format, isCut) = (model.operands, model.factors != nil || model.isFaithful)
    guard format != model.accumulation, model.factors != nil || model.matrixUnit != nil || model.steps != .kept else {
      return (0, 0)
    }
    let half = format.spacing(atMagnitude: 1) / 2
    return (isCut ? 2 * half : half, format.spacing(atMagnitude: 0) / (isCut ? 1 : 2))
  }

  private func value(_ values: [Tracked], relative: Double, cast: Double, absolute: Double) -> Tracked {
    guard values.allSatisfy({ $0.isFinite && $0.isReal }) else { return .outside }
    var (lower, upper, greatest, all) = (0.0, 0.0, 0.0, 0.0)
    for (weight, value) in zip(weights, values) {
      lower = Outward.sumDown(lower, Outward.productDown(value.lower < 0 ? weight.upper : weight.lower, value.lower))
      upper = Outward.sumUp(upper, Outward.productUp(value.upper > 0 ? weight.upper : weight.lower, value.upper))
      greatest = max(greatest, value.reach)
      all = Outward.sumUp(all, value.reach)
    }
    let exact = Tracked(lower: lower, upper: upper, error: 0)
    guard 2 * all <= model.accumulation.greatest else { return .outside }
    var strayed = Outward.productUp(absolute, greatest + 1)
    for ((weight, common), value) in zip(zip(weights, common), values) {
      let from = max(Outward.sumUp(value.upper, -lower), Outward.sumUp(upper, -value.lower), 0)
      let apart = Outward.sumUp(Outward.productUp(weight.upper, common), lost)
      let size = Outward.sumUp(weight.upper, apart)
      let own = Outward.sumUp(
        Outward.productUp(relative, value.reach), Outward.productUp(sumError, exact.magnitude))
      let inherited = Outward.sumUp(
        Outward.productUp(value.error, 1 + relative), own)
      // A cast below the normal numbers is of a weight beside the greatest so far, whose rescaling is at most 1 but for its error.
      let below = Outward.productUp(cast * (1 + common), value.reach)
      strayed = Outward.sumUp(
        strayed,
        Outward.sumUp(Outward.productUp(apart, from), Outward.sumUp(Outward.productUp(size, inherited), below)))
    }
    strayed = Outward.sumUp(strayed, Double(4 * values.count) * model.underflow)
    let error = Outward.quotientUp(strayed, Outward.sumDown(1, -denominatorError))
    return model.underflowing(model.roundedTwice(exact.widened(by: error)), times: 3)
  }
}
