import PlumbEngine
import PlumbModel
import Testing

/// The `k` greatest logits against their plain definition: sort all, take the first.
@Suite struct TopKTests {
  /// Greater ones first, of equal ones the first; both zeros are equal, and NaNs are none of them.
  private func plain(_ count: Int, _ logits: [Float]) -> Set<Int> {
    let ranked = logits.indices.filter { !logits[$0].isNaN }
      .sorted { logits[$0] != logits[$1] ? logits[$0] > logits[$1] : $0 < $1 }
    return Set(ranked.prefix(count))
  }

  private func row(_ logits: [Float]) -> Activation<Float> { Activation(shape: [1, logits.count], elements: logits) }

  @Test func theyAreThoseOfTheDefinition() {
    var source = SplitMix64(seed: 21)
    let odd: [Float] = [
      .nan, -.nan, .infinity, -.infinity, 0, -0.0, 0x1p-149, -0x1p-149, .greatestFiniteMagnitude, 1, -1,
    ]
    for size in [1, 2, 3, 17, 64, 300] {
      for _ in 0..<40 {
        let logits = (0..<size).map { _ -> Float in
          switch UInt8.random(in: 0..<4, using: &source) {
          case 0: odd.randomElement(using: &source) ?? 0
          case 1: Float(Int.random(in: -3...3, using: &source))
          case 2: Float(bitPattern: UInt32.random(in: .min ... .max, using: &source))
          default: Float.random(in: 4...4.001, using: &source)
          }
        }
        guard logits.contains(where: { $0.isFinite }) else { continue }
        for count in [1, 2, 3, size / 2, size - 1, size, size + 5] where count > 0 {
          let kept = Engine.Sampler(temperature: 1, topK: count).kept(of: row(logits))
          // Exponentials that vanish are kept too: k says how many.
          #expect(Set(kept) == plain(count, logits) && kept.count == Set(kept).count, "\(count) of \(logits)")
        }
      }
    }
  }

  /// The draws walk through the tokens from the likeliest on, so that the first fraction below its probability takes it.
  @Test func theyAreDrawnFromTheLikeliestOn() {
    // With one token kept, whatever is drawn is the greatest; with more, each seed gives what it gives for the sorted row.
    var source = SplitMix64(seed: 5)
    let logits = (0..<200).map { _ in Float.random(in: -4...4, using: &source) }
    let order = logits.indices.sorted { logits[$0] > logits[$1] }
    let sorted = order.map { logits[$0] }
    for seed in 0..<50 as Range<UInt64> {
      var (one, other) = (
        Engine.Sampler(temperature: 1, topK: 20, seed: seed), Engine.Sampler(temperature: 1, topK: 20, seed: seed)
      )
      #expect(one.sample(row(logits)) == order[other.sample(row(sorted))])
    }
  }

  /// A cost of k times the vocabulary would be 2.4 billion comparisons here.
  @Test func allOfAVocabularyCostHardlyMoreThanFew() {
    var source = SplitMix64(seed: 7)
    let logits = (0..<49_152).map { _ in Float.random(in: -20...20, using: &source) }
    let start = ContinuousClock.now
    #expect(Engine.Sampler(temperature: 1, topK: 49_152).kept(of: row(logits)).count == 49_152)
    #expect(ContinuousClock.now - start < .seconds(10))
  }
}
