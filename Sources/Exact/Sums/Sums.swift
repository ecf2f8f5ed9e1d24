// Generic entry points are inlinable, for a loop over a collection of unknown type costs as much as its arithmetic.

extension Rational {
  /// Σ aᵢ·bᵢ of Float32 numbers, exactly.
  ///
  /// - Precondition: both have the same count, and every element is finite.
  package static func dot(_ a: Span<Float>, _ b: Span<Float>) -> Rational {
    precondition(a.count == b.count, "Rational.dot: \(a.count) elements times \(b.count)")
    var sum = LongAccumulator()
    for index in a.indices { sum.addProduct(a[index], b[index]) }
    return sum.value
  }

  /// Σ aᵢ·bᵢ, exactly.
  ///
  /// - Precondition: both have the same count.
  @inlinable package static func dot(_ a: some Collection<Rational>, _ b: some Collection<Rational>) -> Rational {
    precondition(a.count == b.count, "Rational.dot: \(a.count) elements times \(b.count)")
    var sum = ExactSum()
    for (x, y) in zip(a, b) { sum.addProduct(x, y) }
    return sum.value
  }

  /// Σ termᵢ, exactly.
  @inlinable package static func sum(_ terms: some Sequence<Rational>) -> Rational {
    var sum = ExactSum()
    for term in terms { sum.add(term) }
    return sum.value
  }
}

extension Ball {
  /// A ball that contains every Σ xᵢ·yᵢ; its midpoint is the exact dot product of the midpoints.
  ///
  /// - Precondition: both have the same count.
  @inlinable package static func dot(_ a: some Collection<Ball>, _ b: some Collection<Ball>) -> Ball {
    precondition(a.count == b.count, "Ball.dot: \(a.count) elements times \(b.count)")
    var sum = BallSum()
    for (x, y) in zip(a, b) { sum.addProduct(x, y) }
    return sum.value
  }

  /// The same of slices: as this module knows what an integer is made of, without asking it at every copy.
  package static func dot(_ a: ArraySlice<Ball>, _ b: ArraySlice<Ball>) -> Ball {
    precondition(a.count == b.count, "Ball.dot: \(a.count) elements times \(b.count)")
    var sum = BallSum()
    for index in 0..<a.count { sum.addProduct(a[a.startIndex + index], b[b.startIndex + index]) }
    return sum.value
  }

  /// The numbers Σ xᵢ.
  @inlinable package static func sum(_ terms: some Sequence<Ball>) -> Ball {
    var sum = BallSum()
    for term in terms { sum.add(term) }
    return sum.value
  }
}
