import PlumbEngine
import PlumbExact
import PlumbModel

// The layers of a pass, element by element, into a survey. Each gives what the layer's check asks the exact path for:
// the same exact value, and bounds of the same bound. False where an input is not finite, or the layer is one that only the
// exact path knows.
extension Filter {
  /// A number each, rounded once.
  static func survey(_ survey: inout LocalSurvey, embedding tokens: [Int], _ layer: EmbeddingLayer) -> Bool {
    let columns = layer.weight.columns
    var row = [Double](repeating: 0, count: columns)
    for (index, token) in tokens.enumerated() {
      guard layer.weight.writeRow(token, to: &row, from: 0, stride: 1) else { return false }
      for column in 0..<columns {
        let exact = Near(exactly: row[column])
        survey.add(index * columns + column, exact, .oneRounding(of: exact))
      }
    }
    return true
  }

  /// x + y, rounded once.
  static func survey(_ survey: inout LocalSurvey, sum x: Activation<Float>, _ y: Activation<Float>) -> Bool {
    guard isFinite(x.elements), isFinite(y.elements) else { return false }
    for index in x.elements.indices {
      let exact = Near(sumOf: Double(x.elements[index]), Double(y.elements[index]))
      survey.add(index, exact, .oneRounding(of: exact))
    }
    return true
  }

  /// x·y, which Float64 holds, rounded once.
  static func survey(_ survey: inout LocalSurvey, product x: Activation<Float>, _ y: Activation<Float>) -> Bool {
    guard isFinite(x.elements), isFinite(y.elements) else { return false }
    for index in x.elements.indices {
      let exact = Near(exactly: Double(x.elements[index]) * Double(y.elements[index]))
      survey.add(index, exact, .oneRounding(of: exact))
    }
    return true
  }

  /// x·σ(x); the error is that of `silu`.
  static func survey(_ survey: inout LocalSurvey, silu x: Activation<Float>) -> Bool {
    guard isFinite(x.elements) else { return false }
    for (index, element) in x.elements.enumerated() {
      let exact = logistic(Double(element), of: Double(element).magnitude, 0)
      survey.add(index, exact, .oneRounding(of: exact, relativeError: Engine.siluRelativeError))
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
    for row in 0..<x.rows {
      var squares = KeptSum()
      for column in 0..<count {
        let element = Double(x.elements[row * count + column])
        squares.add(element * element)
      }
      let root = (squares.rounded / Double(count) + Double(layer.epsilon)).squareRoot()
      guard root > 0 else { return false }
      for column in 0..<count {
        let value = Double(x.elements[row * count + column]) * weights[column] / root
        let exact = Near(value, error: value.magnitude * (7 * 0x1p-53))
        survey.add(row * count + column, exact, .oneRounding(of: exact, relativeError: declared))
      }
    }
    return true
  }

  /// The turning of pairs.
  ///
  /// *Error bound*: with u = 2⁻⁵³, cosine and sine are off by u; each product rounds once, and so does their sum, which is at
  /// most |a| + |b|: 3u·(|a| + |b|) and products of errors. Their own sum |a| + |b| rounds once.
  static func survey(
    _ survey: inout LocalSurvey, rotaryEmbedding x: Activation<Float>, _ layer: RotaryEmbeddingLayer,
    _ turns: RotaryTurns?
  ) -> Bool {
    guard let turns, isFinite(x.elements) else { return false }
    let (heads, headSize) = (x.shape[1], x.shape[2])
    let fastest = (max(1, (1 / Double(layer.theta)).nextUp) / Double(layer.scalingFactor)).nextUp
    for token in 0..<x.shape[0] {
      let angle = (Double(token) * fastest).nextUp
      guard angle <= 0x1p24 else { return false }
      let declared = Engine.rotaryError(angle: angle, layer)
      for start in stride(from: token * heads * headSize, to: (token + 1) * heads * headSize, by: headSize) {
        for index in layer.rotatedSize..<headSize {
          let exact = Near(exactly: Double(x.elements[start + index]))
          survey.add(start + index, exact, .oneRounding(of: exact))
        }
        for index in 0..<turns.pairs {
          let (first, second) = (start + layer.pair(index).first, start + layer.pair(index).second)
          let (a, b) = (Double(x.elements[first]), Double(x.elements[second]))
          let turn = turns.turns[token * turns.pairs + index]
          let size = a.magnitude + b.magnitude
          let values = (a * turn.cosine - b * turn.sine, a * turn.sine + b * turn.cosine)
          // A turn by nothing, and one of nothing, are exact.
          let isExact = size == 0 || turn.isExact && turn.cosine == 1 && turn.sine == 0
          for (place, value) in [(first, values.0), (second, values.1)] {
            let exact = Near(value, error: isExact ? 0 : size * 0x1p-51)
            survey.add(
              place, exact,
              isExact
                ? .oneRounding(of: exact)
                : .oneRounding(of: exact, relativeError: 0, absoluteError: size * declared))
          }
        }
      }
    }
    return true
  }

  /// The softmax of each row, over the positions that `layer` allows where there is one; the error is that of `softmax`.
  static func survey(
    _ survey: inout LocalSurvey, softmax x: Activation<Float>, _ layer: AttentionLayer?
  ) -> Bool {
    let columns = x.columns
    guard 1..<1 << 20 ~= columns else { return false }
    let declared = Engine.softmaxRelativeError(terms: columns)
    let zero = Near(exactly: 0)
    for row in 0..<x.rows {
      let start = row * columns
      let seen = layer.map { layer in
        (0..<columns).filter { layer.allows(query: row % x.shape[1], key: $0) }
      }
      let elements = seen.map { seen in seen.map { x.elements[start + $0] }[...] } ?? x.row(row)
      guard isFinite(Array(elements)) else { return false }
      if let seen, seen.count < columns {
        var place = 0
        for column in 0..<columns {
          if place < seen.count, seen[place] == column {
            place += 1
          } else {
            survey.add(start + column, zero, NearBound(lower: 0, upper: 0))
          }
        }
      }
      guard !elements.isEmpty else { continue }
      let (powers, sum, isLevel) = exponentials(elements)
      let total = sum.rounded
      for (index, power) in powers.enumerated() {
        let place = start + (seen.map { $0[index] } ?? index)
        if isLevel {
          // 1/n: rational. Its bound may lack the declared error, which the exact path knows.
          if powers.count == 1 {
            survey.add(place, Near(exactly: 1), NearBound(lower: 0, upper: 0))
          } else {
            survey.addUnknown(place)
          }
          continue
        }
        let exact = Near(power / total, error: power / total * 0x1p-50 + 0x1p-990)
        survey.add(place, exact, .oneRounding(of: exact, relativeError: declared))
      }
    }
    return true
  }
}

extension Tensor {
  /// Writes row `row` exactly, the element at j to `output`[`start` + `stride`·j]; false where one is not finite.
  func writeRow(_ row: Int, to output: inout [Double], from start: Int, stride: Int) -> Bool {
    precondition(0..<rows ~= row, "row \(row) of tensor '\(name)', which has \(rows)")
    // Sound: the row lies within the tensor, all of whose bytes the pointer covers.
    return unsafe withUnsafeBytes { all in
      unsafe PanelSums.writeWeights(
        type.rawValue, UnsafeRawBufferPointer(rebasing: all[row * bytesPerRow..<(row + 1) * bytesPerRow]),
        count: columns, to: &output, from: start, stride: stride)
    }
  }
}
