extension ArithmeticModel {
  /// An input of a layer: a number of `storage`, or rounded to one.
  ///
  /// *Error bound*: 0 where `storage` holds it. A subnormal number of `accumulation` may be read as 0 by a model that
  /// flushes.
  package func read(_ value: Float) -> Tracked {
    let value = Double(value)
    return value.isFinite ? rounded(Tracked(value), to: storage) : Tracked(value)
  }

  /// A number that a layer writes: rounded to `storage`, or perhaps stored where the layer is inside of a formula.
  package func result(_ value: Tracked) -> Tracked { isInside ? stored(value) : written(value) }

  private func written(_ value: Tracked) -> Tracked {
    replaysSums ? replayed(value, in: storage) : storage == accumulation ? value : rounded(value, to: storage)
  }

  /// A number that may stand in memory between two steps of a layer: rounded to `storage`.
  ///
  /// *Error bound*: covers a kernel that does not round there, too, as its error is only less.
  ///
  /// The exact number is the rounded one from here on, where every step is stored.
  package func stored(_ value: Tracked) -> Tracked {
    switch steps {
    case .perhaps: written(value)
    case .kept: value
    case .stored: replayed(value, in: storage)
    }
  }

  /// An element of a table that is computed beforehand: rounded to `tables`.
  ///
  /// *Error bound*: covers a kernel that does not round there, too.
  ///
  /// The exact number is the rounded one from here on, where every step is stored.
  package func tabled(_ value: Tracked) -> Tracked {
    if replaysSteps { return replayed(value, in: tables) }
    return tables == accumulation ? value : rounded(value, to: tables)
  }

  /// The real number that lies within one step of `value`, the literal nearest to it, as a kernel's constant.
  package func constant(_ value: Double) -> Tracked {
    rounded(Tracked(lower: value.nextDown, upper: value.nextUp, error: 0), to: accumulation)
  }

  /// An attribute of a layer, such as an epsilon, as a kernel's parameter.
  package func parameter(_ value: Double) -> Tracked { rounded(Tracked(value), to: accumulation) }

  /// The most by which a rounding moves a normal number, as a part of it.
  package var unit: Double { accumulation.roundoff * (isFaithful ? 2 : 1) }

  /// The most by which one underflow moves a number.
  package var underflow: Double { flushesToZero ? accumulation.leastNormal : 2 * accumulation.halfLeast }

  /// The most by which the last rounding moved a sum that is tracked as `sum`.
  package func roundingOfSum(_ sum: Tracked) -> Double {
    let flush = flushesToZero && sum.leastReach < accumulation.leastNormal ? accumulation.leastNormal : 0
    return max(rounding(at: sum.reach, in: accumulation), flush)
  }

  /// `value` as if its computed number were rounded twice more, but for underflow, or divided by its norm.
  package func roundedTwice(_ value: Tracked) -> Tracked {
    guard value.isReal else { return value }
    // An ulp is at most 2u of a number. (1 + u)² − 1 = u·(2 + u).
    let unit = max(unit, 2 * accumulation.roundoff * (functions?.divisionUlps ?? 0))
    return value.widened(by: Outward.productUp(value.reach, unit * (2 + unit)))
  }

  /// `x` as if its product with log₂ e were computed, of which the constant and the product are rounded.
  ///
  /// *Error bound*: (1 + u)² − 1 ≤ 2u·(1 + u) of x, and one underflow, less than 1/log₂ e of which is left.
  package func inBaseTwo(_ x: Tracked) -> Tracked {
    underflowing(x.widened(by: Outward.productUp(x.reach, 2 * unit * (1 + unit))), times: 1)
  }

  /// `value` with what `count` underflows add to it.
  package func underflowing(_ value: Tracked, times count: Int) -> Tracked {
    value.widened(by: Outward.productUp(Double(count), underflow))
  }

