// The four operations and the root, each rounded once: fl(a ∘ b) is a number of `accumulation` next to a ∘ b (Higham,
// *Accuracy and Stability of Numerical Algorithms*, section 2.2; in the model of IEEE 754, section 4.3 of the standard).
// With â and b̂ the computed operands, within A and B of the exact a and b, each rule bounds |â ∘ b̂ − a ∘ b| and adds the
// rounding of â ∘ b̂. A product that is fused with the addition after it is rounded less, and so is within too.
extension ArithmeticModel {
  /// The sum.
  ///
  /// *Error bound*: A + B, and one rounding.
  package func sum(_ a: Tracked, _ b: Tracked) -> Tracked {
    if a.isOutside || b.isOutside { return .outside }
    if let replayed = replayed(a, b, +) { return replayed }
    return rounded(
      Tracked(
        lower: Outward.sumDown(a.lower, b.lower), upper: Outward.sumUp(a.upper, b.upper),
        error: Outward.sumUp(a.error, b.error), specials: a.isFinite && b.isFinite ? [] : a.specials(plus: b)),
      to: accumulation)
  }

  /// The difference a − b.
  ///
  /// *Error bound*: as the sum's.
  package func difference(_ a: Tracked, _ b: Tracked) -> Tracked { sum(a, -b) }

  /// The product.
  ///
  /// *Error bound*: |a|·B + A·(|b| + B), and one rounding; none where a factor is a power of two, unless the result may
  /// be subnormal.
  package func product(_ a: Tracked, _ b: Tracked) -> Tracked {
    if a.isOutside || b.isOutside { return .outside }
    if let replayed = replayed(a, b, *) { return replayed }
    let exact = unrounded(a, b)
    guard isPowerOfTwo(a) || isPowerOfTwo(b), exact.isReal else { return rounded(exact, to: accumulation) }
    let isHeld =
      exact.leastReach >= accumulation.leastNormal || exact.isExact && accumulation.holds(exact.upper)
    let step = isHeld ? 0 : accumulation.halfLeast * (isFaithful ? 2 : 1)
    return finished(exact, step: step, in: accumulation, isRounding: true)
  }

  /// The product before it is rounded.
  func unrounded(_ a: Tracked, _ b: Tracked) -> Tracked {
    if !a.isFinite || !b.isFinite { return special(a, b) }
    return finite(a, b)
  }

  /// The product of numbers that may not be finite.
  ///
  /// *Edge cases*: 0 times an exact infinity is not defined; times a number beyond what a Double bounds it is 0.
  private func special(_ a: Tracked, _ b: Tracked) -> Tracked {
    if a.isOutside || b.isOutside { return .outside }
    let specials = a.specials(times: b)
    if a.isReal && b.isReal { return finite(a, b).joined(specials) }
    func ends(_ x: Double, _ y: Double, isInfinite: Bool) -> Double {
      x == 0 || y == 0 ? (isInfinite ? .nan : 0) : x * y
    }
    let isInfinite = a.lower == a.upper && !a.isReal || b.lower == b.upper && !b.isReal
    let products = [(a.lower, b.lower), (a.lower, b.upper), (a.upper, b.lower), (a.upper, b.upper)]
      .map { ends($0, $1, isInfinite: isInfinite) }
    if products.contains(where: \.isNaN) { return .outside }
    // A product of a finite end, too, is moved past its rounding.
    return Tracked(
      lower: products.reduce(.infinity, min).nextDown, upper: products.reduce(-.infinity, max).nextUp, error: 0,
      specials: specials)
  }

