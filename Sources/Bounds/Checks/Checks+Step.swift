import PlumbExact
import PlumbModel
import PlumbReference

extension Checks {
  /// The exact result of a step of a plan for the engine's own `inputs`, with the engine's bounds.
  ///
  /// The choice that the engine's `output` shows counts, of two that its roundings do not tell apart.
  /// - Returns: `nil` when an input is not finite, so that there is no exact value.
  package static func expectation(
    of step: Step, _ inputs: [Activation<Float>], tokens: [Int], output: Activation<Float>? = nil, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    let inputs = step.taken(inputs)
    func input(_ index: Int = 0) -> Activation<Float> { step.operation.arranged(inputs[index]) }
    switch step.operation {
    case .embedding(let layer): return try embedding(tokens, layer)
    case .learnedPosition(let layer): return try learnedPosition(input(), layer, precision: precision)
    case .rmsNorm(let layer): return try rmsNorm(input(), layer, precision: precision)?.arranged(as: step)
    case .layerNorm(let layer): return try layerNorm(input(), layer, precision: precision)?.arranged(as: step)
    case .linear(let layer): return try linear(input(), layer, precision: precision)?.arranged(as: step)
    case .rotaryEmbedding(let layer): return try rotaryEmbedding(input(), layer, precision: precision)
    case .attentionScores(let layer): return try attentionScores(input(0), input(1), layer, precision: precision)
    case .softmax(let layer?): return try softmax(input(), layer, precision: precision)
    case .softmax(nil): return try softmax(input(), precision: precision)
    case .attentionValues(let layer): return try attentionValues(input(0), input(1), layer, precision: precision)
    case .residualAdd: return residualAdd(input(0), input(1), precision: precision)
    case .scale(let layer): return try scale(input(), layer, precision: precision)
    case .activation(.relu): return relu(input())
    case .activation(.gelu): return gelu(input(), precision: precision)
    case .activation(.geluTanh): return try geluTanh(input(), precision: precision)
    case .activation(.silu): return silu(input(), precision: precision)
    case .gate: return gate(input(0), input(1), precision: precision)
    case .clampedGate(let layer): return try clampedGate(input(0), input(1), layer, precision: precision)
    case .clamp(let layer): return try clamp(input(), layer)
    case .router(let layer): return try router(input(), layer, output: output, precision: precision)
    case .expertLinear(let layer): return try expertLinear(input(0), input(1), layer, precision: precision)
    case .expertSum: return try expertSum(input(0), input(1), precision: precision)
    case .unembedding(let layer, let cap):
      let logits = try linear(input(), layer, precision: precision)
      guard let cap, let logits else { return logits }
      return try softCapped(logits, cap, precision: precision)
    }
  }

  /// The exact result of a step of a plan, with bounds of what the engine may be off by since the plan began: its `inputs` are
  /// the results of the steps before it.
  ///
  /// A layer of which no running error is proved is outside the domain.
  static func expectation(
    of step: Step, _ inputs: [Expectation], precision: Int
  ) throws(EnclosureError) -> Expectation {
    let exact = step.taken(inputs.map(\.exact))
    let inputs = exact.count == inputs.count ? inputs : [inputs[0].joiningHeads(inputs[1])]
    func input(_ index: Int = 0) -> Expectation {
      inputs[index].reshaped(step.operation.arranged(inputs[index].exact).shape)
    }
    switch step.operation {
    case .rmsNorm(let layer): return try rmsNorm(input(), layer, precision: precision).arranged(as: step)
    case .linear(let layer): return try linear(input(), layer, precision: precision).arranged(as: step)
    case .rotaryEmbedding(let layer): return try rotaryEmbedding(input(), layer, precision: precision)
    case .attentionScores(let layer): return try attentionScores(input(0), input(1), layer, precision: precision)
    case .softmax(let layer?): return try softmax(input(), layer, precision: precision)
    case .attentionValues(let layer): return attentionValues(input(0), input(1), layer, precision: precision)
    case .residualAdd: return residualAdd(input(0), input(1), precision: precision)
    case .scale(let layer): return try scale(input(), layer, precision: precision)
    case .activation(let function): return try activated(input(), function, precision: precision)
    case .gate: return gate(input(0), input(1), precision: precision)
    case .clamp(let layer): return try clamp(input(), layer)
    case .embedding, .learnedPosition, .layerNorm, .softmax(nil), .unembedding, .clampedGate, .router, .expertLinear,
      .expertSum:
      let exact = try Reference.result(of: step, inputs.map(\.exact), tokens: [], precision: precision)
      return Expectation(exact: exact, bounds: [Rational?](repeating: nil, count: exact.elements.count))
    }
  }

  /// The test of whether an element of what `step` gives, in the `shape` that it has, holds a value; `nil` when all do.
  package static func holdsValue(_ step: Step?, shape: [Int]) -> (@Sendable (Int) -> Bool)? {
    guard case .attentionScores(let layer)? = step?.operation else { return nil }
    return layer.holdsScore(tokens: shape[1], positions: shape[2])
  }
}

extension Expectation {
  /// The expectation in the shape of what `step` gives.
  fileprivate func arranged(as step: Step) -> Expectation { reshaped(step.arranged(exact).shape) }
}

extension AttentionLayer {
  /// The test of whether the mask lets an element of scores `[heads, tokens, positions]` through, where row 0 of the tokens stands at
  /// `firstPosition`.
  package func holdsScore(tokens: Int, positions: Int, firstPosition: Int = 0) -> @Sendable (Int) -> Bool {
    { allows(query: firstPosition + $0 / positions % tokens, key: $0 % positions) }
  }
}
