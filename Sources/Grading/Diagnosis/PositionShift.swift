import Foundation
import PlumbModel
import PlumbVerdicts

/// Positions that count from another number than 0, as those of a prompt behind padding: by how much, of any numbers.
enum PositionShift {
  /// The most positions that are tried where the rotation's own result tells the shift, and where it does not.
  private static let (greatest, greatestBlind) = (1 << 17, 128)
  /// Rows that are looked at.
  private static let rows = 8

  /// The shifts by which the rotation `step` of `failure` may have gone wrong, the likeliest first.
  ///
  /// A dump that has the rotated numbers leaves two: those that turn the step's input most nearly into them. In a stretch that
  /// the dump lacks all shifts up to a small number are tried, unless each takes matrix products.
  static func likely(of step: Step, _ rotary: RotaryEmbeddingLayer, in failure: GradeFailure) -> [Int] {
    let limit = failure.transformer.contextLength
    guard step.name == failure.steps.last?.name else {
      let isCheap = failure.steps.allSatisfy { $0.layer != .linear && $0.layer != .unembedding }
      return isCheap ? Array(2..<max(2, min(limit, greatestBlind))) : []
    }
    guard let input = step.inputs.first.flatMap({ failure.dumped($0) }),
      let output = failure.dumped(step.name), input.shape == output.shape, input.shape.count == 3
    else { return [] }
    guard rotary.scaling == .none else { return [] }
    let turns = turns(from: input, to: output, rotary)
    guard limit > 2, !turns.isEmpty else { return [] }
    // The distance between two turns is least where their difference has the greatest cosine.
    let scored = (2..<min(limit, greatest)).map { shift in
      (shift: shift, score: turns.reduce(0) { $0 + $1.weight * cos(Double(shift) * $1.frequency - $1.angle) })
    }
    let first = scored.max { $0.score < $1.score }
    let second = scored.filter { $0.shift != first?.shift }.max { $0.score < $1.score }
    return [first, second].compactMap { $0?.shift }
  }

  /// The turn of a pair beyond its own position's angle.
  private struct Turn {
    let frequency: Double
    let angle: Double
    let weight: Double
  }

  private static func turns(
    from input: Activation<Float>, to output: Activation<Float>, _ rotary: RotaryEmbeddingLayer
  ) -> [Turn] {
    let (heads, size) = (input.shape[1], input.shape[2])
    var turns: [Turn] = []
    for pair in 0..<rotary.rotatedSize / 2 {
      let frequency =
        pow(Double(rotary.theta), -2 * Double(pair) / Double(rotary.rotatedSize)) / Double(rotary.scalingFactor)
      let (a, b) = rotary.pair(pair)
      for token in 0..<min(input.shape[0], rows) {
        // All heads are turned alike: their products are added as those of complex numbers.
        var (real, imaginary) = (0.0, 0.0)
        for head in 0..<heads {
          let start = (token * heads + head) * size
          func number(_ x: Activation<Float>, _ place: Int) -> Double { Double(x.elements[start + place]) }
          real += number(input, a) * number(output, a) + number(input, b) * number(output, b)
          imaginary += number(input, a) * number(output, b) - number(input, b) * number(output, a)
        }
        let weight = hypot(real, imaginary)
        guard weight.isFinite, weight > 0 else { continue }
        turns.append(
          Turn(frequency: frequency, angle: atan2(imaginary, real) - Double(token) * frequency, weight: weight))
      }
    }
    return turns
  }
}

extension Hypothesis {
  /// The rotation `step` with its positions moved, for the shifts that are likely in `failure`.
  static func shifts(of step: Step, in failure: GradeFailure) -> [Hypothesis] {
    guard case .rotaryEmbedding(let rotary) = step.operation else { return [] }
    return PositionShift.likely(of: step, rotary, in: failure).map { shift in
      Hypothesis(
        "rotary-embedding position-plus-\(shift)", "Positions count from \(shift), as behind padding of that length.",
        instead: { step, values in
          step.makeCase(values).flatMap { input in
            let first = input.integer("firstPosition") + shift
            return try? CheckedCase(input.source.setting("firstPosition", .integer(first)))
          }
        })
    }
  }
}