  /// The product of the finite parts.
  private func finite(_ a: Tracked, _ b: Tracked) -> Tracked {
    let error = Outward.sumUp(
      Outward.productUp(a.magnitude, b.error), Outward.productUp(a.error, b.reach))
    if a.lower == a.upper { return unrounded(a.lower, b, error: error) }
    if b.lower == b.upper { return unrounded(b.lower, a, error: error) }
    return Tracked(
      lower: min(
        Outward.productDown(a.lower, b.lower), Outward.productDown(a.lower, b.upper),
        Outward.productDown(a.upper, b.lower), Outward.productDown(a.upper, b.upper)),
      upper: max(
        Outward.productUp(a.lower, b.lower), Outward.productUp(a.lower, b.upper), Outward.productUp(a.upper, b.lower),
        Outward.productUp(a.upper, b.upper)), error: error)
  }

  /// The product of one number and those of an interval, whose ends are ordered by the number's sign.
  private func unrounded(_ a: Double, _ b: Tracked, error: Double) -> Tracked {
    let (first, last) = a < 0 ? (b.upper, b.lower) : (b.lower, b.upper)
    return Tracked(lower: Outward.productDown(a, first), upper: Outward.productUp(a, last), error: error)
  }

  private func isPowerOfTwo(_ a: Tracked) -> Bool { a.isExact && a.upper != 0 && a.upper.significandWidth == 0 }

  /// The quotient a / b.
  ///
  /// *Error bound*: with b̂ the computed divisor, â/b̂ − a/b = ((â − a) − (a/b)·(b̂ − b))/b̂, which is at most
  /// (A + |a/b|·B)/|b̂|; and one rounding. A finite number over an infinity is 0. Outside the domain where the divisor may
  /// be 0.
  package func quotient(_ a: Tracked, _ b: Tracked) -> Tracked {
    if a.isOutside || b.isOutside || b.leastReach <= 0 || b.leastMagnitude <= 0 { return .outside }
    if b.upper < 0 { return quotient(-a, -b) }
    if !a.isFinite || !b.isFinite { return specialQuotient(a, b) }
    return divided(finiteQuotient(a, b), by: b)
  }

  /// The quotient `exact` by `divisor`, rounded, or within the ulps of a division that is not correctly rounded.
  private func divided(_ exact: Tracked, by divisor: Tracked) -> Tracked {
    guard let ulps = functions?.divisionUlps, exact.isReal else { return rounded(exact, to: accumulation) }
    if divisor.leastReach < 0x1p-126 { return .outside }
    let step = Outward.productUp(ulps, accumulation.spacing(atMagnitude: exact.reach))
    let value = finished(exact, step: step, in: accumulation)
    if divisor.reach <= 0x1p126 { return value }
    return value.or(0, 0).joined(value.specials.isDisjoint(with: .infinities) ? [] : .nan)
  }

  /// The quotient of the finite parts, before it is rounded, by a positive number.
  private func finiteQuotient(_ a: Tracked, _ b: Tracked) -> Tracked {
    let exact = Tracked(
      lower: Outward.quotientDown(a.lower, a.lower < 0 ? b.lower : b.upper),
      upper: Outward.quotientUp(a.upper, a.upper < 0 ? b.upper : b.lower), error: 0)
    let inherited = Outward.quotientUp(
      Outward.sumUp(a.error, Outward.productUp(exact.magnitude, b.error)), b.leastReach)
    return exact.widened(by: inherited)
  }

  /// The quotient of numbers that may not be finite, by a positive one.
  private func specialQuotient(_ a: Tracked, _ b: Tracked) -> Tracked {
    var exact =
      a.isReal && b.isReal
      ? finiteQuotient(a, b)
      : Tracked(
        lower: (a.lower / (a.lower < 0 ? b.lower : b.upper)).nextDown,
        upper: (a.upper / (a.upper < 0 ? b.upper : b.lower)).nextUp, error: 0, specials: a.isReal ? [] : .all)
    if a.isReal && !b.specials.isDisjoint(with: .infinities) { exact = exact.or(0, 0) }
    if exact.isOutside { return .outside }
    return divided(
      Tracked(lower: exact.lower, upper: exact.upper, error: exact.error, specials: a.specials(over: b)), by: b)
  }

