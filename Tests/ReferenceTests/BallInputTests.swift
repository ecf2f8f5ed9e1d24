import PlumbExact
import PlumbModel
import PlumbReference
import Testing

/// Layers on balls: whatever points of the balls one takes, the layer's value there lies in the layer's ball.
@Suite struct BallInputTests {
  /// Balls of radius 2^−`accuracy` around numbers of `input`, and one exact point within each.
  private func drawn(
    _ shape: [Int], accuracy: Int, times factor: Float = 1, from input: inout TableInput
  ) throws -> (balls: Activation<Ball>, points: Activation<Ball>) {
    let midpoints = try input.activation(shape, times: factor)
    // From the middle to the very ends, which is where an enclosure fails first.
    let places = try input.activation(shape).map { max(-1, min(1, $0.midpoint * 2)) }
    let radius = Rational(significand: 1, exponent: -accuracy)
    let points = zip(midpoints.elements, places.elements).map { Ball($0.midpoint + radius * $1) }
    return (
      midpoints.map { Ball(midpoint: $0.midpoint, radius: radius) }, Activation(shape: shape, elements: points)
    )
  }

  /// Checks that both enclose one value, and returns the greatest radius.
  private func greatestRadius(_ wide: Activation<Ball>, enclosing narrow: Activation<Ball>) -> Rational {
    #expect(wide.shape == narrow.shape)
    for (ball, value) in zip(wide.elements, narrow.elements) {
      #expect(ball.overlaps(value))
      #expect(value.radius <= "0x1p-100")
    }
    return wide.elements.map(\.radius).max() ?? 0
  }

