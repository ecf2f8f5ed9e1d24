import PlumbModel

extension Engine {
  /// The softmax of every row: y = e^x / Σ e^x.
  ///
  /// The greatest element is subtracted first. Computed in Float64 and rounded once: y = fl32(exact·(1 + ε)),
  /// |ε| ≤ `softmaxRelativeError(terms:)`; where x lies more than 708 below the greatest, y = 0 and exact < 2⁻¹⁰²¹.
  ///
  /// *Edge cases*: a row with NaN or +∞, or of −∞ alone, is outside the domain.
  package static func softmax(
    _ x: Activation<Float>, instructionSet: InstructionSet = .current
  ) -> Activation<Float> {
    softmax(x, Crew(threads: 1, instructionSet: instructionSet)) { _ in 0..<x.columns }
  }

  /// The softmax of every row of `scores` `[heads, tokens, positions]` over the positions that the token sees, where row
  /// 0 of a head stands at `firstPosition`; exactly 0 elsewhere, and in the whole of a row that sees none.
  ///
  /// *Error bound*: that of `softmax`, with as many terms as positions are seen.
  ///
  /// - Precondition: where the layer is causal, there is a position for every token.
  package static func softmax(
    _ scores: Activation<Float>, _ layer: AttentionLayer, firstPosition: Int = 0,
    instructionSet: InstructionSet = .current
  ) -> Activation<Float> {
    let (tokens, positions) = (scores.shape[1], scores.shape[2])
    precondition(layer.fits(tokens, at: firstPosition, positions: positions), "\(positions) scores are too few")
    let crew = Crew(threads: 1, instructionSet: instructionSet)
    let rows = AttentionRows(
      KeyValueCache(layer), firstPosition: firstPosition, positions: positions, crew)
    guard let sinks = layer.sinks?.logits else { return softmax(scores, crew) { rows.visible($0 % tokens) } }
    let weights = (0..<scores.rows).map { row -> [Float] in
      let seen = rows.visible(row % tokens)
      let result = softmax(Array(scores.row(row))[seen], joining: sinks[row / tokens], crew)
      return [Float](repeating: 0, count: seen.lowerBound) + result
        + [Float](repeating: 0, count: positions - seen.upperBound)
    }
    return Activation(shape: scores.shape, elements: Array(weights.joined()))
  }

  /// The softmax of `scores` beside which a `sink` counts, of which no result is given.
  static func softmax(_ scores: ArraySlice<Float>, joining sink: Float, _ crew: Crew) -> [Float] {
    let joined = Activation<Float>(shape: [scores.count + 1], elements: scores + [sink])
    var powers = [Double](repeating: 0, count: joined.columns)
    let weights = unsafe Activation.filled(joined.shape) { output in
      // Sound: each of the three has room for all elements.
      unsafe joined.elements.withUnsafeBufferPointer { input in
        unsafe powers.withUnsafeMutableBufferPointer { powers in
          guard let input = input.baseAddress, let powers = powers.baseAddress else { return }
          unsafe crew.kernels.softmax(input, joined.columns, powers, output)
        }
      }
    }
    return weights.elements.dropLast()
  }

  static func softmax(_ x: Activation<Float>, _ crew: Crew, terms: (Int) -> Range<Int>) -> Activation<Float> {
    let columns = x.columns
    return unsafe Activation.filled(x.shape) { output in
      unsafe output.initialize(repeating: 0, count: x.elements.count)
      // Sound: a row has at most `columns` terms, for which there is room, and each item writes its own row.
      unsafe x.elements.withUnsafeBufferPointer { elements in
        guard let input = elements.baseAddress else { return }
        crew.run(x.rows) { row, worker in
          let scratch = unsafe crew.scratch(of: worker, bytes: 8 * columns).assumingMemoryBound(to: Double.self)
          let (start, count) = (row * columns + terms(row).lowerBound, terms(row).count)
          unsafe crew.kernels.softmax(input + start, count, scratch, output + start)
        }
      }
    }
  }
}
