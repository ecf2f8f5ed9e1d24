import PlumbBounds
import PlumbExact
import PlumbLayers
import PlumbModel
import PlumbReference
import PlumbTolerance
import PlumbVerdicts

// Attention weights of a dump without scores: two steps, of which each row needs one query and the keys that it sees.
extension SegmentPass {
  /// The survey by Float64 of the weights at the end of `segment`; `nil` where it is another segment.
  func attentionWeights(_ segment: Segment) throws(EnclosureError) -> KernelSurvey? {
    let weights = transformer.plan.step(segment.end)
    guard segment.between.count == 1, case .softmax(let mask?) = weights.operation, mask.sinks == nil else {
      return nil
    }
    let scores = transformer.plan.step(segment.between[0])
    guard case .attentionScores(let layer) = scores.operation, weights.inputs == segment.between,
      scores.inputs.count == 2, let query = read(scores.inputs[0]), let key = read(scores.inputs[1])
    else { return nil }
    let trackedScores = try scores.forward(
      [query.tracked, key.tracked], tokens: dump.tokens, in: model, reading: parameters)
    let trackedWeights = try weights.forward(
      [trackedScores], tokens: dump.tokens, in: model, reading: parameters)
    let tracked = enclosed(trackedWeights, trackedScores, mask)
    let (tokens, positions) = (query.numbers.shape[0], key.numbers.shape[0])
    return KernelSurvey(tracked: tracked) { places in
      Dictionary(grouping: places) { $0 / positions }.sorted { $0.key < $1.key }.map { row, places in
        let seen = (0..<positions).filter { mask.allows(query: row % tokens, key: $0) }
        // Behind the weights that are seen stands one that the mask excludes.
        let within = places.map { place in seen.firstIndex(of: place % positions) ?? seen.count }
        return ExactPart(places: places, within: within) { precision throws(EnclosureError) in
          try weightsRow(row, seen, query.numbers, key.numbers, layer, precision: precision)
        }
      }
    }
  }

  /// `weights` with narrower enclosures: those that follow from the enclosures of the `scores` alone, whatever a kernel subtracts from
  /// them.
  ///
  /// `Reference.softmax` does the same with balls: with eⱼ in [Lⱼ, Uⱼ], eᵢ/Σ eⱼ lies between Lᵢ/(Lᵢ + Σ Uⱼ) and Uᵢ/(Uᵢ + Σ Lⱼ), the sums over j ≠ i.
  private func enclosed(
    _ weights: Activation<Tracked>, _ scores: Activation<Tracked>, _ mask: AttentionLayer
  ) -> Activation<Tracked> {
    var result = weights
    let (tokens, positions) = (scores.shape[1], scores.columns)
    for row in 0..<scores.rows {
      let seen = (0..<positions).filter { mask.allows(query: row % tokens, key: $0) }.map { row * positions + $0 }
      guard seen.count > 1, seen.allSatisfy({ scores.elements[$0].isFinite }) else { continue }
      let shift = seen.map { scores.elements[$0].upper }.max() ?? 0
      let ends = seen.map { index -> (lower: Double, upper: Double) in
        let score = scores.elements[index]
        func exponential(_ x: Double) -> Tracked { model.exponential(Tracked(x)) }
        return (
          exponential(Outward.sumDown(score.lower, -shift)).lower, exponential(Outward.sumUp(score.upper, -shift)).upper
        )
      }
      let least = ends.reduce(0.0) { Outward.sumDown($0, $1.lower) }
      let greatest = ends.reduce(0.0) { Outward.sumUp($0, $1.upper) }
      for (index, (lower, upper)) in zip(seen, ends) {
        let others = Outward.sumUp(greatest, -upper)
        let fewest = max(0, Outward.sumDown(least, -lower))
        let weight = result.elements[index]
        guard weight.isFinite else { continue }
        result.elements[index] = Tracked(
          lower: max(weight.lower, Outward.quotientDown(lower, Outward.sumUp(lower, others))),
          upper: min(weight.upper, Outward.quotientUp(upper, Outward.sumDown(upper, fewest))), error: weight.error)
      }
    }
    return result
  }

  /// The exact weights of one head and token for the positions that are `seen`, and behind them 0.
  private func weightsRow(
    _ row: Int, _ seen: [Int], _ query: Activation<Float>, _ key: Activation<Float>, _ layer: AttentionLayer,
    precision: Int
  ) throws(EnclosureError) -> Expectation? {
    let (head, token, size) = (row / query.shape[0], row % query.shape[0], layer.headSize)
    let keyHead = layer.keyValueHead(of: head)
    let queries = Activation(shape: [1, 1, size], elements: Array(query.row(token * layer.heads + head)))
    let keys = Activation(
      shape: [seen.count, 1, size], elements: seen.flatMap { Array(key.row($0 * layer.keyValueHeads + keyHead)) })
    guard let queries = queries.asBalls, let keys = keys.asBalls else { return nil }
    let scores = try Reference.attentionScores(
      queries, keys, layer.ofHead(head), firstPosition: token - (seen.first ?? 0), precision: precision)
    let weights = try Reference.softmax(scores, precision: precision).elements + [Ball(0)]
    return Expectation(
      exact: Activation(shape: [weights.count], elements: weights),
      bounds: [Rational?](repeating: nil, count: weights.count))
  }
}
