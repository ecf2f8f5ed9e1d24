import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// A block as a whole: the running error of its steps.
  ///
  /// - Returns: `nil` when an input is not finite.
  package static func block(_ x: Activation<Float>, _ block: Block, precision: Int) throws(EnclosureError)
    -> Expectation?
  {
    guard let inputs = x.asBalls else { return nil }
    let plan = Plan(block, hidden: x.columns)
    return try plan.run(from: (0, Expectation(exactly: inputs))) { step, inputs throws(EnclosureError) in
      try expectation(of: step, inputs, precision: precision)
    }
  }

  /// A sum of what the engine computed: A + B, then one rounding.
  static func residualAdd(_ x: Expectation, _ y: Expectation, precision: Int) -> Expectation {
    let exact = Reference.residualAdd(x.exact, y.exact, precision: precision)
    let bounds = exact.elements.indices.map { index -> Rational? in
      guard let a = x.bounds[index], let b = y.bounds[index] else { return nil }
      let ball = exact.elements[index]
      return a.isZero && b.isZero
        ? Tolerance.oneRounding(of: ball) : Tolerance.oneRounding(of: ball, relativeError: 0, absoluteError: a + b)
    }
    return Expectation(exact: exact, bounds: bounds)
  }

  /// Root-mean-square normalisation of what the engine computed: how far each element strays over the rows that their
  /// errors allow, then the engine's declared accuracy and one rounding.
  ///
  /// Outside the domain for a row that has an input outside, or that its errors do not tell from zeros.
  static func rmsNorm(_ x: Expectation, _ layer: RMSNormLayer, precision: Int) throws(EnclosureError) -> Expectation {
    let exact = try Reference.rmsNorm(x.exact, layer, precision: precision)
    let columns = exact.columns
    let widened = x.widened
    let declared = Engine.rmsNormRelativeError(terms: columns).rational
    // The weight's own error is relative to it; where 1 is added to it, to 1 + weight only where that is no smaller.
    let weight = Engine.weightRelativeError(of: layer.weight.type).rational
    guard !layer.addsOne || weight.isZero else {
      return Expectation(exact: exact, bounds: [Rational?](repeating: nil, count: exact.elements.count))
    }
    let relative = declared + weight + declared * weight
    let bounds = (0..<exact.rows).flatMap { row -> [Rational?] in
      let range = row * columns..<(row + 1) * columns
      let inputs = Activation(shape: [1, columns], elements: Array(widened.elements[range]))
      guard x.bounds[range].allSatisfy({ $0 != nil }),
        let reached = try? Reference.rmsNorm(inputs, layer, precision: 64)
      else { return [Rational?](repeating: nil, count: columns) }
      return zip(exact.row(row), reached.elements).map { here, there in
        Tolerance.oneRounding(
          of: here, relativeError: relative, absoluteError: here.distance(across: there) * (1 + relative))
      }
    }
    return Expectation(exact: exact, bounds: bounds)
  }

  /// Scaled scores of queries and keys that the engine computed: how far they stray over what their errors allow, and the
  /// bound of the sum itself at the greatest of both.
  static func attentionScores(
    _ query: Expectation, _ key: Expectation, _ layer: AttentionLayer, precision: Int
  ) throws(EnclosureError) -> Expectation {
    let exact = try Reference.attentionScores(query.exact, key.exact, layer.scalingOnly, precision: precision)
    let reached = try Reference.attentionScores(query.widened, key.widened, layer.scalingOnly, precision: 64)
    let unscaled = AttentionLayer(
      heads: layer.heads, keyValueHeads: layer.keyValueHeads, headSize: layer.headSize, isCausal: layer.isCausal,
      window: layer.window, windowAfter: layer.windowAfter, scale: 1)
    let magnitudes = try Reference.attentionScores(query.magnitudes, key.magnitudes, unscaled, precision: 64)
    let scale = try greatestScale(of: layer)
    let (tokens, positions, size) = (query.exact.shape[0], key.exact.shape[0], layer.headSize)
    let declared = Engine.attentionScaleRelativeError(layer).rational
    func isKnown(_ x: Expectation, row: Int) -> Bool {
      x.bounds[row * size..<(row + 1) * size].allSatisfy { $0 != nil }
    }
    let knownQueries = (0..<tokens * layer.heads).map { isKnown(query, row: $0) }
    let knownKeys = (0..<positions * layer.keyValueHeads).map { isKnown(key, row: $0) }
    let bounds = exact.elements.indices.map { index -> Rational? in
      let (head, token, position) = (index / positions / tokens, index / positions % tokens, index % positions)
      guard layer.allows(query: token, key: position) else { return 0 }
      guard knownQueries[token * layer.heads + head],
        knownKeys[position * layer.keyValueHeads + layer.keyValueHead(of: head)],
        let sum = summation(terms: size)?.bound(absoluteSum: magnitudes.elements[index].greatestMagnitude)
      else { return nil }
      let strayed = exact.elements[index].distance(across: reached.elements[index])
      return Tolerance.oneRounding(
        of: exact.elements[index], relativeError: declared, absoluteError: (strayed + sum * scale) * (1 + declared))
    }
    let scores = Expectation(exact: exact, bounds: bounds)
    return try finished(scores, layer, precision: precision)
  }
}
