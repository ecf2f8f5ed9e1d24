import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// The softmax of each row over the positions that the mask allows: the engine's declared accuracy before its one
  /// rounding.
  ///
  /// Elements that the mask excludes are 0 on both sides. Row 0 of the tokens stands at `firstPosition`.
  static func softmax(
    _ scores: Activation<Float>, _ layer: AttentionLayer, firstPosition: Int = 0, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    // Excluded scores are −∞ in the engine and hold no value in the reference.
    let (tokens, positions) = (scores.shape[1], scores.shape[2])
    let allowed = Activation<Float>(
      shape: scores.shape,
      elements: scores.elements.indices.map { index in
        layer.allows(query: firstPosition + index / positions % tokens, key: index % positions)
          ? scores.elements[index] : 0
      })
    guard let inputs = allowed.asBalls else { return nil }
    let exact = try Reference.softmax(inputs, layer, firstPosition: firstPosition, precision: precision)
    return expectation(exact, terms: layer.terms(positions))
  }

  /// The softmax of each whole row, in which an element of −∞ gives 0, as a mask has it.
  ///
  /// *Edge cases*: nothing is claimed of a row of −∞ alone.
  package static func softmax(_ x: Activation<Float>, precision: Int) throws(EnclosureError) -> Expectation? {
    guard let inputs = x.map({ $0 == -.infinity ? 0 : $0 }).asBalls else { return nil }
    let exact = try Reference.softmax(inputs, precision: precision) { x.elements[$0 * x.columns + $1] != -.infinity }
    let expectation = expectation(exact, terms: x.columns)
    let masked = (0..<x.rows).map { x.row($0).allSatisfy { $0 == -.infinity } }
    return masked.contains(true)
      ? Expectation(
        exact: expectation.exact,
        bounds: expectation.bounds.enumerated().map { masked[$0 / x.columns] ? nil : $1 })
      : expectation
  }

  /// The elements at `places` alone of the softmax of a row `[columns]`, over those columns that `isAllowed` and a `sink`, where there
  /// is one.
  package static func softmax(
    _ row: Activation<Float>, places: [Int], sink: Float? = nil, precision: Int, isAllowed: (Int) -> Bool
  ) throws(EnclosureError) -> Expectation? {
    let allowed = row.elements.indices.filter(isAllowed)
    let elements = allowed.map { row.elements[$0] } + (sink.map { [$0] } ?? [])
    let seen = Activation<Float>(shape: [elements.count], elements: elements)
    guard let inputs = seen.asBalls else { return nil }
    let ranks = places.map { allowed.firstIndex(of: $0) }
    let wanted = ranks.compactMap { $0 }
    var values = enclosures(inputs.elements, seen.elements, wanted, precision: precision).makeIterator()
    let exact = ranks.map { $0 == nil ? Ball(0) : values.next() ?? Ball(0) }
    return expectation(
      Activation(shape: [places.count], elements: exact), terms: row.columns + (sink == nil ? 0 : 1))
  }

  /// Elements `places` of the softmax of a whole row, of which `floats` are the values.
  ///
  /// A row's exponentials are computed together, to so many bits after the point that the least element wanted has `precision` of
  /// its own: it is at least e^(least − greatest) over 2^24 elements, and log₂ e is below 1.5. The next
  /// precision decides where that is too little, as 256 bits more may be.
  ///
  /// - Precondition: `precision` is at least 64.
  private static func enclosures(
    _ row: [Ball], _ floats: [Float], _ places: [Int], precision: Int
  ) -> [Ball] {
    guard let greatest = floats.max(), let least = places.lazy.map({ floats[$0] }).min() else { return [] }
    let depth = min((Double(greatest) - Double(least)) * 1.5, 256)
    let working = precision + Int(depth) + 24
    precondition(precision >= 64, "a softmax of \(precision) bits")
    // Float32s are below 2^128, and working + 80 is 168 or more: radii are far below the 1/32 that a row's softmax asks for.
    let balls = BallRow(row, precision: working + 80)
    let weights = balls.softmax(allowed: Array(row.indices), precision: working)
    return places.map { place in
      let weight = weights[place]
      // Rounding may have left [0, 1], which the softmax never does.
      return Ball(lower: max(0, weight.lower), upper: min(1, weight.upper))
    }
  }

  private static func expectation(_ exact: Activation<Ball>, terms: Int) -> Expectation {
    let relative = Engine.softmaxRelativeError(terms: terms).rational
    return Expectation(
      exact: exact,
      bounds: exact.elements.map { ball in
        // The declared accuracy is proved for rows of fewer than 2²⁴ elements.
        guard terms < 1 << 24 else { return nil }
        return ball.isExact
          ? Tolerance.oneRounding(of: ball) : Tolerance.oneRounding(of: ball, relativeError: relative)
      })
  }
}

extension AttentionLayer {
  /// The number of terms of a softmax over so many positions.
  func terms(_ positions: Int) -> Int { positions + (sinks == nil ? 0 : 1) }
}