  /// The quotient a / b, or the product of a with the rounded 1 / b.
  ///
  /// *Error bound*: the greater of the two.
  package func quotientOrReciprocal(_ a: Tracked, _ b: Tracked) -> Tracked {
    let (quotient, product) = (quotient(a, b), product(a, quotient(Tracked(1), b)))
    return replaysSums ? quotient.or(product) : quotient.orAs(product)
  }

  /// The square root of `a`, which is computed as no less than `least`.
  ///
  /// *Error bound*: |√â − √a| = |â − a|/(√â + √a) ≤ A/(√â + √a), and ≤ √A; then one rounding. Outside the domain where
  /// the computed operand may be negative.
  package func squareRoot(_ a: Tracked, computedAtLeast least: Double = -.infinity) -> Tracked {
    let computed = max(a.computed.lower, least)
    if a.isOutside || computed < 0 || a.upper < 0 { return .outside }
    let exact = Tracked(
      lower: Outward.rootDown(max(0, a.lower)), upper: Outward.rootUp(a.upper), error: 0,
      specials: a.specials.contains(.minusInfinity) ? a.specials.union(.nan).subtracting(.minusInfinity) : a.specials)
    var inherited = Outward.rootUp(a.error)
    let divisor = Outward.sumDown(Outward.rootDown(computed), exact.lower)
    if divisor > 0 { inherited = min(inherited, Outward.quotientUp(a.error, divisor)) }
    let root = exact.widened(by: inherited)
    guard let ulps = functions?.rootUlps, exact.isReal, !exact.isExact || exact.upper != 0 else {
      return rounded(root, to: accumulation)
    }
    return finished(
      root, step: Outward.productUp(ulps, accumulation.spacing(atMagnitude: root.reach)), in: accumulation)
  }

  /// The reciprocal square root of `a`, which is computed as no less than `least`: as 1/√a with two roundings, or by an
  /// elementary function.
  ///
  /// *Error bound*: 1/√â − 1/√a = (a − â)/(√a·√â·(√a + √â)) is at most A over that divisor, and no more than the greater
  /// of the two; the roundings are (1 + δ)/(1 + δ′) − 1 ≤ 2u/(1 − u), or the ulps of an elementary function. Outside the
  /// domain where the operand may be 0 or less.
  package func reciprocalSquareRoot(_ a: Tracked, computedAtLeast least: Double = 0) -> Tracked {
    let computed = max(a.computed.lower, least)
    if a.isOutside || computed <= 0 || a.lower <= 0 || !a.isReal { return .outside }
    let (root, computedRoot) = (Outward.rootDown(a.lower), Outward.rootDown(computed))
    let exact = Tracked(
      lower: Outward.quotientDown(1, Outward.rootUp(a.upper)), upper: Outward.quotientUp(1, root), error: 0)
    let greatest = max(exact.upper, Outward.quotientUp(1, computedRoot))
    let divisor = Outward.productDown(
      Outward.productDown(root, computedRoot), Outward.sumDown(root, computedRoot))
    let inherited = divisor > 0 ? min(greatest, Outward.quotientUp(a.error, divisor)) : greatest
    let twice = Outward.productUp(greatest, Outward.quotientUp(2 * unit, 1 - unit))
    guard
      let own = step(
        of: .reciprocalRoot, from: computed, to: max(computed, a.computed.upper), reach: greatest,
        unit: accumulation.spacing(atMagnitude: greatest))
    else { return .outside }
    var value = finished(exact.widened(by: inherited), step: max(twice, own), in: accumulation)
    // Neither the root nor the division is rounded correctly.
    if functions?.rootUlps != nil { value = value.orAs(quotient(Tracked(1), squareRoot(a, computedAtLeast: least))) }
    if a.isFinite { return value }
    let isNotANumber = a.specials.contains(.minusInfinity) || a.specials.contains(.nan)
    return (a.specials.contains(.plusInfinity) ? value.or(0, 0) : value).joined(isNotANumber ? .nan : [])
  }
}