  /// A factor of a matrix product: rounded or cut to `factors`, where there is such a format.
  ///
  /// *Error bound*: less than one spacing, whichever neighbour is taken. A matrix unit takes numbers of `storage`: one
  /// that no step stored is rounded to it first. Quantised inputs, and the weights beside them, are taken as they are.
  package func factor(_ value: Tracked) -> Tracked {
    if quantiser != nil { return value }
    guard let factors else { return matrixUnit == nil || steps != .kept ? value : rounded(value, to: storage) }
    if value.isExact && factors.holds(value.upper) { return value }
    guard value.isReal else { return value }
    return finished(value, step: factors.spacing(atMagnitude: value.reach), in: factors)
  }

  /// `value`, which an operation has before its rounding, rounded once to `format`.
  ///
  /// *Error bound*: half the spacing at the greatest number that `value` may be; all of it for a faithful rounding; 0
  /// where the value is known exactly and `format` holds it.
  package func rounded(_ value: Tracked, to format: FloatFormat) -> Tracked {
    guard value.isReal else { return value }
    let isHeld = value.isExact && format.holds(value.upper)
    return finished(value, step: isHeld ? 0 : rounding(at: value.reach, in: format), in: format, isRounding: true)
  }

  /// The most by which a rounding may move a number of at most `reach`.
  func rounding(at reach: Double, in format: FloatFormat) -> Double {
    // Half a spacing that is the least Double's is no Double, but no format here is as wide. To nearest, 0 is no nearer;
    // far below every format that is not said to the last, so that the filter can tell such numbers apart.
    isFaithful
      ? format.spacing(atMagnitude: reach) : min(max(reach, 0x1p-700), format.spacing(atMagnitude: reach) * 0.5)
  }

  /// `value` moved by at most `step`, by a rounding of the arithmetic's or in another way; or flushed to zero, or beyond the
  /// greatest number of `format`.
  ///
  /// A number that is flushed was, or was rounded to, a number below the least normal one λ of `accumulation`, so that
  /// it moves by at most λ, and by itself. An operand that is flushed as it is read was a result that could have been
  /// flushed before, or an input, of which `read` says so: later steps need not count it again.
  func finished(_ value: Tracked, step: Double, in format: FloatFormat, isRounding: Bool = false) -> Tracked {
    guard value.isReal else { return value }
    let reach = value.reach
    let isFlushed = flushesToZero && reach > 0 && value.leastReach < accumulation.leastNormal
    let flush = isFlushed ? min(reach, accumulation.leastNormal) : 0
    let moved = value.widened(by: max(step, flush))
    guard Outward.sumUp(reach, step) > format.greatest else { return moved }
    // To nearest only those round to an infinity that lie half a spacing beyond the greatest number.
    let isNearest = isRounding && !isFaithful
    let limit = isNearest ? format.greatest + format.spacing(atMagnitude: format.greatest) / 2 : format.greatest
    func exceeds(_ end: Double) -> Bool { isNearest ? end >= limit : Outward.sumUp(end, step) > limit }
    let beyond = (plus: exceeds(value.computed.upper), minus: exceeds(-value.computed.lower))
    return beyond.plus || beyond.minus ? overflowing(moved, beyond, in: format) : moved
  }

  /// `value`, which may be beyond the greatest number of `format` in some directions.
  ///
  /// *Edge cases*: without infinities it is NaN then; where conversions saturate, or a rounding may point to 0, the greatest
  /// number.
  func overflowing(_ value: Tracked, _ beyond: (plus: Bool, minus: Bool), in format: FloatFormat) -> Tracked {
    let isCut = format.saturates || isFaithful
    let value =
      isCut
      ? value.or(beyond.minus ? -format.greatest : value.upper, beyond.plus ? format.greatest : value.lower) : value
    if format.saturates { return value }
    return value.joined(
      format.hasInfinities ? .infinity(isNegative: beyond.minus, isPositive: beyond.plus) : .nan)
  }
}
