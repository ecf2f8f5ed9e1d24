import PlumbExact
import PlumbModel
import PlumbReference
import Testing

/// Each layer on exact inputs, against an independent program or against the rational number that its formula gives.
@Suite struct LayerTests {
  @Test func `Embedding is the tokens' rows`() throws {
    var input = TableInput(seed: 30)
    let values = input.vector(12)
    let layer = EmbeddingLayer(weight: try weights("embedding", [4, 3], values))
    let rows = try Reference.embedding([2, 0, 2], layer)
    #expect(rows == (try exact(Array(values[6..<9] + values[0..<3] + values[6..<9]), [3, 3])))
    for token in [-1, 4] { #expect(throws: EnclosureError.self) { try Reference.embedding([token], layer) } }
  }

  @Test func `RMS normalisation`() throws {
    var input = TableInput(seed: 21)
    let x = try input.activation([2, 6])
    let layer = RMSNormLayer(weight: try weights("norm", [6], input.vector(6, plus: 1)), epsilon: 0.25)
    let y = try Reference.rmsNorm(x, layer, precision: 200)
    #expect(y.shape == [2, 6])
    expectAgreement(y.elements, LayerTable.rmsNorm, bits: 196)
  }

  @Test func `RMS normalisation of zeros is 0, and undefined without epsilon`() throws {
    let zeros = try exact([0, 0], [1, 2])
    let weight = try weights("norm", [2], [1, 2])
    let normalised = try Reference.rmsNorm(zeros, RMSNormLayer(weight: weight, epsilon: 1e-5), precision: 64)
    #expect(normalised.elements.allSatisfy { $0.contains(0) && $0.radius <= "0x1p-60" })
    for epsilon: Float in [0, -1, .nan] {
      #expect(throws: EnclosureError.self) {
        try Reference.rmsNorm(zeros, RMSNormLayer(weight: weight, epsilon: epsilon), precision: 64)
      }
    }
  }

  /// √5 and its reciprocal are mpmath's.
  @Test(arguments: [
    (false, false, ["15", "-1.25"]), (false, true, ["0.6", "-0.05"]),
    (
      true, false,
      [
        "6.7082039324993690892275210061938287063218550788345771728126917362",
        "-0.5590169943749474241022934171828190588601545899028814310677243113526",
      ]
    ),
    (
      true, true,
      [
        "1.3416407864998738178455042012387657412643710157669154345625383472463",
        "-0.1118033988749894848204586834365638117720309179805762862145448622705",
      ]
    ),
  ])
  func `Scaled by a number or by its root`(isRoot: Bool, divides: Bool, table: [String]) throws {
    let layer = ScaleLayer(factor: 5, isRoot: isRoot, divides: divides)
    let y = try Reference.scale(try exact([3, -0.25], [1, 2]), layer, precision: 200)
    expectAgreement(y.elements, table, bits: 196)
    for factor: Float in [0, -1, .infinity, .nan] {
      let wrong = ScaleLayer(factor: factor, isRoot: isRoot, divides: divides)
      #expect(throws: EnclosureError.self) { try Reference.scale(y, wrong, precision: 64) }
    }
  }

  @Test func `Rows of no elements pass every layer`() throws {
    let (none, weight) = (try exact([], [2, 0]), try weights("weight", [0], []))
    #expect(try Reference.rmsNorm(none, RMSNormLayer(weight: weight, epsilon: 1), precision: 64) == none)
    let layer = LinearLayer(weight: try weights("weight", [3, 0], []))
    #expect(try Reference.linear(none, layer, precision: 64).elements == [Ball](repeating: Ball(0), count: 6))
    #expect(try Reference.softmax(none, precision: 64) == none)
    #expect(Reference.silu(none, precision: 64) == none)
  }

