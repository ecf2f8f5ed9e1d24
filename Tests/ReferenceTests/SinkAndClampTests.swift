import Foundation
import PlumbExact
import PlumbModel
import Testing

@testable import PlumbReference

/// Clamped gates and softmaxes with a sink, against mpmath (`Tests/Fixtures/gpt_oss_layers.py`) and by identities.
@Suite struct SinkAndClampTests {
  private func lines(_ kind: String) throws -> [[Substring]] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/gpt-oss-layers.txt")
    let text = try String(contentsOf: file, encoding: .utf8)
    return text.split(separator: "\n").map { $0.split(separator: " ") }.filter { $0[0] == kind }
  }

  private func number(_ text: Substring) throws -> Float { try #require(Float(text)) }

  private func ball(_ text: Substring) throws -> Ball { Ball(try #require(Rational(exactly: number(text)))) }

  /// Whether `ball` is within 10⁻⁴⁰ of the decimal `text` in parts of it, which is rounded to 45 digits.
  private func agrees(_ ball: Ball, _ text: Substring) throws -> Bool {
    let value = try #require(Rational(String(text)))
    return (ball.midpoint - value).magnitude + ball.radius <= value.magnitude / Rational(Integer(10).power(40))
  }

  @Test func clampedGatesAreThoseOfMpmath() throws {
    let cases = try lines("gate")
    #expect(cases.count == 60)
    for line in cases {
      let layer = ClampedGateLayer(alpha: try number(line[1]), limit: try number(line[2]))
      let result = try Reference.clampedGate(
        Activation(shape: [1], elements: [ball(line[3])]), Activation(shape: [1], elements: [ball(line[4])]), layer,
        precision: 256)
      // Numbers that count as 0 lie far below every format.
      let isVanishing = try number(line[3]) < -1e6
      #expect(
        isVanishing
          ? result.elements[0].upper.magnitude < Rational.powerOfTwo(-1000)
          : try agrees(result.elements[0], line[5]), "\(line)")
    }
  }

  private func sinks(_ logits: [Float]) throws -> AttentionSinks {
    let tensor = Tensor(name: "sinks", type: .f32, shape: [logits.count], bytes: WeightArray(logits))
    return AttentionSinks(tensor: try #require(tensor), logits: logits)
  }

  @Test func weightsBesideASinkAreThoseOfMpmath() throws {
    let cases = try lines("softmax")
    #expect(cases.count == 20)
    for line in cases {
      let scores = try line[2].split(separator: ",").map(ball)
      var layer = AttentionLayer(heads: 1, keyValueHeads: 1, headSize: 1, isCausal: false)
      layer.sinks = try sinks([number(line[1])])
      let x = Activation(shape: [1, 1, scores.count], elements: scores)
      let tensor = BallTensor(x, rows: 1, precision: 256)
      let results = [
        try Reference.softmax(x, layer, precision: 256).elements,
        try Reference.softmax(tensor, layer, precision: 256).activation.elements,
      ]
      for weights in results {
        for (weight, value) in zip(weights, line[3].split(separator: ",")) {
          // The second is computed to so many bits of the greatest.
          #expect(try agrees(weight, value) || weight.contains(Rational(String(value)) ?? 1), "\(line)")
        }
      }
    }
  }

  /// A head's sink is a key more, whose score is the sink and whose value is 0.
  @Test func aSinkIsAKeyOfValueZero() throws {
    var layer = AttentionLayer(heads: 2, keyValueHeads: 1, headSize: 2, isCausal: true, window: 2)
    layer.sinks = try sinks([0.5, -2])
    let scores = Activation(
      shape: [2, 3, 3], elements: (0..<18).map { Ball(Rational(Integer($0 * 7 % 11 - 5), over: Integer(4))) })
    let weights = try Reference.softmax(scores, layer, precision: 200)
    for row in 0..<6 {
      let seen = (0..<3).filter { layer.allows(query: row % 3, key: $0) }
      let all = seen.map { scores.elements[row * 3 + $0] } + [Ball(Rational(exactly: [Float(0.5), -2][row / 3]) ?? 0)]
      let plain = try Reference.softmax(Activation(shape: [1, all.count], elements: all), precision: 200)
      for (place, position) in seen.enumerated() {
        #expect(weights.elements[row * 3 + position].overlaps(plain.elements[place]))
      }
      #expect(seen.count == 3 || weights.row(row).contains { $0.isExact && $0.midpoint.isZero })
    }
  }
}
