import PlumbEngine
import PlumbExact
import PlumbModel

extension Filter {
  /// A matrix product, 24 outputs at a time.
  static func survey(_ survey: inout LocalSurvey, linear x: Activation<Float>, _ layer: LinearLayer) -> Bool {
    let (terms, outputs, weight) = (layer.weight.columns, layer.weight.rows, layer.weight)
    guard isFinite(x.elements), 1..<1 << 20 ~= terms else { return false }
    var biases = [Double](repeating: 0, count: outputs)
    if let bias = layer.bias {
      guard bias.type.elementsPerBlock == 1, bias.writeRow(0, to: &biases, from: 0, stride: 1) else { return false }
    }
    let weightRoundings = Engine.weightRelativeError(of: weight.type) == 0 ? 0 : 1
    let hasBias = layer.bias != nil
    // The exact path looks for sums that cannot round where all numbers are Float32s.
    let mayBeExact = weight.type == .f32 && layer.bias.map { $0.type == .f32 } ?? true
    let bound = DotBound(
      terms: terms, depth: Checks.summationTree.depth(terms: terms), further: weightRoundings + (hasBias ? 1 : 0))
    let relative = PanelSums.relativeError(terms: terms)
    var product = PanelProduct(x.elements, terms: terms)
    let width = PanelSums.columns
    for start in stride(from: 0, to: outputs, by: width) {
      let columns = min(width, outputs - start)
      for column in 0..<columns {
        guard weight.writeRow(start + column, to: &product.panel, from: column, stride: width) else { return false }
      }
      product.multiply()
      for row in 0..<product.rows {
        for column in 0..<columns {
          let (sum, magnitude) = (product.sums[row * width + column], product.magnitudes[row * width + column])
          let (bias, place) = (biases[start + column], row * outputs + start + column)
          let total = magnitude + bias.magnitude
          if total == 0 {
            survey.add(place, Near(exactly: 0), NearBound(lower: 0, upper: 0))
          } else if mayBeExact && product.isExact(row: row, column: column, bias: bias) {
            // What Float32 adds without rounding, Float64 does.
            survey.add(place, Near(exactly: sum + bias), NearBound(lower: 0, upper: 0))
          } else {
            let (value, rest) = hasBias ? ErrorFree.sum(sum, bias) : (sum, 0)
            survey.add(place, Near(value, rest, error: magnitude * relative * (1 + 0x1p-20)), bound.bound(total))
          }
        }
      }
    }
    return true
  }

  /// Scaled scores, head by head; the error of the scaling is that of `attentionScores`.
  static func survey(
    _ survey: inout LocalSurvey, attentionScores query: Activation<Float>, _ key: Activation<Float>,
    _ layer: AttentionLayer
  ) -> Bool {
    let (terms, tokens, positions) = (layer.headSize, query.shape[0], key.shape[0])
    guard isFinite(query.elements), isFinite(key.elements), layer.softCap == nil, 1..<1 << 20 ~= terms else {
      return false
    }
    let declared = Engine.attentionScaleRelativeError(layer)
    let scale = layer.scale.map { Double($0) } ?? 1 / Double(terms).squareRoot()
    guard scale > 0x1p-100, scale < 0x1p100 else { return false }
    let bound = DotBound(terms: terms, depth: Checks.summationTree.depth(terms: terms), further: 0)
    let relative = PanelSums.relativeError(terms: terms)
    let width = PanelSums.columns
    for head in 0..<layer.heads {
      let keyHead = layer.keyValueHead(of: head)
      var product = PanelProduct(
        (0..<tokens).flatMap { query.row($0 * layer.heads + head) }, terms: terms)
      for start in stride(from: 0, to: positions, by: width) {
        let columns = min(width, positions - start)
        for column in 0..<columns {
          for (index, element) in key.row((start + column) * layer.keyValueHeads + keyHead).enumerated() {
            product.panel[index * width + column] = Double(element)
          }
        }
        product.multiply()
        for token in 0..<tokens {
          for column in 0..<columns where layer.allows(query: token, key: start + column) {
            let place = (head * tokens + token) * positions + start + column
            let (sum, magnitude) = (product.sums[token * width + column], product.magnitudes[token * width + column])
            if magnitude == 0 {
              survey.add(place, Near(exactly: 0), NearBound(lower: 0, upper: 0))
              continue
            }
            if declared == 0 && product.isExact(row: token, column: column) {
              let exact = Near(exactly: sum * scale)
              survey.add(place, exact, .oneRounding(of: exact))
              continue
            }
            let exact = Near(sum, error: magnitude * relative * (1 + 0x1p-20))
              .scaled(by: scale, isPowerOfTwo: declared == 0)
            let own = bound.bound(magnitude)
            guard own.upper < .infinity else {
              survey.add(place, exact, own)
              continue
            }
            let least = NearBound.oneRounding(
              of: exact, relativeError: declared, absoluteError: own.lower * scale * (1 + declared))
            let greatest = NearBound.oneRounding(
              of: exact, relativeError: declared, absoluteError: own.upper * scale * (1 + declared))
            survey.add(place, exact, NearBound(lower: least.lower, upper: greatest.upper))
          }
        }
      }
    }
    return true
  }

  /// Weighted values, head by head, over the positions that the mask allows.
  static func survey(
    _ survey: inout LocalSurvey, attentionValues weights: Activation<Float>, _ value: Activation<Float>,
    _ layer: AttentionLayer
  ) -> Bool {
    let (headSize, tokens, positions) = (layer.headSize, weights.shape[1], weights.shape[2])
    guard isFinite(weights.elements), isFinite(value.elements), 1..<1 << 20 ~= positions else { return false }
    let seen = (0..<tokens).map { token in (0..<positions).map { layer.allows(query: token, key: $0) } }
    let bounds = seen.map { seen in
      let terms = seen.count { $0 }
      return DotBound(terms: terms, depth: Checks.summationTree.depth(terms: terms), further: 0)
    }
    let relative = PanelSums.relativeError(terms: positions)
    let width = PanelSums.columns
    for head in 0..<layer.heads {
      let rowStart = head * tokens * positions
      // Whatever an engine has for what the mask excludes, nobody reads it.
      var product = PanelProduct(
        (0..<tokens * positions).map { seen[$0 / positions][$0 % positions] ? weights.elements[rowStart + $0] : 0 },
        terms: positions)
      let first = layer.keyValueHead(of: head) * headSize
      for start in stride(from: 0, to: headSize, by: width) {
        let columns = min(width, headSize - start)
        for position in 0..<positions {
          let from = position * layer.keyValueHeads * headSize + first + start
          for column in 0..<columns { product.panel[position * width + column] = Double(value.elements[from + column]) }
        }
        product.multiply()
        for token in 0..<tokens {
          for column in 0..<columns {
            let place = (token * layer.heads + head) * headSize + start + column
            let (sum, magnitude) = (product.sums[token * width + column], product.magnitudes[token * width + column])
            if magnitude == 0 {
              survey.add(place, Near(exactly: 0), NearBound(lower: 0, upper: 0))
              continue
            }
            if product.isExact(row: token, column: column) {
              survey.add(place, Near(exactly: sum), NearBound(lower: 0, upper: 0))
            } else {
              survey.add(place, Near(sum, error: magnitude * relative * (1 + 0x1p-20)), bounds[token].bound(magnitude))
            }
          }
        }
      }
    }
    return true
  }
}
