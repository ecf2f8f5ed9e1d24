import PlumbEngine
import PlumbExact
import PlumbModel

// The layers of a pass, run by run, into a survey. Each gives what the layer's check asks the exact path for: the same exact
// value, and bounds of the same bound. False where an input is not finite, or the layer is one that only the exact path
// knows.
extension Filter {
  /// A number each, rounded once.
  static func survey(_ survey: inout LocalSurvey, embedding tokens: [Int], _ layer: EmbeddingLayer) -> Bool {
    let columns = layer.weight.columns
    var run = NearRun(count: columns, known: true)
    for (index, token) in tokens.enumerated() {
      guard layer.weight.writeRow(token, to: &run.values, from: 0, stride: 1) else { return false }
      run.boundExact()
      survey.add(0..<columns, of: run, at: index * columns)
    }
    return true
  }

  /// x + y, rounded once.
  static func survey(_ survey: inout LocalSurvey, sum x: Activation<Float>, _ y: Activation<Float>) -> Bool {
    surveyPairs(&survey, x, y) { ErrorFree.sum($0, $1) }
  }

  /// x·y, which Float64 holds, rounded once.
  static func survey(_ survey: inout LocalSurvey, product x: Activation<Float>, _ y: Activation<Float>) -> Bool {
    surveyPairs(&survey, x, y) { ($0 * $1, 0) }
  }

  /// The result for each pair, which two Float64s know exactly, rounded once.
  @inline(__always)
  private static func surveyPairs(
    _ survey: inout LocalSurvey, _ x: Activation<Float>, _ y: Activation<Float>,
    _ exact: (Double, Double) -> (sum: Double, rest: Double)
  ) -> Bool {
    guard isFinite(x.elements), isFinite(y.elements) else { return false }
    let size = SurveyMarks.greatestRun
    var run = NearRun(count: size, known: true)
    // Apart from the run, so that the loop knows that nobody else has them.
    var values = [Double](repeating: 0, count: size)
    var rests = values
    let (first, second) = (x.elements.span, y.elements.span)
    for start in stride(from: 0, to: first.count, by: size) {
      let count = min(size, first.count - start)
      for index in 0..<count {
        let known = exact(Double(first[start &+ index]), Double(second[start &+ index]))
        (values[index], rests[index]) = (known.sum, known.rest)
      }
      swap(&run.values, &values)
      swap(&run.rests, &rests)
      run.boundExact()
      survey.add(0..<count, of: run, at: start)
    }
    return true
  }

  /// x·f or x/f; the error is that of `scale`.
  static func survey(_ survey: inout LocalSurvey, scale x: Activation<Float>, _ layer: ScaleLayer) -> Bool {
    guard isFinite(x.elements), layer.factor > 0, layer.factor.isFinite else { return false }
    if Engine.scaleRelativeError(layer) == 0 {
      return self.survey(&survey, product: x, x.map { _ in layer.factor })
    }
    let size = SurveyMarks.greatestRun
    var run = NearRun(count: size)
    for start in stride(from: 0, to: x.elements.count, by: size) {
      let count = min(size, x.elements.count - start)
      for index in 0..<count { run.set(index, scaled(x.elements[start + index], layer)) }
      run.boundOneRounding(relativeError: Engine.scaleRelativeError(layer))
      survey.add(0..<count, of: run, at: start)
    }
    return true
  }

  /// x·σ(x); the error is that of `silu`.
  static func survey(_ survey: inout LocalSurvey, silu x: Activation<Float>) -> Bool {
    guard isFinite(x.elements) else { return false }
    let size = SurveyMarks.greatestRun
    var run = NearRun(count: size)
    for start in stride(from: 0, to: x.elements.count, by: size) {
      run.setLogistic(x.elements, from: start)
      run.boundOneRounding(relativeError: Engine.siluRelativeError)
      survey.add(0..<min(size, x.elements.count - start), of: run, at: start)
    }
    return true
  }

  /// Root-mean-square normalisation by weights that Float32 holds; the error is that of `rmsNorm`.
  static func survey(_ survey: inout LocalSurvey, rmsNorm x: Activation<Float>, _ layer: RMSNormLayer) -> Bool {
    let count = x.columns
    var weights = [Double](repeating: 0, count: count)
    guard isFinite(x.elements), 1..<1 << 20 ~= count, Engine.weightRelativeError(of: layer.weight.type) == 0,
      layer.weight.writeRow(0, to: &weights, from: 0, stride: 1), layer.epsilon.isFinite, layer.epsilon >= 0
    else { return false }
    if layer.addsOne { weights = weights.map { 1 + $0 } }
    let declared = Engine.rmsNormRelativeError(terms: count)
    var run = NearRun(count: count)
    var values = [Double](repeating: 0, count: count)
    var errors = values
    let elements = x.elements.span
    for row in 0..<x.rows {
      var squares = KeptSum()
      for column in 0..<count {
        let element = Double(elements[row &* count &+ column])
        squares.add(element * element)
      }
      let root = (squares.rounded / Double(count) + Double(layer.epsilon)).squareRoot()
      guard root > 0 else { return false }
      for column in 0..<count {
        let value = Double(elements[row &* count &+ column]) * weights[column] / root
        (values[column], errors[column]) = (value, value.magnitude * (7 * 0x1p-53))
      }
      swap(&run.values, &values)
      swap(&run.errors, &errors)
      run.boundOneRounding(relativeError: declared)
      survey.add(0..<count, of: run, at: row * count)
    }
    return true
  }