  @Test(arguments: [false, true])
  func `A linear layer is its sum of products`(_ hasBias: Bool) throws {
    var input = TableInput(seed: 31)
    let x = try input.activation([3, 5])
    let (weight, bias) = (input.vector(20), input.vector(4))
    let layer = LinearLayer(
      weight: try weights("weight", [4, 5], weight), bias: hasBias ? try weights("bias", [4], bias) : nil)
    let y = try Reference.linear(x, layer, precision: 64)
    #expect(y.shape == [3, 4])
    let magnitudes = try Reference.linearMagnitudes(x, layer.weight)
    for token in 0..<3 {
      for output in 0..<4 {
        let products = try (0..<5).map {
          x.elements[5 * token + $0].midpoint * (try #require(Rational(exactly: weight[5 * output + $0])))
        }
        let sum = products.reduce(hasBias ? try #require(Rational(exactly: bias[output])) : 0, +)
        #expect(y.elements[4 * token + output] == Ball(sum))
        #expect(magnitudes.elements[4 * token + output] == products.map(\.magnitude).reduce(0, +))
      }
    }
    #expect(try Reference.unembedding(x, layer, precision: 64) == y)
  }

  @Test func `Rotary embedding in both pairings`() throws {
    let pairings: [(RotaryEmbeddingLayer.Pairing, [String])] = [
      (.adjacent, LayerTable.rotaryAdjacent), (.halfSplit, LayerTable.rotaryHalfSplit),
    ]
    for (pairing, table) in pairings {
      var input = TableInput(seed: 22)
      let x = try input.activation([3, 2, 6])
      let layer = RotaryEmbeddingLayer(rotatedSize: 4, theta: 10000, pairing: pairing)
      let y = try Reference.rotaryEmbedding(x, layer, firstPosition: 1000, precision: 200)
      #expect(y.shape == x.shape)
      expectAgreement(y.elements, table, bits: 190)
      let start = try Reference.rotaryEmbedding(x, layer, precision: 200)
      #expect(Array(start.elements[..<12]) == Array(x.elements[..<12]), "position 0 is not turned")
    }
  }

  @Test func `Attention scores, grouped and masked`() throws {
    var input = TableInput(seed: 23)
    let (query, key) = (try input.activation([3, 4, 6]), try input.activation([5, 2, 6]))
    let layer = AttentionLayer(heads: 4, keyValueHeads: 2, headSize: 6)
    let scores = try Reference.attentionScores(query, key, layer, firstPosition: 2, precision: 200)
    #expect(scores.shape == [4, 3, 5])
    expectAgreement(scores.elements, LayerTable.attentionScores, bits: 190)
  }

  @Test func `Attention scores of heads of 4 are exact`() throws {
    var input = TableInput(seed: 32)
    let (query, key) = (try input.activation([1, 1, 4]), try input.activation([1, 1, 4]))
    let layer = AttentionLayer(heads: 1, keyValueHeads: 1, headSize: 4)
    let product = zip(query.elements, key.elements).reduce(Ball(0)) { $0 + $1.0 * $1.1 }
    let scores = try Reference.attentionScores(query, key, layer, precision: 64)
    #expect(scores.elements == [product * Ball(Rational(1, over: 2))])
  }

  @Test func `Softmax of a row`() throws {
    var input = TableInput(seed: 24)
    let y = try Reference.softmax(input.activation([1, 7], times: 64), precision: 200)
    expectAgreement(y.elements, LayerTable.softmax, bits: 196)
  }

  @Test func `Softmax over what the mask allows`() throws {
    var input = TableInput(seed: 25)
    let layer = AttentionLayer(heads: 2, keyValueHeads: 1, headSize: 1)
    let y = try Reference.softmax(input.activation([2, 3, 5]), layer, firstPosition: 2, precision: 200)
    #expect(y.shape == [2, 3, 5])
    expectAgreement(y.elements, LayerTable.maskedSoftmax, bits: 196)
  }

  @Test func `Softmax of one element is exactly 1, of two equal ones a half`() throws {
    #expect(try Reference.softmax(exact([-3], [1, 1]), precision: 64).elements == [Ball(1)])
    for ball in try Reference.softmax(exact([7, 7], [1, 2]), precision: 64).elements {
      #expect(ball.contains("1/2") && ball.radius <= "0x1p-62")
    }
  }

  @Test func `Softmax of the widest spread stays within 0 and 1`() throws {
    let y = try Reference.softmax(exact([3e38, 0, -3e38], [1, 3]), precision: 64)
    #expect(y.elements[0].contains(1) && y.elements[1].contains(0) && y.elements[2].contains(0))
    #expect(y.elements.allSatisfy { $0.lower >= 0 && $0.upper <= 1 && $0.radius <= "0x1p-60" })
  }

  @Test func `Attention values, grouped and masked`() throws {
    var input = TableInput(seed: 33)
    let (weights, value) = (try input.activation([4, 2, 4]), try input.activation([4, 2, 3]))
    let layer = AttentionLayer(heads: 4, keyValueHeads: 2, headSize: 3)
    let y = Reference.attentionValues(weights, value, layer, firstPosition: 1, precision: 64)
    #expect(y.shape == [2, 4, 3])
    for token in 0..<2 {
      for head in 0..<4 {
        for element in 0..<3 {
          // The token at position token + 1 sees the positions 0 ... token + 1; heads 0 and 1 read group 0.
          let sum = (0...token + 1).reduce(Ball(0)) { sum, position in
            let group = head < 2 ? 0 : 1
            return sum
              + weights.elements[8 * head + 4 * token + position] * value.elements[6 * position + 3 * group + element]
          }
          #expect(y.elements[12 * token + 3 * head + element] == sum)
        }
      }
    }
  }

  @Test func `The sigmoid linear unit`() throws {
    var input = TableInput(seed: 26)
    let y = Reference.silu(try input.activation([12], times: 16), precision: 200)
    expectAgreement(y.elements, LayerTable.silu, bits: 196)
    #expect(Reference.silu(try exact([0], [1]), precision: 64).elements == [Ball(0)])
  }

  @Test func `Residual addition and gate are exact`() throws {
    let (x, y) = (try exact([0x1p127, 1, -0.5], [3]), try exact([0x1p-149, -1, 3], [3]))
    let tiny = Rational(significand: 1, exponent: -149)
    let sums = [Rational(significand: 1, exponent: 127) + tiny, 0, "5/2"]
    let products: [Rational] = ["0x1p-22", -1, "-3/2"]
    #expect(Reference.residualAdd(x, y, precision: 32).elements == sums.map { Ball($0) })
    #expect(Reference.gate(x, y, precision: 32).elements == products.map { Ball($0) })
  }
}