  @Test(arguments: [4, 20, 60])
  func `RMS normalisation`(_ accuracy: Int) throws {
    var input = TableInput(seed: 40)
    let layer = RMSNormLayer(weight: try weights("norm", [8], input.vector(8)), epsilon: 0.125)
    let (balls, points) = try drawn([5, 8], accuracy: accuracy, from: &input)
    let radius = greatestRadius(
      try Reference.rmsNorm(balls, layer, precision: 160),
      enclosing: try Reference.rmsNorm(points, layer, precision: 160))
    // With s = 1/√(mean x² + epsilon): |∂yᵢ| ≤ |weightᵢ|·s·(1 + |xᵢ|·s · mean|x|·s)·r, where s ≤ √8, |xᵢ|·s ≤ √8 and
    // mean|x|·s ≤ 1: at most √8·(1 + √8)·r < 10.9·r.
    if accuracy >= 20 { #expect(radius < Rational(significand: 1, exponent: -accuracy) * "10.9") }
  }

  @Test(arguments: [1, 20, 60])
  func `Linear layer`(_ accuracy: Int) throws {
    var input = TableInput(seed: 41)
    let weight = try weights("weight", [6, 9], input.vector(54))
    let layer = LinearLayer(weight: weight, bias: try weights("bias", [6], input.vector(6)))
    let (balls, points) = try drawn([4, 9], accuracy: accuracy, from: &input)
    let wide = try Reference.linear(balls, layer, precision: 160)
    _ = greatestRadius(wide, enclosing: try Reference.linear(points, layer, precision: 160))
    // No ball is narrower than Σ|w| · radius, which some points attain, nor wider by more than the rounding of radii.
    for (output, ball) in wide.elements.enumerated() {
      let row = try Reference.row(output % 6, of: weight).magnitudes
      let attained = (0..<9).reduce(Rational(0)) { $0 + row[$1] }.scaled(byPowerOfTwo: -accuracy)
      #expect(ball.radius >= attained && ball.radius <= attained * "1.000001")
    }
    let magnitudes = try Reference.linearMagnitudes(balls, weight)
    let pointMagnitudes = try Reference.linearMagnitudes(points, weight)
    for (bound, value) in zip(magnitudes.elements, pointMagnitudes.elements) { #expect(bound >= value) }
  }

  @Test(arguments: [4, 20, 60], RotaryEmbeddingLayer.Pairing.allCases)
  func `Rotary embedding`(_ accuracy: Int, _ pairing: RotaryEmbeddingLayer.Pairing) throws {
    var input = TableInput(seed: 42)
    let layer = RotaryEmbeddingLayer(rotatedSize: 4, theta: 100, pairing: pairing)
    let (balls, points) = try drawn([3, 2, 5], accuracy: accuracy, from: &input)
    let radius = greatestRadius(
      try Reference.rotaryEmbedding(balls, layer, precision: 160),
      enclosing: try Reference.rotaryEmbedding(points, layer, precision: 160))
    // |cos φ| + |sin φ| is at most √2.
    #expect(radius < Rational(significand: 1, exponent: -accuracy) * "1.4143")
  }

  @Test(arguments: [4, 20, 60])
  func `Attention scores and values`(_ accuracy: Int) throws {
    var input = TableInput(seed: 43)
    let layer = AttentionLayer(heads: 4, keyValueHeads: 2, headSize: 3)
    let (queries, queryPoints) = try drawn([3, 4, 3], accuracy: accuracy, from: &input)
    let (keys, keyPoints) = try drawn([3, 2, 3], accuracy: accuracy, from: &input)
    let scores = greatestRadius(
      try Reference.attentionScores(queries, keys, layer, precision: 160),
      enclosing: try Reference.attentionScores(queryPoints, keyPoints, layer, precision: 160))
    // Three products, each with factors below 1 in magnitude: 3 · (2r + r²) / √3.
    #expect(scores < Rational(significand: 4, exponent: -accuracy))
    let (weights, weightPoints) = try drawn([4, 3, 3], accuracy: accuracy, from: &input)
    let values = greatestRadius(
      Reference.attentionValues(weights, keys, layer, precision: 160),
      enclosing: Reference.attentionValues(weightPoints, keyPoints, layer, precision: 160))
    #expect(values < Rational(significand: 7, exponent: -accuracy))
  }

  @Test(arguments: [-3, 1, 20, 60])
  func `Softmax of balls`(_ accuracy: Int) throws {
    var input = TableInput(seed: 44)
    let (balls, points) = try drawn([6, 7], accuracy: accuracy, times: 8, from: &input)
    let radius = greatestRadius(
      try Reference.softmax(balls, precision: 160), enclosing: try Reference.softmax(points, precision: 160))
    // Σⱼ |∂pᵢ/∂xⱼ| = 2·pᵢ·(1 − pᵢ) is at most 1/2; a quotient of balls would reach 2·pᵢ.
    if accuracy >= 20 { #expect(radius < Rational(significand: 1, exponent: -accuracy) * "0.51") }
    let layer = AttentionLayer(heads: 2, keyValueHeads: 1, headSize: 1)
    let (scores, scorePoints) = (balls.reshaped([2, 3, 7]), points.reshaped([2, 3, 7]))
    _ = greatestRadius(
      try Reference.softmax(scores, layer, firstPosition: 2, precision: 160),
      enclosing: try Reference.softmax(scorePoints, layer, firstPosition: 2, precision: 160))
  }

  @Test(arguments: [-3, 1, 20, 60])
  func `The sigmoid linear unit`(_ accuracy: Int) throws {
    var input = TableInput(seed: 45)
    let (balls, points) = try drawn([60], accuracy: accuracy, times: 8, from: &input)
    let radius = greatestRadius(
      Reference.silu(balls, precision: 160), enclosing: Reference.silu(points, precision: 160))
    // Its slope is between −0.0999 and 1.0999 everywhere.
    if accuracy >= 20 { #expect(radius < Rational(significand: 1, exponent: -accuracy) * "1.1") }
  }

  @Test(arguments: [4, 20, 60])
  func `Residual addition and gate`(_ accuracy: Int) throws {
    var input = TableInput(seed: 46)
    let (x, xPoints) = try drawn([50], accuracy: accuracy, from: &input)
    let (y, yPoints) = try drawn([50], accuracy: accuracy, from: &input)
    let sum = greatestRadius(
      Reference.residualAdd(x, y, precision: 160), enclosing: Reference.residualAdd(xPoints, yPoints, precision: 160))
    #expect(sum < Rational(significand: 1, exponent: -accuracy) * "2.000001")
    let product = greatestRadius(
      Reference.gate(x, y, precision: 160), enclosing: Reference.gate(xPoints, yPoints, precision: 160))
    #expect(product < Rational(significand: 1, exponent: -accuracy) * "2.1")
  }
}
