// Elementary functions: computed within `elementaryUlps`, or what `functions` publishes, of the exact value at the computed
// argument x̂, which is within A of the exact x; an ulp is the spacing of `accumulation` in the binade of that value. How far
// f(x̂) is from f(x) follows from the mean value theorem with the greatest slope between the two.
extension ArithmeticModel {
  /// e^x.
  ///
  /// *Error bound*: |e^x̂ − e^x| = e^x·|e^(x̂ − x) − 1| ≤ e^x·(e^A − 1), and no more than the greater of the two; and the
  /// ulps. e^−∞ is 0.
  package func exponential(_ x: Tracked) -> Tracked { exponential(x, by: [.exp]) }

  /// e^x by any of `functions`.
  package func exponential(_ x: Tracked, by functions: [ElementaryFunction]) -> Tracked {
    if x.isOutside { return x }
    if x.isExact && x.upper == 0 { return Tracked(1) }
    if x.upper == -.infinity { return Tracked(0).joined(x.specials.subtracting(.minusInfinity)) }
    let (lower, upper) = (Outward.exponential(x.lower).lower, Outward.exponential(x.upper).upper)
    let value =
      upper <= Tracked.greatestReal
      ? function(functions, of: x, lower: lower, upper: upper, strayed: strayed(from: x, upper))
      : Tracked(lower: lower, upper: .infinity, error: 0, specials: .plusInfinity)
    return x.isFinite
      ? value
      : (x.specials.contains(.minusInfinity) ? value.or(0, 0) : value).joined(x.specials.subtracting(.minusInfinity))
  }

  /// The relative error of an exponential of an argument from −`reach` to 0, by any of `functions`, where its value is normal; `nil` where
  /// nothing is published.
  ///
  /// *Error bound*: an ulp is at most 2u of a number.
  package func exponentialError(reach: Double, by functions: [ElementaryFunction]) -> Double? {
    let unit = accumulation.spacing(atMagnitude: 1)
    return functions.reduce(0.0) { greatest, function in
      greatest.flatMap { greatest in
        step(of: function, from: -reach, to: 0, reach: 1, unit: unit).map { max(greatest, $0) }
      }
    }
  }

  /// The difference that the error of `x` makes to e^x, which is at most `upper`.
  private func strayed(from x: Tracked, _ upper: Double) -> Double {
    let strayed = Outward.productUp(upper, Outward.exponentialLessOne(x.error))
    return x.error > 1 ? min(strayed, Outward.exponential(x.computed.upper).upper) : strayed
  }

  /// log x.
  ///
  /// *Error bound*: |log x̂ − log x| ≤ A / min(x, x̂), and the ulps. Outside the domain where x̂ may be 0 or less.
  package func logarithm(_ x: Tracked) -> Tracked {
    if !x.isReal || x.lower <= 0 || x.computed.lower <= 0 { return .outside }
    if x.isExact && x.upper == 1 { return Tracked(0) }
    let value = function(
      [.log], of: x, lower: Outward.logarithm(x.lower).lower, upper: Outward.logarithm(x.upper).upper,
      strayed: Outward.quotientUp(x.error, x.computed.lower))
    return x.isFinite
      ? value
      : value.joined(
        x.specials.contains(.minusInfinity) ? x.specials.union(.nan).subtracting(.minusInfinity) : x.specials)
  }

  /// tanh x.
  ///
  /// *Error bound*: the slope 1/cosh² is at most 1 and at most 4·e^(−2|x|); then the ulps, of a number below 1.
  package func hyperbolicTangent(_ x: Tracked) -> Tracked {
    if x.isOutside || x.isExact && x.upper == 0 { return x }
    let slope = min(1, Outward.productUp(4, Outward.exponential(-2 * x.leastReach).upper))
    return saturated(
      function(
        [.tanh], of: x, lower: Outward.hyperbolicTangent(x.lower).lower,
        upper: Outward.hyperbolicTangent(x.upper).upper,
        strayed: Outward.productUp(slope, x.error), limit: 1), .tanh, from: x)
  }

  /// erf x.
  ///
  /// *Error bound*: the slope 2/√π·e^(−x²) is at most 1.1284·e^(−x²); then the ulps, of a number below 1.
  package func errorFunction(_ x: Tracked) -> Tracked {
    if x.isOutside || x.isExact && x.upper == 0 { return x }
    let least = x.leastReach
    let slope = Outward.productUp(1.1284, Outward.exponential(-Outward.productDown(least, least)).upper)
    return saturated(
      function(
        [.erf], of: x, lower: Outward.errorFunction(x.lower).lower, upper: Outward.errorFunction(x.upper).upper,
        strayed: Outward.productUp(slope, x.error), limit: 1), .erf, from: x)
  }

  /// `value`, of a function that is ±1 at ±∞ but for its ulps, with what an argument `x` that is not finite gives.
  private func saturated(_ value: Tracked, _ function: ElementaryFunction, from x: Tracked) -> Tracked {
    if x.isFinite { return value }
    let one = Outward.sumUp(
      1, step(of: function, from: 1, to: 1, reach: 1, unit: accumulation.spacing(atMagnitude: 1) / 2) ?? 1)
    let ends = (
      lower: x.specials.contains(.minusInfinity) ? -one : value.upper,
      upper: x.specials.contains(.plusInfinity) ? one : value.lower
    )
    return value.or(ends.lower, ends.upper).joined(x.specials.nan)
  }

  /// sin x and cos x.
  ///
  /// *Error bound*: the slopes are at most 1; then the ulps, of numbers of magnitude at most 1 that are 1 only where the
  /// cosine of 0 is.
  package func sineAndCosine(_ x: Tracked) -> (sine: Tracked, cosine: Tracked) {
    if !x.isReal { return (.outside, .outside) }
    if x.isExact && x.upper == 0 { return (x, Tracked(1)) }
    let strayed = min(2, x.error)
    // Neither changes by more than its argument does from the middle.
    let middle = x.lower + (x.upper - x.lower) / 2
    let width = max(Outward.sumUp(x.upper, -middle), Outward.sumUp(middle, -x.lower))
    func enclosed(_ name: ElementaryFunction, _ value: (lower: Double, upper: Double)) -> Tracked {
      function(
        [name], of: x, lower: max(-1, Outward.sumDown(value.lower, -width)),
        upper: min(1, Outward.sumUp(value.upper, width)),
        strayed: strayed, limit: 1)
    }
    let (sine, cosine) = Outward.sineAndCosine(middle)
    let specials: Tracked.Specials = x.isFinite ? [] : .nan
    return (enclosed(.sin, sine).joined(specials), enclosed(.cos, cosine).joined(specials))
  }

  /// The value of any of `functions` at `x`: `strayed` from the exact value for its argument's error, then the functions' own.
  ///
  /// Below a `limit` of 1 that it never reaches but where it is exact, a value lies in the binade below.
  private func function(
    _ functions: [ElementaryFunction], of x: Tracked, lower: Double, upper: Double, strayed: Double,
    limit: Double = .infinity
  ) -> Tracked {
    let exact = Tracked(lower: lower, upper: upper, error: strayed)
    if exact.isOutside { return .outside }
    let unit =
      exact.reach >= limit
      ? accumulation.spacing(atMagnitude: limit) / 2 : accumulation.spacing(atMagnitude: exact.reach)
    let computed = x.computed
    var step = 0.0
    for function in functions {
      guard
        let own = self.step(
          of: function, from: computed.lower, to: computed.upper, reach: exact.reach, unit: unit)
      else { return .outside }
      step = max(step, own)
    }
    return finished(exact, step: step, in: accumulation)
  }
}
