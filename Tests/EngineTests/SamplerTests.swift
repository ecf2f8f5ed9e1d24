import Foundation
import PlumbEngine
import PlumbModel
import Testing

@Suite struct SamplerTests {
  private func logits(_ elements: [Float]) -> Activation<Float> {
    Activation(shape: [1, elements.count], elements: elements)
  }

  /// The kernel takes sixteen side by side; the order of choice is one after the other.
  @Test func `the likeliest is the first of the greatest wherever it stands`() {
    var random = SplitMix64(seed: 63)
    for count in [1, 2, 15, 16, 17, 31, 32, 33, 100] {
      for _ in 0..<100 {
        // Few values, so that the greatest comes more than once.
        let values: [Float] = [.nan, -.infinity, -1, -0.0, 0, 2, .infinity]
        let kinds = Int.random(in: 1...values.count, using: &random)
        let logits = (0..<count).map { _ in values[Int.random(in: 0..<kinds, using: &random)] }
        let numbers = logits.indices.filter { !logits[$0].isNaN }
        let expected = numbers.first { index in numbers.allSatisfy { logits[$0] <= logits[index] } }
        var sampler = Engine.Sampler()
        #expect(sampler.sample(self.logits(logits)) == expected ?? 0, "\(logits)")
      }
    }
  }

  @Test func `the likeliest token wins at temperature 0, of equal ones the first`() {
    var sampler = Engine.Sampler()
    #expect(sampler.sample(logits([1, 3, -2, 3])) == 1)
    #expect(sampler.sample(logits([-5])) == 0)
    #expect(sampler.sample(logits([.nan, -1, .nan, 0])) == 3)
    #expect(sampler.sample(logits([-.infinity, -.infinity])) == 0)
  }

  @Test func `SplitMix64 gives the published numbers`() {
    // The first outputs for seed 1234567, as published with the Java and C reference implementations.
    var source = Engine.RandomSource(seed: 1_234_567)
    #expect((0..<3).map { _ in source.next() } == [6457827717110365317, 3203168211198807973, 9817491932198370423])
  }

  /// How often each token comes in `draws`.
  private func counts(_ sampler: Engine.Sampler, _ elements: [Float], draws: Int = 20000) -> [Int] {
    var (sampler, counts) = (sampler, [Int](repeating: 0, count: elements.count))
    for _ in 0..<draws { counts[sampler.sample(logits(elements))] += 1 }
    return counts
  }

  @Test(arguments: [0.5, 1.0, 2.0]) func `tokens come as often as softmax says`(_ temperature: Double) {
    let elements: [Float] = [0.3, -1, 2, 1.5, -0.2]
    let weights = elements.map { exp(Double($0) / temperature) }
    let found = counts(Engine.Sampler(temperature: temperature, seed: 7), elements)
    for (weight, count) in zip(weights, found) {
      // Six standard deviations of a binomial count: wrong once in 10⁸ seeds, and this seed is fixed.
      let probability = weight / weights.reduce(0, +)
      let deviation = (20000 * probability * (1 - probability)).squareRoot()
      #expect((Double(count) - 20000 * probability).magnitude < 6 * deviation)
    }
  }

  @Test func `top-k, top-p and min-p keep what they say`() {
    let elements: [Float] = [1, 3, 2, 3, 0, 2]
    func kept(_ sampler: Engine.Sampler) -> [Int] {
      counts(sampler, elements).indices.filter { counts(sampler, elements, draws: 4000)[$0] > 0 }
    }
    #expect(kept(Engine.Sampler(temperature: 2, seed: 1)) == [0, 1, 2, 3, 4, 5])
    #expect(kept(Engine.Sampler(temperature: 2, topK: 3, seed: 1)) == [1, 2, 3])
    #expect(kept(Engine.Sampler(temperature: 2, topK: 1, seed: 1)) == [1])
    #expect(kept(Engine.Sampler(temperature: 2, topK: 100, seed: 1)).count == 6)
    // e^3, e^3, e^2, e^2, e, 1: the first two hold 0.679 of the whole, the first three 0.804.
    #expect(kept(Engine.Sampler(temperature: 2, topP: 0.67, seed: 1)) == [1, 3])
    #expect(kept(Engine.Sampler(temperature: 2, topP: 0.69, seed: 1)) == [1, 2, 3])
    #expect(kept(Engine.Sampler(temperature: 2, topP: 1, seed: 1)).count == 6)
    // e^−1 = 0.3679 is above the first and below the second.
    #expect(kept(Engine.Sampler(temperature: 2, minP: 0.36, seed: 1)) == [1, 2, 3, 5])
    #expect(kept(Engine.Sampler(temperature: 2, minP: 0.37, seed: 1)) == [1, 3])
  }

  @Test func `a seed repeats its choices and another does not`() {
    let elements = (0..<50).map { Float($0 % 7) / 3 }
    func choices(_ seed: UInt64) -> [Int] {
      var sampler = Engine.Sampler(temperature: 1, seed: seed)
      return (0..<40).map { _ in sampler.sample(logits(elements)) }
    }
    #expect(choices(5) == choices(5))
    #expect(choices(5) != choices(6))
  }

  @Test(arguments: [0, 0.5, 1, 3] as [Float]) func `the probabilities are those of the draws`(_ temperature: Float) {
    let elements: [Float] = [0.3, -1, 2, 1.5, -0.2, 2, .nan, -.infinity]
    let layer = SamplingLayer(temperature: temperature, topK: 5, topP: 0.95, minP: 0.1)
    let probabilities = Engine.sampling(logits(elements), layer).elements
    let found = counts(Engine.Sampler(layer, seed: 9), elements)
    for (probability, count) in zip(probabilities.map(Double.init), found) {
      let deviation = (20000 * probability * (1 - probability)).squareRoot()
      #expect((Double(count) - 20000 * probability).magnitude <= 6 * deviation)
    }
    let kept = Engine.Sampler(layer).kept(of: logits(elements))
    if temperature > 0 { #expect(probabilities.indices.filter { probabilities[$0] > 0 } == kept) }
  }

  @Test func `ranks are those of the logits where powers of e round to the same number`() {
    // Beside 1, both of the others are −1 in Float64.
    let row = logits([0, 0x1p-149, 1])
    #expect(Engine.Sampler(temperature: 1, topP: 0.75).kept(of: row) == [1, 2])
  }

  @Test func `sampling from nothing`() {
    #expect(Engine.sampling(logits([.nan, .nan]), SamplingLayer()).elements == [1, 0])
    #expect(Engine.sampling(logits([-.infinity, 3]), SamplingLayer()).elements == [0, 1])
    let none = Activation<Float>(shape: [2, 0], elements: [])
    #expect(Engine.sampling(none, SamplingLayer()) == none)
  }
}
