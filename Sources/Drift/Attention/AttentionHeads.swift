import PlumbExact
import PlumbModel
import PlumbVerdicts

/// The heads whose attention a report shows.
package enum AttentionHeads: Sendable, Hashable {
  /// As many as this, those that drift most.
  case mostDrifting(Int)
  /// This one.
  case chosen(block: Int, head: Int)
}

/// Gathers the maps of attention from an exact pass, one block at a time.
struct AttentionGathering {
  private let heads: AttentionHeads
  private let engine: (ActivationName) -> Activation<Float>?
  private var scores: Activation<Ball>?
  /// The maps so far, the most drifting first.
  private(set) var maps: [AttentionMap] = []

  /// Gathers the maps of `heads`, beside what the engine computed.
  init(_ heads: AttentionHeads, _ engine: @escaping (ActivationName) -> Activation<Float>?) {
    self.heads = heads
    self.engine = engine
  }

  /// Takes what `step` gives in the exact pass; scores come before the weights that are made of them.
  mutating func observe(_ step: Step, _ exact: Activation<Ball>) {
    switch step.operation {
    case .attentionScores: scores = exact
    case .softmax(_?):
      guard let block = step.name.block, let scores, let weights = engine(step.name) else { return }
      for head in 0..<exact.shape[0] where isCandidate(block, head) {
        let drift = Self.drift(of: weights, from: exact, head: head)
        guard isAmongTheMost(drift) else { continue }
        let map = AttentionMap(
          block: block, head: head, drift: drift, engine: weights, weights: exact, scores: scores)
        let place = maps.firstIndex { $0.drift < drift } ?? maps.endIndex
        maps.insert(map, at: place)
        if maps.count > greatestCount { maps.removeLast() }
      }
    default: break
    }
  }

  private var greatestCount: Int {
    if case .mostDrifting(let count) = heads { count } else { 1 }
  }

  private func isCandidate(_ block: Int, _ head: Int) -> Bool {
    if case .chosen(let chosenBlock, let chosenHead) = heads { return block == chosenBlock && head == chosenHead }
    return true
  }

  private func isAmongTheMost(_ drift: Double) -> Bool {
    maps.count < greatestCount || maps.last.map { $0.drift < drift } ?? false
  }

  /// The greatest distance of a weight of `head`, rounded up.
  private static func drift(of engine: Activation<Float>, from exact: Activation<Ball>, head: Int) -> Double {
    let size = exact.shape[1] * exact.shape[2]
    return (head * size..<(head + 1) * size).reduce(0) { greatest, index in
      let distance = ElementDrift.distance(from: engine.elements[index], to: exact.elements[index])
      return max(greatest, distance?.upper.doubleRoundedUp ?? .infinity)
    }
  }
}
