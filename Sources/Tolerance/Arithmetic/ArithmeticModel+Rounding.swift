extension ArithmeticModel {
  /// An input of a layer: a number of `storage`, or rounded to one.
  ///
  /// *Error bound*: 0 where `storage` holds it. A subnormal number of `accumulation` may be read as 0 by a model that
  /// flushes.
  public func read(_ value: Float) -> Tracked {
    let value = Double(value)
    guard value.isFinite else { return .outside }
    return rounded(Tracked(value), to: storage)
  }

  /// A number that a layer writes, or that may stand in memory between two steps of it: rounded to `storage`.
  ///
  /// *Error bound*: covers a kernel that does not round there, too, as its error is only less.
  public func stored(_ value: Tracked) -> Tracked {
    storage == accumulation ? value : rounded(value, to: storage)
  }

  /// An element of a table that is computed beforehand: rounded to `tables`.
  ///
  /// *Error bound*: covers a kernel that does not round there, too.
  public func tabled(_ value: Tracked) -> Tracked { tables == accumulation ? value : rounded(value, to: tables) }

  /// The real number that lies within one step of `value`, the literal nearest to it, as a kernel's constant.
  public func constant(_ value: Double) -> Tracked {
    rounded(Tracked(lower: value.nextDown, upper: value.nextUp, error: 0), to: accumulation)
  }

  /// An attribute of a layer, such as an epsilon, as a kernel's parameter.
  public func parameter(_ value: Double) -> Tracked { rounded(Tracked(value), to: accumulation) }

  /// The most by which the last rounding moved a sum that is tracked as `sum`.
  package func roundingOfSum(_ sum: Tracked) -> Double {
    let flush = flushesToZero && sum.leastReach < accumulation.leastNormal ? accumulation.leastNormal : 0
    return max(rounding(at: sum.reach, in: accumulation), flush)
  }

  /// `value` as if its computed number were rounded twice more, but for underflow.
  package func roundedTwice(_ value: Tracked) -> Tracked {
    if value.isOutside { return value }
    // (1 + u)² − 1 = u·(2 + u).
    let unit = accumulation.roundoff * (isFaithful ? 2 : 1)
    return value.widened(by: Outward.productUp(value.reach, unit * (2 + unit)))
  }

  /// `value` with what `count` underflows add to it.
  package func underflowing(_ value: Tracked, times count: Int) -> Tracked {
    let each = flushesToZero ? accumulation.leastNormal : 2 * accumulation.halfLeast
    return value.isOutside ? value : value.widened(by: Outward.productUp(Double(count), each))
  }

  /// A factor of a matrix product: rounded or cut to `factors`, where there is such a format.
  ///
  /// *Error bound*: less than one spacing, whichever neighbour is taken.
  public func factor(_ value: Tracked) -> Tracked {
    guard let factors, !(value.isExact && factors.holds(value.upper)) else { return value }
    if value.isOutside { return value }
    return finished(value, step: factors.spacing(atMagnitude: value.reach), in: factors)
  }

  /// `value`, which an operation has before its rounding, rounded once to `format`.
  ///
  /// *Error bound*: half the spacing at the greatest number that `value` may be; all of it for a faithful rounding; 0
  /// where the value is known exactly and `format` holds it.
  func rounded(_ value: Tracked, to format: FloatFormat) -> Tracked {
    if value.isOutside { return value }
    let isHeld = value.isExact && format.holds(value.upper)
    return finished(value, step: isHeld ? 0 : rounding(at: value.reach, in: format), in: format)
  }

  /// The most by which a rounding may move a number of at most `reach`.
  func rounding(at reach: Double, in format: FloatFormat) -> Double {
    // Half a spacing that is the least Double's is no Double, but no format here is as wide.
    format.spacing(atMagnitude: reach) * (isFaithful ? 1 : 0.5)
  }

  /// `value` moved by at most `step`, or flushed to zero, or outside the domain where `format` may overflow.
  ///
  /// A number that is flushed was, or was rounded to, a number below the least normal one λ of `accumulation`, so that
  /// it moves by at most λ, and by itself. An operand that is flushed as it is read was a result that could have been
  /// flushed before, or an input, of which `read` says so: later steps need not count it again.
  func finished(_ value: Tracked, step: Double, in format: FloatFormat) -> Tracked {
    let reach = value.reach
    guard Outward.sumUp(reach, step) <= format.greatest else { return .outside }
    let isFlushed = flushesToZero && reach > 0 && value.leastReach < accumulation.leastNormal
    let flush = isFlushed ? min(reach, accumulation.leastNormal) : 0
    return value.widened(by: max(step, flush))
  }
}
