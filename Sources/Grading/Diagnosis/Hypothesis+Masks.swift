import PlumbModel
import PlumbMutants
import PlumbVerdicts

extension Hypothesis {
  /// Masks that let other positions through than they should, where the scores there are numbers.
  static let masks: [Hypothesis] = [
    mask("no-mask", "Every token sees every position.") { _, _ in true },
    mask("mask-one-long", "A token sees the position after its own.") { $1 <= $0 + 1 },
    mask("mask-one-short", "A token does not see itself.") { $1 < $0 },
    mask("window-of-8", "A token sees the eight positions up to its own only.") { $1 <= $0 && $0 - $1 < 8 },
    mask("window-of-4", "A token sees the four positions up to its own only.") { $1 <= $0 && $0 - $1 < 4 },
    mask("first-position-hidden", "Position 0 is hidden from all but itself.") { $1 <= $0 && ($1 > 0 || $0 == 0) },
  ]

  static func mask(
    _ name: String, _ cause: String, _ allows: @escaping @Sendable (_ query: Int, _ key: Int) -> Bool
  ) -> Hypothesis {
    Hypothesis(
      "softmax \(name)", cause,
      instead: { step, values in
        guard let scores = unmaskedScores(step, values), scores.shape.count == 3 else { return nil }
        let (tokens, positions) = (scores.shape[1], scores.columns)
        let elements = scores.elements.enumerated().map { index, score in
          allows(index / positions % tokens, index % positions) ? score : -.infinity
        }
        let x = Activation<Float>(shape: [scores.rows, positions], elements: elements)
        return try? CheckedCase(LayerCase(layer: .softmax, tensors: ["x": .real(x)]))
      })
  }

  /// The scores of every position, also of those that the mask hides; computed where the dump has none there.
  private static func unmaskedScores(_ step: DiagnosedStep, _ values: Values) -> Activation<Float>? {
    guard let name = step.step.inputs.first, let scores = values[name] else { return nil }
    guard let before = step.transformer.plan[name], !scores.elements.allSatisfy(\.isFinite) else { return scores }
    let attention = DiagnosedStep(step: before, transformer: step.transformer, tokens: step.tokens)
    guard var source = attention.makeCase(values)?.source else { return scores }
    source.attributes["causal"] = .flag(false)
    return (try? CheckedCase(source)).map { Mutant.control(of: .attentionScores).output($0).reshaped(scores.shape) }
  }
}
