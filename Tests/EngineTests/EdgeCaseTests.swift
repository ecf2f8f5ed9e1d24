import PlumbEngine
import PlumbModel
import Testing

/// Properties at the ends of the range, by identities of the exact functions.
@Suite struct EdgeCaseTests {
  private func row(_ elements: [Float]) -> Activation<Float> {
    Activation(shape: [1, elements.count], elements: elements)
  }

  private func norm(_ elements: [Float], epsilon: Float = 0, weight: Float = 1) -> [Float] {
    let weights = SplitMix64(seed: 0).plain("w", [Float](repeating: weight, count: elements.count), [elements.count])
    return Engine.rmsNorm(row(elements), RMSNormLayer(weight: weights, epsilon: epsilon)).elements
  }

  @Test func `normalisation knows no scale, from the smallest number to the greatest`() {
    var random = SplitMix64(seed: 91)
    for count in [1, 7, 8, 9, 64, 300] {
      let x = random.activation([1, count], exponents: 0...3).elements
      let expected = norm(x)
      for exponent in [-126, -60, 60, 123] {
        let scale = Float(sign: .plus, exponent: exponent, significand: 1)
        #expect(norm(x.map { $0 * scale }) == expected, "2^\(exponent)")
      }
    }
    #expect(norm([.greatestFiniteMagnitude, 0, 0, 0]) == [2, 0, 0, 0])
    #expect(norm([.leastNonzeroMagnitude, 0, 0, 0]) == [2, 0, 0, 0])
    #expect(norm([0, 0], epsilon: 1) == [0, 0])
    #expect(norm([0]).allSatisfy { $0.isNaN })
  }

  @Test func `epsilon is added to the mean of the squares, under the root`() {
    // (9 + 9 + 9 + 9)/4 + 16 = 25.
    #expect(norm([3, 3, -3, 3], epsilon: 16, weight: 5) == [3, 3, -3, 3])
    // A constant row gives its sign, times the weight.
    #expect(norm([-7, -7, -7], weight: 0.5) == [-0.5, -0.5, -0.5])
  }

  @Test func `softmax knows no shift`() {
    var random = SplitMix64(seed: 92)
    let x = (0..<37).map { _ in Float(Int.random(in: -40...40, using: &random)) / 8 }
    let expected = bits(Engine.softmax(row(x)))
    for shift: Float in [-1000, 3, 4096] { #expect(bits(Engine.softmax(row(x.map { $0 + shift }))) == expected) }
  }

  @Test func `softmax of equal, distant and extreme elements`() {
    #expect(Engine.softmax(row([5])).elements == [1])
    #expect(Engine.softmax(row([-3, -3, -3, -3])).elements == [0.25, 0.25, 0.25, 0.25])
    #expect(Engine.softmax(row([0, -1000, -708, -104])).elements == [1, 0, 0, 0])
    let extremes = row([.greatestFiniteMagnitude, -.greatestFiniteMagnitude, 0])
    #expect(Engine.softmax(extremes).elements == [1, 0, 0])
    #expect(Engine.softmax(row([0, -.infinity])).elements == [1, 0])
    // e^−103 is a subnormal of binary32 and must not vanish.
    #expect(Engine.softmax(row([0, -103])).elements[1] > 0)
  }

  @Test func `silu at its ends`() {
    let y = Engine.silu(row([0, -0.0, 1e38, -1e38, 200, -200, .infinity, .leastNonzeroMagnitude])).elements
    #expect(y[0] == 0 && y[1].bitPattern == Float(-0.0).bitPattern)
    #expect(y[2] == 1e38 && y[3].bitPattern == Float(-0.0).bitPattern)
    #expect(y[4] == 200 && y[5].bitPattern == Float(-0.0).bitPattern)
    #expect(y[6] == .infinity)
    #expect(Engine.silu(row([-.infinity, .nan])).elements.allSatisfy { $0.isNaN })
  }

  @Test func `position 0 turns nothing, and a turn keeps what it does not cover`() {
    var random = SplitMix64(seed: 93)
    let x = random.activation([3, 2, 10])
    for pairing in RotaryEmbeddingLayer.Pairing.allCases {
      let layer = RotaryEmbeddingLayer(rotatedSize: 6, theta: 10_000, pairing: pairing)
      let y = Engine.rotaryEmbedding(x, layer)
      #expect(y.row(0) == x.row(0) && y.row(1) == x.row(1))
      for row in 0..<x.rows { #expect(y.row(row).suffix(4) == x.row(row).suffix(4)) }
      #expect(y.row(2).prefix(6) != x.row(2).prefix(6))
      // A later first position gives the rows of the longer run.
      let tail = Activation(shape: [1, 2, 10], elements: Array(x.elements[40...]))
      #expect(Engine.rotaryEmbedding(tail, layer, firstPosition: 2).elements == Array(y.elements[40...]))
    }
  }

  @Test func `rows of no elements pass every layer`() {
    var random = SplitMix64(seed: 94)
    let none = Activation<Float>(shape: [2, 0], elements: [])
    let bias = random.tensor("bias", .f32, [3])
    for bias in [nil, bias] {
      let y = Engine.linear(none, LinearLayer(weight: random.tensor("w", .f32, [3, 0]), bias: bias))
      let row = bias.map { Engine.decoded($0) } ?? [0, 0, 0]
      #expect(y.shape == [2, 3] && y.elements == row + row)
    }
    #expect(Engine.rmsNorm(none, RMSNormLayer(weight: random.tensor("w", .f32, [0]), epsilon: 1)) == none)
    #expect(Engine.silu(none) == none && Engine.softmax(none) == none)
  }
}
