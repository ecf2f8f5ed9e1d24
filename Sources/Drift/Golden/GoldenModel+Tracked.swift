import PlumbModel
import PlumbTolerance

// A whole pass in error-tracking arithmetic: the errors of each step go through all the steps behind it.
extension GoldenModel {
  /// The activations of a Llama-shaped pass, by name.
  static func trackedPass(
    _ transformer: Transformer, _ tokens: [Int], _ model: ArithmeticModel
  ) -> [String: Activation<Tracked>] {
    var shown: [String: Activation<Tracked>] = [:]
    func show(_ block: Int?, _ role: ActivationName.Role, _ x: Activation<Tracked>) -> Activation<Tracked> {
      shown[ActivationName(block: block, role).description] = x
      return x
    }
    let attention = transformer.attention
    var x = Modelled.embedding(tokens, weight: model.read(transformer.embedding.weight), model)
    for (index, block) in transformer.blocks.enumerated() {
      let normed = show(index, .attentionNorm, Modelled.rmsNorm(x, block.attentionNorm, model))
      func heads(_ layer: LinearLayer, _ count: Int) -> Activation<Tracked> {
        Modelled.linear(normed, layer, model).reshaped([tokens.count, count, attention.headSize])
      }
      func rotated(_ x: Activation<Tracked>) -> Activation<Tracked> {
        Modelled.rotaryEmbedding(x, transformer.rotary, firstPosition: 0, model)
      }
      let query = show(index, .rotatedQuery, rotated(heads(block.query, attention.heads)))
      let key = show(index, .rotatedKey, rotated(heads(block.key, attention.keyValueHeads)))
      let values = Modelled.attention(
        query, key, heads(block.value, attention.keyValueHeads), attention, firstPosition: 0, model)
      let joined = values.reshaped([tokens.count, attention.heads * attention.headSize])
      let middle = show(
        index, .attentionResidual, Modelled.residualAdd(x, Modelled.linear(joined, block.output, model), model))
      let again = Modelled.rmsNorm(middle, block.feedForwardNorm, model)
      let feedForward = Modelled.gatedFeedForward(
        again, gate: model.read(block.feedForward.gate.weight), up: model.read(block.feedForward.up.weight),
        block.feedForward.activation, down: model.read(block.feedForward.down.weight), model)
      x = show(index, .feedForwardResidual, Modelled.residualAdd(middle, feedForward, model))
    }
    let normed = show(nil, .finalNorm, Modelled.rmsNorm(x, transformer.finalNorm, model))
    let last = Activation(shape: [1, normed.columns], elements: Array(normed.row(tokens.count - 1)))
    let logits = show(nil, .logits, Modelled.linear(last, transformer.unembedding, model))
    _ = show(nil, .probabilities, Modelled.softmax(logits, model))
    return shown
  }
}

extension ArithmeticModel {
  /// Weights of F32 as a layer reads them.
  func read(_ tensor: Tensor) -> Activation<Tracked> {
    read(Activation(shape: tensor.shape, elements: tensor.float32s))
  }
}

extension Modelled {
  /// A linear layer with the weights of `layer`.
  static func linear(
    _ x: Activation<Tracked>, _ layer: LinearLayer, _ model: ArithmeticModel
  ) -> Activation<Tracked> {
    linear(x, model.read(layer.weight), bias: layer.bias.map { model.read($0) }, model)
  }

  /// A root-mean-square normalisation with the weight of `layer`.
  static func rmsNorm(
    _ x: Activation<Tracked>, _ layer: RMSNormLayer, _ model: ArithmeticModel
  ) -> Activation<Tracked> {
    rmsNorm(x, weight: model.read(layer.weight), epsilon: layer.epsilon, addsOne: layer.addsOne, model)
  }

  /// A layer normalisation with the weights of `layer`.
  static func layerNorm(
    _ x: Activation<Tracked>, _ layer: LayerNormLayer, _ model: ArithmeticModel
  ) -> Activation<Tracked> {
    layerNorm(
      x, weight: model.read(layer.weight), bias: layer.bias.map { model.read($0) }, epsilon: layer.epsilon, model)
  }
}