  /// The turning of pairs.
  ///
  /// *Error bound*: with u = 2⁻⁵³, cosine and sine are off by u; each product rounds once, and so does their sum, which is at
  /// most |a| + |b|: 3u·(|a| + |b|) and products of errors. Their own sum |a| + |b| rounds once. A power of two that the factor of
  /// cosine and sine does not exceed multiplies all.
  static func survey(
    _ survey: inout LocalSurvey, rotaryEmbedding x: Activation<Float>, _ layer: RotaryEmbeddingLayer,
    _ turns: RotaryTurns?
  ) -> Bool {
    guard let turns, isFinite(x.elements) else { return false }
    let (heads, headSize) = (x.shape[1], x.shape[2])
    let fastest = Engine.greatestRotaryFrequency(layer)
    var run = NearRun(count: layer.rotatedSize)
    for token in 0..<x.shape[0] {
      let angle = (Double(token) * fastest).nextUp
      guard angle <= 0x1p24 else { return false }
      let declared = Engine.rotaryError(angle: angle, layer)
      for start in stride(from: token * heads * headSize, to: (token + 1) * heads * headSize, by: headSize) {
        for index in 0..<headSize where !layer.rotated.contains(index) {
          let exact = Near(exactly: Double(x.elements[start + index]))
          survey.add(start + index, exact, .oneRounding(of: exact))
        }
        var isExact = false
        for index in 0..<turns.pairs {
          let (first, second) = layer.pair(index)
          let (a, b) = (Double(x.elements[start + first]), Double(x.elements[start + second]))
          let turn = turns.turns[token * turns.pairs + index]
          let size = a.magnitude + b.magnitude
          // A turn by no angle, and one of nothing, are exact.
          isExact = isExact || size == 0 || turn.isNothing
          for (place, value) in [
            (first, a * turn.cosine - b * turn.sine), (second, a * turn.sine + b * turn.cosine),
          ] {
            run.set(
              place - layer.firstRotated, Near(value, error: size * turns.reach * 0x1p-51), offBy: size * declared)
          }
        }
        run.boundRoundings(relativeError: 0)
        guard isExact else {
          survey.add(0..<layer.rotatedSize, of: run, at: start + layer.firstRotated)
          continue
        }
        for index in 0..<turns.pairs {
          let (first, second) = layer.pair(index)
          let isExact =
            turns.turns[token * turns.pairs + index].isNothing
            || x.elements[start + first] == 0 && x.elements[start + second] == 0
          for place in [first, second] {
            let within = place - layer.firstRotated
            if isExact {
              let exact = Near(exactly: run.values[within])
              survey.add(start + place, exact, .oneRounding(of: exact))
            } else {
              survey.add(within..<within + 1, of: run, at: start + place)
            }
          }
        }
      }
    }
    return true
  }

  /// The softmax of each row, over the positions that `layer` allows where there is one, and its sink; the error is that of `softmax`.
  static func survey(
    _ survey: inout LocalSurvey, softmax x: Activation<Float>, _ layer: AttentionLayer?
  ) -> Bool {
    let columns = x.columns
    guard 1..<1 << 20 ~= columns else { return false }
    let declared = Engine.softmaxRelativeError(terms: columns + (layer?.sinks == nil ? 0 : 1))
    let zeros = NearRun(count: columns, known: true)
    var run = NearRun(count: columns)
    for row in 0..<x.rows {
      let start = row * columns
      let seen = layer?.seenPositions(query: row % x.shape[1], of: columns) ?? [0..<columns]
      var end = 0
      for stretch in seen {
        survey.add(end..<stretch.lowerBound, of: zeros, at: start + end)
        end = stretch.upperBound
      }
      survey.add(end..<columns, of: zeros, at: start + end)
      let sink = layer?.sinks.map { [$0.logits[row / x.shape[1]]] } ?? []
      let elements = seen.flatMap { x.elements[start + $0.lowerBound..<start + $0.upperBound] } + sink
      guard isFinite(elements) else { return false }
      guard !elements.isEmpty else { continue }
      let (powers, sum, isLevel) = exponentials(elements[...])
      if isLevel {
        for place in seen.joined() {
          // 1/n: rational. Its bound may lack the declared error, which the exact path knows.
          if powers.count == 1 {
            survey.add(start + place, Near(exactly: 1), NearBound(lower: 0, upper: 0))
          } else {
            survey.addUnknown(start + place)
          }
        }
        continue
      }
      let total = sum.rounded
      for (place, power) in zip(seen.joined(), powers) {
        run.set(place, Near(power / total, error: power / total * 0x1p-50 + 0x1p-990))
      }
      run.boundOneRounding(relativeError: declared)
      for stretch in seen { survey.add(stretch, of: run, at: start + stretch.lowerBound) }
    }
    return true
  }
}

extension NearRun {
  /// Makes number `index` this one, without a rest, which is off by `absoluteError` before it is rounded.
  @inline(__always)
  mutating func set(_ index: Int, _ near: Near, offBy absoluteError: Double = 0) {
    values[index] = near.value
    errors[index] = near.error
    lower[index] = absoluteError
    upper[index] = absoluteError
  }
}

extension Tensor {
  /// Writes row `row` exactly, the element at j to `output`[`start` + `stride`·j]; false where one is not finite.
  package func writeRow(_ row: Int, to output: inout [Double], from start: Int, stride: Int) -> Bool {
    precondition(0..<rows ~= row, "row \(row) of tensor '\(name)', which has \(rows)")
    // Sound: the row lies within the tensor, all of whose bytes the pointer covers.
    return unsafe withUnsafeBytes { all in
      unsafe PanelSums.writeWeights(
        type.rawValue, UnsafeRawBufferPointer(rebasing: all[row * bytesPerRow..<(row + 1) * bytesPerRow]),
        count: columns, to: &output, from: start, stride: stride)
    }
  }
}
