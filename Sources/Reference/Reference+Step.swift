import PlumbExact
import PlumbModel

extension Reference {
  /// The result of a step of a plan for `inputs`, in the shape that the plan says.
  ///
  /// Row 0 stands at position 0. `tokens` are those of the pass. `turns` are those of the rotary layers whose turns somebody
  /// has at this precision; they are computed where they are missing.
  ///
  /// *Error bound*: encloses the true values.
  /// - Throws: `EnclosureError` where the layer does.
  package static func result(
    of step: Step, _ inputs: [Activation<Ball>], tokens: [Int], turns: [RotaryEmbeddingLayer: Activation<Turn>] = [:],
    precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    let inputs = step.taken(inputs)
    func input(_ index: Int = 0) -> Activation<Ball> { step.operation.arranged(inputs[index]) }
    switch step.operation {
    case .embedding(let layer): return try embedding(tokens, layer)
    case .learnedPosition(let layer): return try learnedPosition(input(), layer, precision: precision)
    case .rmsNorm(let layer): return step.arranged(try rmsNorm(input(), layer, precision: precision))
    case .layerNorm(let layer): return step.arranged(try layerNorm(input(), layer, precision: precision))
    case .linear(let layer): return step.arranged(try linear(input(), layer, precision: precision))
    case .rotaryEmbedding(let layer):
      return try rotaryEmbedding(input(), layer, turns: turns[layer], precision: precision)
    case .attentionScores(let layer): return try attentionScores(input(0), input(1), layer, precision: precision)
    case .softmax(let layer?): return try softmax(input(), layer, precision: precision)
    case .softmax(nil): return try softmax(input(), precision: precision)
    case .attentionValues(let layer): return attentionValues(input(0), input(1), layer, precision: precision)
    case .residualAdd: return residualAdd(input(0), input(1), precision: precision)
    case .scale(let layer): return try scale(input(), layer, precision: precision)
    case .activation(let function): return try activated(input(), function, precision: precision)
    case .gate: return gate(input(0), input(1), precision: precision)
    case .clampedGate(let layer): return try clampedGate(input(0), input(1), layer, precision: precision)
    case .clamp(let layer): return try clamp(input(), layer)
    case .router(let layer): return try router(input(), layer, precision: precision)
    case .expertLinear(let layer): return try expertLinear(input(0), input(1), layer, precision: precision)
    case .expertSum: return expertSum(input(0), input(1), precision: precision)
    case .unembedding(let layer, let cap): return try unembedding(input(), layer, softCap: cap, precision: precision)
    }
  }

  /// The result of a plan that begins with the activation `x`, `[tokens, hidden]`.
  ///
  /// *Error bound*: encloses the true values.
  /// - Throws: `EnclosureError` where one of its layers does.
  static func result(
    of plan: Plan, on x: Activation<Ball>, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    let result = try plan.run(from: (0, x)) { step, inputs throws(EnclosureError) in
      try Reference.result(of: step, inputs, tokens: [], precision: precision)
    }
    return result ?? x
  }
}
