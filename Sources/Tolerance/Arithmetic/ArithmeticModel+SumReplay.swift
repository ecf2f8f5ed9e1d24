// Sums whose order is complete are replayed: of known terms the computed number is one of a few, each known bit by bit.
extension ArithmeticModel {
  /// The fusing of products with the additions after them, for people.
  var fusing: String {
    let fused = alwaysFuses ? "each product fused" : mayFuse ? "fused or not" : "never fused"
    return replaysSums ? "\(fused), replayed, so that exact values are those of these additions" : fused
  }

  /// Throws where `words` leave open what an addition gives; takes the word `fused` as that all products are.
  mutating func checkReplay(_ words: [String]) throws(ArithmeticError) {
    let isComplete =
      switch order {
      case .lanes: true
      case .tree: !mayFuse
      case .any, .blocks: false
      }
    guard isComplete else {
      throw ArithmeticError(
        problem: "'replayed' needs an order that fixes each addition: give 'order=sequence', 'order=N-lanes', or "
          + "'order=tree' with 'unfused'")
    }
    let others = [
      "splits=", "partials=", "sums=", "unit=", "activations=", "factors=", "faithful", "flush-to-zero", "functions=",
      "steps=",
    ]
    if let word = words.dropFirst().first(where: { word in others.contains { word.hasPrefix($0) } }) {
      throw ArithmeticError(problem: "'replayed' and '\(word)' are not bounded together: give one of them")
    }
    guard factors == nil, accumulation == .float32 else {
      throw ArithmeticError(problem: "'replayed' is of sums in Float32 of numbers as they are: give f32, bf16 or f16")
    }
    alwaysFuses = words.contains("fused")
  }

  /// The model without replay, for sums that are not known: parts of one must not be about different exact numbers.
  var unreplayed: ArithmeticModel {
    var model = self
    model.replaysSums = false
    return model
  }

  /// The one rounding of an operation on known numbers; `nil` where operations are not replayed, a number is not known, or the result is
  /// infinite.
  func replayed(_ a: Tracked, _ b: Tracked, _ operation: (Float, Float) -> Float) -> Tracked? {
    guard replaysSums, let operands = Self.known([a, b]) else { return nil }
    return Self.oneOf([operation(operands[0], operands[1])])
  }

  /// The sum of `terms` as the order gives it; `nil` where sums are not replayed, a term is not known, or a partial sum is infinite.
  func replayedTotal(_ terms: [Tracked]) -> Tracked? {
    guard replaysSums, let terms = Self.known(terms) else { return nil }
    return Self.oneOf(replays(0..<terms.count, from: nil, first: { terms[$0] }, adding: { $0 + terms[$1] }))
  }

  /// Σ aⱼ·bⱼ as the order gives it, and `bias` more where there is one, which the first lane begins with, or which is added after.
  ///
  /// All products are fused with the additions after them, or none, or either, as the model says.
  /// *Edge cases*: `nil` where sums are not replayed, a number is not known, or a partial sum is infinite or NaN.
  func replayedDot(_ a: [Tracked], _ b: [Tracked], bias: Tracked?) -> Tracked? {
    guard replaysSums, a.count == b.count, let x = Self.known(a), let y = Self.known(b),
      let start = Self.known(bias.map { [$0] } ?? [])
    else { return nil }
    let ways = alwaysFuses ? [true] : mayFuse ? [false, true] : [false]
    let sums = ways.flatMap { isFused in
      func add(_ sum: Float, _ place: Int) -> Float {
        isFused ? sum.addingProduct(x[place], y[place]) : sum + x[place] * y[place]
      }
      func all(from start: Float?) -> [Float] {
        replays(0..<x.count, from: start, first: { x[$0] * y[$0] }, adding: add)
      }
      return all(from: start.first) + (start.first.map { bias in all(from: nil).map { $0 + bias } } ?? [])
    }
    return Self.oneOf(sums)
  }

  /// The sums of the terms at `places`, the first of which joins `start`: one of each way that the order leaves open.
  private func replays(
    _ places: Range<Int>, from start: Float?, first: (Int) -> Float, adding add: (Float, Int) -> Float
  ) -> [Float] {
    guard case .lanes(let count) = order else {
      return [tree((start.map { [$0] } ?? []) + places.map(first))]
    }
    let lanes = (0..<max(1, min(count, places.count))).map { lane -> Float in
      let terms = stride(from: places.lowerBound + lane, to: places.upperBound, by: count)
      var sum = lane == 0 ? start : nil
      for place in terms { sum = sum.map { add($0, place) } ?? first(place) }
      return sum ?? 0
    }
    guard lanes.count > 1 else { return lanes }
    return [false, true].map { Self.pairwise(lanes, of: count, isAdjacent: $0, adding: +) }
  }

  private func tree(_ terms: [Float]) -> Float {
    guard terms.count > 1 else { return terms.first ?? 0 }
    let middle = (terms.count + 1) / 2
    return tree(Array(terms[..<middle])) + tree(Array(terms[middle...]))
  }

  /// The terms, where each is one known Float32.
  private static func known(_ terms: [Tracked]) -> [Float]? {
    var numbers: [Float] = []
    for term in terms {
      guard term.isExact, let number = Float(exactly: term.upper) else { return nil }
      numbers.append(number)
    }
    return numbers
  }

  /// Any number from the least to the greatest of `sums`; `nil` where one is not finite.
  private static func oneOf(_ sums: [Float]) -> Tracked? {
    guard let least = sums.min(), let greatest = sums.max(), sums.allSatisfy(\.isFinite) else { return nil }
    let (lower, upper) = (Double(least), Double(greatest))
    let middle = lower + (upper - lower) / 2
    let error = max(Outward.sumUp(upper, -middle), Outward.sumUp(middle, -lower))
    return Tracked(lower: middle, upper: middle, error: error)
  }
}
