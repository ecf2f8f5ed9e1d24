import PlumbEngine
import PlumbModel
import PlumbVerdicts

/// A step of a backward pass as a case of its layer, on the inputs that an engine gave it.
package enum BackwardCase {
  /// The case of `step`, which takes `activations` and `gradients`; `nil` where the layer's attributes cannot say what the step does.
  ///
  /// `incoming` is the gradient of each token's loss.
  package static func make(
    _ step: BackwardStep, activations: [Activation<Float>], gradients: [Activation<Float>], tokens: [Int],
    targets: [Int], incoming: Activation<Float>
  ) -> LayerCase? {
    func x(_ index: Int = 0) -> Activation<Float> { activations[index] }
    func gradient() -> Activation<Float> { gradients[0] }
    func made(
      _ attributes: [String: AttributeValue] = [:], _ tensors: [String: Activation<Float>], as layer: LayerKind? = nil
    ) -> LayerCase? {
      (layer ?? step.layer).map {
        LayerCase(layer: $0, attributes: attributes, tensors: tensors.mapValues(CaseTensor.real))
      }
    }
    /// The case of a tensor that is copied.
    func copied(_ x: Activation<Float>) -> LayerCase? { made(["factor": .real(1)], ["x": x.joined], as: .scale) }
    func norm(_ weight: Tensor, _ attributes: [String: AttributeValue], ofWeight: Bool) -> LayerCase? {
      var tensors = ["x": x().cut(weight.count), "gradient": gradient().cut(weight.count)]
      if !ofWeight { tensors["weight"] = numbers(weight) }
      return made(attributes, tensors)
    }
    /// The gradients of an expert's weight and bias as those of a product of the rows that belong to it.
    func experts(_ part: ExpertGradient) -> LayerCase? {
      func rows(_ weights: Activation<Float>, _ expert: Int, _ chosen: Int) -> [Int] {
        ExpertChoice(of: weights, chosen: chosen) { $0 == 0 }.rows(of: expert, chosen: chosen)
      }
      switch part {
      case .linearWeight(let expert, let chosen):
        let places = rows(x(1), expert, chosen)
        guard !places.isEmpty else { return zeros().flatMap(copied) }
        return made(
          [:], ["gradient": gradient().rows(at: places), "x": x().expertRows(at: places, chosen: chosen)],
          as: .linearWeightBackward)
      case .bias(let expert, let chosen):
        let places = rows(x(), expert, chosen)
        guard !places.isEmpty else { return zeros().flatMap(copied) }
        return made([:], ["gradient": gradient().rows(at: places)], as: .biasBackward)
      case .router(let layer): return router(layer, logits: x(0), weights: x(1), gradient())
      case .given(let places, _): return given(x(), gradient(), places: places)
      case .weights, .linear: return nil
      }
    }
    func zeros() -> Activation<Float>? {
      step.weight.map { Activation(shape: $0.shape, elements: [Float](repeating: 0, count: $0.count)) }
    }
    switch step.operation {
    case .crossEntropy:
      var result = made([:], ["logits": x(), "gradient": incoming])
      result?.tensors["targets"] = .integer(Activation(shape: [targets.count], elements: targets))
      return result
    case .unembeddingWeight(let layer, let cap):
      return made(
        ["softCap": .real(cap)],
        ["x": x().joined, "weight": numbers(layer.weight), "gradient": gradient().joined])
    case .unembedding(let layer, let cap):
      return made(
        cap.map { ["softCap": .real($0)] } ?? [:],
        ["x": x().joined, "weight": numbers(layer.weight), "gradient": gradient().joined])
    case .linear(let layer): return made([:], ["gradient": gradient().joined, "weight": numbers(layer.weight)])
    case .linearWeight: return made([:], ["gradient": gradient().joined, "x": x().joined])
    case .bias: return made([:], ["gradient": gradient().joined])
    case .rmsNorm(let layer):
      return norm(
        layer.weight, ["epsilon": .real(layer.epsilon), "addsOne": .flag(layer.addsOne)], ofWeight: false)
    case .rmsNormWeight(let layer): return norm(layer.weight, ["epsilon": .real(layer.epsilon)], ofWeight: true)
    case .layerNorm(let layer): return norm(layer.weight, ["epsilon": .real(layer.epsilon)], ofWeight: false)
    case .layerNormWeight(let layer): return norm(layer.weight, ["epsilon": .real(layer.epsilon)], ofWeight: true)
    case .rotaryEmbedding(let layer):
      guard layer.firstRotated == 0, let scaling = RotaryScalingPart.stated(by: layer) else { return nil }
      let attributes: [String: AttributeValue] = [
        "theta": .real(layer.theta), "interleaved": .flag(layer.pairing == .adjacent),
        "rotatedSize": .integer(layer.rotatedSize), "scalingFactor": .real(layer.scalingFactor),
      ]
      return made(
        attributes.merging(scaling.attributes) { $1 }, scaling.tensors.merging(["gradient": gradient()]) { $1 })
    case .attentionQuery(let attention), .attentionKey(let attention), .attentionValue(let attention),
      .attentionSinks(let attention):
      let layer = attention.layer
      guard layer.scaleSize == nil, layer.stretch.isOne,
        x(2).columns == layer.headSize
      else { return nil }
      var attributes = layer.maskOfCase
      if let scale = layer.scale { attributes["scale"] = .real(scale) }
      if let cap = layer.softCap { attributes["softCap"] = .real(cap) }
      if let bias = layer.linearBias {
        guard let last = bias.last else { return nil }
        attributes["alibi"] = .real(last)
      }
      var tensors = ["query": x(0), "key": x(1), "value": x(2), "gradient": gradient().reshaped(x(0).shape)]
      if let sinks = layer.sinks?.logits { tensors["sinks"] = Activation(shape: [sinks.count], elements: sinks) }
      return made(attributes, tensors)
    case .clampedGate(let layer), .clampedUp(let layer):
      return made(
        ["alpha": .real(layer.alpha), "limit": .real(layer.limit)],
        ["gate": x(0).joined, "up": x(1).joined, "gradient": gradient().reshaped(x(0).shape).joined])
    case .headPart(let range): return copied(gradient().part(of: range))
    case .headSum(let range):
      return made([:], ["gradient": gradient().part(of: range).headsAsRows], as: .biasBackward)
    case .experts(let part): return experts(part)
    case .activation: return made([:], ["x": x().joined, "gradient": gradient().joined])
    case .gate: return made([:], ["x": gradient().joined, "gate": x().joined])
    case .scale(let layer):
      return made(
        ["factor": .real(layer.factor), "root": .flag(layer.isRoot), "divides": .flag(layer.divides)],
        ["x": gradient().joined])
    case .sum: return made([:], ["x": gradients[0].joined, "residual": gradients[1].joined])
    case .rows(let byPosition):
      guard let weight = step.weight else { return nil }
      let nothing = Activation(shape: weight.shape, elements: [Float](repeating: 0, count: weight.count))
      var result = made(
        [:], ["gradient": gradient().joined, "before": gradients.count > 1 ? gradients[1] : nothing])
      let places = byPosition ? Array(tokens.indices) : tokens
      result?.tensors["tokens"] = .integer(Activation(shape: [places.count], elements: places))
      return result
    }
  }

  /// The tensor's numbers in Float32.
  private static func numbers(_ tensor: Tensor) -> Activation<Float> {
    Activation(shape: tensor.shape, elements: Engine.decoded(tensor))
  }
}

extension Activation {
  /// The elements in rows of `width`.
  fileprivate func cut(_ width: Int) -> Activation {
    reshaped([width == 0 ? 0 : elements.count / width, width])
  }
}
