import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

extension Filter {
  /// A matrix product, 24 outputs at a time.
  static func survey(_ survey: inout LocalSurvey, linear x: Activation<Float>, _ layer: LinearLayer) -> Bool {
    let (terms, outputs, weight) = (layer.weight.columns, layer.weight.rows, layer.weight)
    guard isFinite(x.elements), 1..<1 << 20 ~= terms, let sums = Checks.summation(of: layer) else { return false }
    var biases: [Double] = []
    if let bias = layer.bias {
      biases = [Double](repeating: 0, count: outputs)
      guard bias.type.elementsPerBlock == 1, bias.writeRow(0, to: &biases, from: 0, stride: 1) else { return false }
    }
    // The exact path looks for sums that cannot round where all numbers are Float32s.
    let mayBeExact = weight.type == .f32 && layer.bias.map { $0.type == .f32 } ?? true
    let bound = NearRun.SumModel(sums, added: terms)
    var product = PanelProduct(x.elements, terms: terms)
    let width = PanelSums.columns
    for start in stride(from: 0, to: outputs, by: width) {
      let columns = min(width, outputs - start)
      for column in 0..<columns {
        guard weight.writeRow(start + column, to: &product.weights, from: column * terms, stride: 1) else {
          return false
        }
      }
      product.multiply([bound], biases: layer.bias == nil ? [] : biases[start..<start + columns])
      for row in 0..<product.rows {
        let place = row * outputs + start
        guard mayBeExact && product.mayBeExact(row: row, columns: 0..<columns) else {
          survey.add(row * width..<row * width + columns, of: product.run, at: place)
          continue
        }
        for column in 0..<columns {
          let isExact = product.isExact(row: row, column: column, bias: layer.bias == nil ? 0 : biases[start + column])
          let known = product.expectation(row: row, column: column, isExact: isExact)
          survey.add(place + column, known.exact, known.bound)
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
    guard isFinite(query.elements), isFinite(key.elements), layer.softCap == nil, layer.linearBias == nil,
      layer.stretch.isOne,
      1..<1 << 20 ~= terms,
      let sums = Checks.summation(terms: terms)
    else { return false }
    let declared = Engine.attentionScaleRelativeError(layer)
    let scale = layer.scale.map { Double($0) } ?? 1 / Double(layer.sizeOfScale).squareRoot()
    guard scale > 0x1p-100, scale < 0x1p100 else { return false }
    let bound = NearRun.SumModel(sums, added: terms)
    let seen = (0..<tokens).map { layer.seenPositions(query: $0, of: positions) }
    let width = PanelSums.columns
    for head in 0..<layer.heads {
      let keyHead = layer.keyValueHead(of: head)
      var product = PanelProduct((0..<tokens).flatMap { query.row($0 * layer.heads + head) }, terms: terms)
      for start in stride(from: 0, to: positions, by: width) {
        let columns = min(width, positions - start)
        for column in 0..<columns {
          product.setWeights(column, key.row((start + column) * layer.keyValueHeads + keyHead))
        }
        product.multiply([bound])
        product.run.scale(by: scale, declared)
        for token in 0..<tokens {
          let (row, place) = (token * width, (head * tokens + token) * positions + start)
          let mayBeExact = product.mayBeExact(row: token, columns: 0..<columns)
          for seen in seen[token].map({ $0.clamped(to: start..<start + columns) }) {
            let range = seen.lowerBound - start..<seen.upperBound - start
            guard mayBeExact else {
              survey.add(row + range.lowerBound..<row + range.upperBound, of: product.run, at: place + range.lowerBound)
              continue
            }
            for column in range {
              if product.magnitudes[row + column] == 0 {
                survey.add(place + column, Near(exactly: 0), NearBound(lower: 0, upper: 0))
                continue
              }
              let isExact = declared == 0 && product.isExact(row: token, column: column)
              let known = product.expectation(row: token, column: column, isExact: isExact)
              survey.add(place + column, known.exact, isExact ? .oneRounding(of: known.exact) : known.bound)
            }
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
    let seen = (0..<tokens).map { layer.seenPositions(query: $0, of: positions) }
    let sums = seen.compactMap { seen in Checks.summation(terms: seen.reduce(0) { $0 + $1.count }) }
    guard sums.count == tokens else { return false }
    let bounds = sums.map { NearRun.SumModel($0, added: positions) }
    let width = PanelSums.columns
    for head in 0..<layer.heads {
      // Whatever an engine has for what the mask excludes, nobody reads it.
      var factors = [Float](repeating: 0, count: tokens * positions)
      for (token, seen) in seen.enumerated() {
        let (row, place) = (token * positions, (head * tokens + token) * positions)
        for position in seen.joined() { factors[row + position] = weights.elements[place + position] }
      }
      var product = PanelProduct(factors, terms: positions)
      let first = layer.keyValueHead(of: head) * headSize
      for start in stride(from: 0, to: headSize, by: width) {
        let columns = min(width, headSize - start)
        for position in 0..<positions {
          let from = position * layer.keyValueHeads * headSize + first + start
          for column in 0..<columns {
            product.weights[column * positions + position] = Double(value.elements[from + column])
          }
        }
        product.multiply(bounds)
        for token in 0..<tokens {
          let place = (token * layer.heads + head) * headSize + start
          guard product.mayBeExact(row: token, columns: 0..<columns) else {
            survey.add(token * width..<token * width + columns, of: product.run, at: place)
            continue
          }
          for column in 0..<columns {
            let isExact = product.isExact(row: token, column: column)
            let known = product.expectation(row: token, column: column, isExact: isExact)
            survey.add(place + column, known.exact, known.bound)
          }
        }
      }
    }
    return true
  }
}

extension AttentionLayer {
  /// The positions, of the first `count`, that the query at `query` sees: stretches in rising order.
  func seenPositions(query: Int, of count: Int) -> [Range<Int>] {
    var stretches: [Range<Int>] = []
    for position in 0..<count where allows(query: query, key: position) {
      if let last = stretches.last, last.upperBound == position {
        stretches[stretches.count - 1] = last.lowerBound..<position + 1
      } else {
        stretches.append(position..<position + 1)
      }
    }
    return stretches
  }
}

extension NearRun {
  /// Makes sums of products and their bounds those of the scaled sums, whose scaling has a relative error of `declared` before
  /// one rounding.
  ///
  /// The exact path's scale is exact, or an upper bound of 64 bits; `scale` is off by a few roundings.
  mutating func scale(by scale: Double, _ declared: Double) {
    for index in values.indices {
      let near = Near(values[index], error: errors[index]).scaled(by: scale, isPowerOfTwo: declared == 0)
      (values[index], errors[index]) = (near.value, near.error)
      lower[index] *= scale * (1 + declared)
      upper[index] *= scale * (1 + declared)
    }
    boundRoundings(relativeError: declared)
  }
}
