import Foundation
import PlumbExact
import PlumbModel
import Testing

@testable import PlumbReference

/// Scores with a linear bias, against mpmath (`Tests/Fixtures/linear_bias.py`) and by identities.
@Suite struct LinearBiasTests {
  /// The lines of the table: heads, the exponent of the last slope, a head, two positions, and the number.
  private func lines() throws -> [[Substring]] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/linear-bias.txt")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { $0.split(separator: " ") }
  }

  /// The scores of zeros, which are the bias, of one query at `position` with the keys from 0 to `last`.
  private func scores(_ layer: AttentionLayer, at position: Int, keys: Int) throws -> Activation<Ball> {
    func zeros(_ shape: [Int]) -> Activation<Ball> {
      Activation(shape: shape, elements: [Ball](repeating: Ball(0), count: shape.reduce(1, *)))
    }
    return try Reference.attentionScores(
      zeros([1, layer.heads, 1]), zeros([keys, 1, 1]), layer, firstPosition: position, precision: 200)
  }

  @Test func biasesAreThoseOfMpmath() throws {
    let lines = try lines()
    #expect(lines.count == 288)
    for line in lines {
      let numbers = try [0, 2, 3, 4].map { try #require(Int(line[$0])) }
      let (heads, head, query, key) = (numbers[0], numbers[1], numbers[2], numbers[3])
      let bias = LinearBias(heads: heads, last: try #require(Float(line[1])))
      let layer = AttentionLayer(heads: heads, keyValueHeads: 1, headSize: 1, isCausal: false, linearBias: bias)
      let score = try scores(layer, at: query, keys: key + 1).elements[(head + 1) * (key + 1) - 1]
      let value = try #require(Rational(String(line[5])))
      let distance = (score.midpoint - value).magnitude + score.radius
      #expect(distance <= value.magnitude / Rational(Integer(10).power(40)), "\(line)")
    }
  }

  /// Slopes of whole exponents are exact, as eight heads of a least slope of 2⁻⁸ have them.
  @Test func wholeExponentsAreExact() throws {
    let layer = AttentionLayer(heads: 8, keyValueHeads: 1, headSize: 1, linearBias: LinearBias(heads: 8))
    let scores = try scores(layer, at: 6, keys: 7)
    for head in 0..<8 {
      for key in 0..<7 {
        let ball = scores.elements[head * 7 + key]
        #expect(ball == Ball(-Rational.powerOfTwo(-head - 1) * Rational(Integer(6 - key))))
      }
    }
  }

  /// A softmax does not see what all scores of a row have in common: positions counted from the first give the same weights.
  @Test func weightsDependOnDifferencesOfPositions() throws {
    let layer = AttentionLayer(heads: 6, keyValueHeads: 1, headSize: 1, linearBias: LinearBias(heads: 6))
    let own = try scores(layer, at: 4, keys: 5)
    let slopes = try Reference.slopes(of: layer, precision: 200)
    let counted = Activation(
      shape: own.shape, elements: own.elements.indices.map { slopes[$0 / 5] * Ball(Rational(Integer($0 % 5))) })
    let weights = try [own, counted].map { try Reference.softmax($0, precision: 200).elements }
    for (a, b) in zip(weights[0], weights[1]) {
      #expect((a.midpoint - b.midpoint).magnitude <= a.radius + b.radius)
      #expect(a.radius < Rational.powerOfTwo(-180))
    }
  }

  /// A bias that the scale multiplies is that of the same layer with a scale of 1, times the scale.
  @Test func aScaledBiasIsMultiplied() throws {
    var layer = AttentionLayer(
      heads: 6, keyValueHeads: 1, headSize: 1, scale: 0.375, linearBias: LinearBias(heads: 6, isScaled: true))
    let scaled = try scores(layer, at: 4, keys: 5).elements
    layer.linearBias?.isScaled = false
    for (a, b) in zip(scaled, try scores(layer, at: 4, keys: 5).elements) {
      let product = b * Ball(Rational(3, over: 8))
      #expect((a.midpoint - product.midpoint).magnitude <= a.radius + product.radius)
    }
  }
}
