import PlumbFormats
import PlumbModel

/// The change of rotary frequencies for longer contexts, as a case states it: by a rule, or by a divisor of each pair's.
///
/// Source: the configuration of Llama 3.1; Peng et al. 2023, *YaRN*, section 3.2; Ding et al. 2024, *LongRoPE*, section 3.1.
package enum RotaryScalingPart {
  /// The rule by which slow pairs are told from fast ones.
  package enum Rule: String, CaseIterable {
    /// Every pair is as it is, but for its divisor.
    case none
    /// The share that stays grows with the turns, as Llama 3.1's.
    case llama3
    /// The share that stays falls from pair to pair, between the whole numbers around those that turn so often.
    case yarn
    /// The share that stays falls from pair to pair, between those very places.
    case yarnUntruncated = "yarn-untruncated"
  }

  static let attributes = [
    LayerSignature.Attribute(
      "scaling", .word(Rule.none.rawValue), "the rule by which slow pairs are slowed for longer contexts",
      words: Rule.allCases.map(\.rawValue)),
    LayerSignature.Attribute("contextFactor", .real(8), "what the rule divides slow frequencies by (factor)"),
    LayerSignature.Attribute("originalContext", .integer(8192), "the positions in which the rule counts turns"),
    LayerSignature.Attribute("lowTurns", .real(1), "turns below which a pair is slow (low_freq_factor, beta_slow)"),
    LayerSignature.Attribute("highTurns", .real(4), "turns above which a pair is fast (high_freq_factor, beta_fast)"),
    LayerSignature.Attribute("magnitude", .real(1), "what sines and cosines are multiplied by (attention_factor)"),
  ]

  /// The name of the tensor with a divisor for each pair; those behind the last pair count for nothing, as in ggml.
  package static let divisors = "divisors"

  static let tensor = LayerSignature.Tensor.parameter(divisors, ["pairs"], isOptional: true)

  /// The rule of `input`.
  static func rule(_ input: CheckedCase) -> Rule { Rule(rawValue: input.word("scaling")) ?? .none }

  /// `layer` with the scaling of `input`; without one where YaRN's has no ramp, which `validate` refuses.
  static func scaled(_ layer: RotaryEmbeddingLayer, by input: CheckedCase) -> RotaryEmbeddingLayer {
    var layer = layer
    layer.magnitude = .number(input.number("magnitude"))
    let (factor, context) = (input.number("contextFactor"), Float(input.integer("originalContext")))
    let (low, high) = (input.number("lowTurns"), input.number("highTurns"))
    switch rule(input) {
    case .none:
      if let divisors = input.optionalReal(divisors) {
        layer.scaling = .divisors(Array(divisors.elements.prefix(layer.pairs)))
      }
    case .llama3: layer.scaling = .smooth(factor: factor, low: low, high: high, context: context)
    case .yarn:
      if let ends = ramp(layer, input).ends {
        layer.scaling = .ramp(factor: factor, first: ends.first, last: ends.last)
      }
    case .yarnUntruncated:
      if ramp(layer, input).liesWithin {
        layer.scaling = .turns(factor: factor, fast: high, slow: low, context: context)
      }
    }
    return layer
  }

  private static func ramp(_ layer: RotaryEmbeddingLayer, _ input: CheckedCase) -> YarnRamp {
    YarnRamp(
      size: layer.rotatedSize, theta: layer.theta, context: Float(input.integer("originalContext")),
      fast: input.number("highTurns"), slow: input.number("lowTurns"))
  }

  /// The attributes and tensors of a case that scales as `layer`; `nil` where none here does.
  package static func stated(
    by layer: RotaryEmbeddingLayer
  ) -> (attributes: [String: AttributeValue], tensors: [String: Activation<Float>])? {
    guard case .number(let magnitude) = layer.magnitude else { return nil }
    var attributes: [String: AttributeValue] = magnitude == 1 ? [:] : ["magnitude": .real(magnitude)]
    func add(_ rule: Rule, _ factor: Float, _ low: Float, _ high: Float, _ context: Float) -> Bool {
      guard let positions = Int(exactly: context) else { return false }
      attributes.merge([
        "scaling": .word(rule.rawValue), "contextFactor": .real(factor), "originalContext": .integer(positions),
        "lowTurns": .real(low), "highTurns": .real(high),
      ]) { $1 }
      return true
    }
    switch layer.scaling {
    case .none: return (attributes, [:])
    case .divisors(let numbers):
      return (attributes, [divisors: Activation(shape: [numbers.count], elements: numbers)])
    case .smooth(let factor, let low, let high, let context):
      return add(.llama3, factor, low, high, context) ? (attributes, [:]) : nil
    case .turns(let factor, let fast, let slow, let context):
      return add(.yarnUntruncated, factor, slow, fast, context) ? (attributes, [:]) : nil
    // The ends of a ramp do not tell the turns that they were made of.
    case .ramp: return nil
    }
  }

  /// Refuses a scaling that `layer`, whose own numbers are sound, cannot have.
  static func validate(_ layer: RotaryEmbeddingLayer, _ input: CheckedCase) throws(CaseError) {
    func refuse(_ problem: String) -> CaseError { CaseError(input.source.layer, problem) }
    for name in ["contextFactor", "lowTurns", "highTurns", "magnitude"] { try input.requirePositive(name) }
    guard 1..<1 << 24 ~= input.integer("originalContext") else {
      throw refuse("attribute 'originalContext' must be a count from 1 to 2^24 − 1")
    }
    if let divisors = input.optionalReal(divisors) {
      guard rule(input) == .none else { throw refuse("there are 'divisors' and 'scaling': leave one of them") }
      guard divisors.elements.count >= layer.pairs else {
        throw refuse("\(divisors.elements.count) divisors do not go with \(layer.pairs) pairs")
      }
      guard divisors.elements.allSatisfy({ $0 > 0 && $0.isFinite }) else {
        throw refuse("tensor 'divisors' must be positive and finite")
      }
    }
    guard rule(input) != .none else { return }
    guard input.number("lowTurns") < input.number("highTurns") else {
      throw refuse("attribute 'lowTurns' must be below 'highTurns'")
    }
    if scaled(layer, by: input).scaling == .none {
      throw refuse("scaling '\(input.word("scaling"))' is \(ramp(layer, input).words), which is no ramp between pairs")
    }
  }
}
