import PlumbCases
import PlumbModel
import PlumbVerdicts

/// A search for the case with the greatest score: neighbours of the best cases so far, from a fresh start.
///
/// It depends on the layer, the seed, the number of the climb and the scores alone, so that it is the same whoever
/// decides it and whenever.
struct Climb {
  /// The cases that are drawn before the climb begins, from every strategy in turn.
  private static let opening = 48
  /// The number of best cases that are kept: enough to leave a summit that is not the highest.
  private static let kept = 4

  private let layer: LayerKind
  private let shape: [String: Int]
  private let attributes: FixedAttributes
  private var source: SeededSource
  private var best: [(input: LayerCase, score: Double)] = []
  private var steps = 0

  /// The climb number `index` of a run.
  init(layer: LayerKind, seed: UInt64, index: Int, shape: [String: Int] = [:], attributes: FixedAttributes = .none) {
    self.attributes = attributes
    self.layer = layer
    self.shape = shape
    source = SeededSource(seed: seed, stream: "\(layer.rawValue) search", index: index)
  }

  /// The next case to decide.
  mutating func next() -> LayerCase {
    defer { steps += 1 }
    let isFresh = steps < Self.opening || source.oneIn(24)
    guard !isFresh, let parent = best.isEmpty ? nil : best[chosen()].input else {
      let strategy = Strategy.drawn[steps % Strategy.drawn.count]
      // Hundreds of neighbours would be as long.
      return CaseGenerator(
        layer: layer, strategy: strategy, seed: source.next(), shape: shape, attributes: attributes, mayBeLong: false
      ).makeCase(steps)
    }
    return CaseMutation.neighbour(of: parent, keeping: shape, attributes, using: &source)
  }

  /// The better of two of the best, so that the best is chosen most often.
  private mutating func chosen() -> Int {
    min(Int.random(in: 0..<best.count, using: &source), Int.random(in: 0..<best.count, using: &source))
  }

  /// Takes note that `input` has `score`.
  mutating func learn(_ input: LayerCase, score: Double) {
    guard !best.contains(where: { $0.input == input }) else { return }
    // Before its equals: on level ground the climb moves on.
    let place = best.firstIndex { $0.score <= score } ?? best.count
    best.insert((input, score), at: place)
    if best.count > Self.kept { best.removeLast() }
  }
}
