import Foundation
import PlumbEngine
import PlumbModel
import Testing

/// Every activation of a pass against a plain evaluation in Float64 of its layer, within the bound that is declared.
///
/// The inputs are the very ones that the engine used. The plain evaluation's own error, at most 2⁻⁴⁰ of the sum of
/// magnitudes, is allowed for.
@Suite struct LocalTruthTests {
  static let rounding = 0x1p-24
  static let slack = 0x1p-40
  static let underflow = 0x1p-149

  struct Case: Sendable, CustomStringConvertible {
    let sizes: Sizes
    let set: Engine.InstructionSet
    var description: String { "\(set): \(sizes)" }
  }
  static let cases = Engine.InstructionSet.supported.flatMap { set in Sizes.all.map { Case(sizes: $0, set: set) } }

  @Test(arguments: cases) func `every activation is within its declared bound`(_ example: Case) throws {
    var random = SplitMix64(seed: 41)
    let transformer = random.transformer(example.sizes)
    let tokens = [3, 49, 0, 17, 17, 30, 8, 25, 41]
    var trace: [ActivationName: Activation<Float>] = [:]
    try Engine.Pass(transformer, threads: 2, instructionSet: example.set).append(tokens) { trace[$0] = $1 }
    let check = LocalTruth(transformer: transformer, trace: trace, tree: example.set.summation)
    var x = check[.embedding]
    #expect(x.elements == tokens.flatMap { check.row($0, of: transformer.stem.tokens.weight) })
    for index in transformer.blocks.indices { x = check.block(index, x) }
    check.norm(x, .finalNorm)
    let last = Activation(shape: [1, x.columns], elements: Array(check[.finalNorm].row(tokens.count - 1)))
    check.linear(last, try #require(transformer.head.unembedding), check[.logits])
    check.softmax(check[.logits].row(0)[...], check[.probabilities].row(0)[...])
    #expect(trace.count == 4 + 18 * transformer.blocks.count)
  }
}

/// The layers, in words of Float64.
struct LocalTruth {
  let transformer: Transformer
  let trace: [ActivationName: Activation<Float>]
  let tree: Engine.SummationTree

  subscript(_ role: ActivationName.Role, in block: Int? = nil) -> Activation<Float> {
    trace[ActivationName(block: block, role)] ?? Activation(shape: [0], elements: [])
  }

  func row(_ index: Int, of tensor: Tensor) -> [Float] {
    Array(Engine.decoded(tensor)[index * tensor.columns..<(index + 1) * tensor.columns])
  }

  /// Expects `computed` to be `exact`·(1 + ε) with one rounding, where `magnitude` is what the plain sum's error scales
  /// with.
  func expect(_ computed: Float, _ exact: Double, error: Double, magnitude: Double, _ what: @autoclosure () -> String) {
    let bound =
      (error + LocalTruthTests.slack * magnitude) * (1 + LocalTruthTests.rounding)
      + LocalTruthTests.rounding * exact.magnitude + LocalTruthTests.underflow
    // Millions of elements: an expectation each would take minutes.
    if (Double(computed) - exact).magnitude <= bound { return }
    Issue.record("\(what()): \(computed) for \(exact), bound \(bound)")
  }

  /// Checks the activations of a block that begins with `x`, and returns its output.
  func block(_ index: Int, _ x: Activation<Float>) -> Activation<Float> {
    norm(x, .attentionNorm, in: index)
    linear(.attentionNorm, .query, in: index)
    linear(.attentionNorm, .key, in: index)
    linear(.attentionNorm, .value, in: index)
    rotary(.query, .rotatedQuery, in: index)
    rotary(.key, .rotatedKey, in: index)
    attention(index)
    linear(.attentionValues, .attentionOutput, in: index)
    #expect(self[.attentionResidual, in: index] == sum(x, self[.attentionOutput, in: index]))
    norm(self[.attentionResidual, in: index], .feedForwardNorm, in: index)
    linear(.feedForwardNorm, .gate, in: index)
    linear(.feedForwardNorm, .up, in: index)
    for (x, y) in zip(self[.gate, in: index].elements, self[.activatedGate, in: index].elements) {
      let exact = Double(x) / (1 + exp(-Double(x)))
      expect(y, exact, error: Engine.siluRelativeError * exact.magnitude, magnitude: exact.magnitude, "silu \(x)")
    }
    let gated = zip(self[.activatedGate, in: index].elements, self[.up, in: index].elements).map { $0 * $1 }
    #expect(self[.gatedUp, in: index].elements == gated)
    linear(.gatedUp, .down, in: index)
    #expect(
      self[.feedForwardResidual, in: index] == sum(self[.attentionResidual, in: index], self[.down, in: index]))
    return self[.feedForwardResidual, in: index]
  }

  private func sum(_ x: Activation<Float>, _ y: Activation<Float>) -> Activation<Float> {
    Activation(shape: x.shape, elements: zip(x.elements, y.elements).map { $0 + $1 })
  }

  /// The layer that gives `role` in `block`, with its weights.
  private func operation(_ role: ActivationName.Role, in block: Int?) -> PlumbModel.Operation {
    transformer.plan.step(ActivationName(block: block, role)).operation
  }

  func norm(_ x: Activation<Float>, _ role: ActivationName.Role, in block: Int? = nil) {
    guard case .rmsNorm(let layer) = operation(role, in: block) else { preconditionFailure("\(role) is no norm") }
    let y = self[role, in: block]
    let weight = Engine.decoded(layer.weight)
    #expect(y.shape == x.shape)
    for token in 0..<x.rows {
      let row = x.row(token).map { Double($0) }
      let root = (row.reduce(0) { $0 + $1 * $1 } / Double(row.count) + Double(layer.epsilon)).squareRoot()
      for (i, computed) in y.row(token).enumerated() {
        let exact = row[i] / root * Double(weight[i])
        let error = Engine.rmsNormRelativeError(terms: row.count) * exact.magnitude
        expect(computed, exact, error: error, magnitude: exact.magnitude, "norm")
      }
    }
  }

  /// The bound of a sum over the tree whose magnitudes add up to `magnitude`.
  private func error(terms: Int, magnitude: Double) -> Double {
    (pow(1 + LocalTruthTests.rounding, Double(tree.depth(terms: terms))) - 1) * magnitude
      + Double(terms) * LocalTruthTests.underflow
  }

  private func linear(_ input: ActivationName.Role, _ output: ActivationName.Role, in block: Int) {
    guard case .linear(let layer) = operation(output, in: block) else { preconditionFailure("\(output) is no product") }
    linear(self[input, in: block], layer, self[output, in: block])
  }

  func linear(_ x: Activation<Float>, _ layer: LinearLayer, _ y: Activation<Float>) {
    let (weight, bias) = (Engine.decoded(layer.weight), layer.bias.map { Engine.decoded($0) })
    let (inputs, outputs) = (layer.weight.columns, layer.weight.rows)
    #expect(y.elements.count * inputs == x.elements.count * outputs)
    for token in 0..<x.elements.count / inputs {
      for output in 0..<outputs {
        let products = (0..<inputs).map {
          Double(weight[output * inputs + $0]) * Double(x.elements[token * inputs + $0])
        }
        let magnitude = products.reduce(0) { $0 + $1.magnitude }
        let offset = bias.map { Double($0[output]) } ?? 0
        let sumError = error(terms: inputs, magnitude: magnitude)
        expect(
          y.elements[token * outputs + output], products.reduce(0, +) + offset, error: sumError,
          magnitude: magnitude + offset.magnitude, "linear \(layer.weight.name)")
      }
    }
  }

  private func rotary(_ input: ActivationName.Role, _ output: ActivationName.Role, in block: Int) {
    guard case .rotaryEmbedding(let layer) = operation(output, in: block) else { preconditionFailure("\(output)") }
    let (x, y) = (self[input, in: block], self[output, in: block])
    let size = x.columns
    for row in 0..<x.rows {
      let position = row / x.shape[1]
      let (x, y) = (Array(x.row(row)), Array(y.row(row)))
      #expect(x[layer.rotatedSize...] == y[layer.rotatedSize...])
      for pair in 0..<layer.rotatedSize / 2 {
        let (first, second) = layer.pair(pair)
        let angle = Double(position) * pow(Double(layer.theta), -2 * Double(pair) / Double(layer.rotatedSize))
        let (a, b) = (Double(x[first]), Double(x[second]))
        let magnitude = a.magnitude + b.magnitude
        let error = Engine.rotaryError(angle: angle, layer) * magnitude
        expect(y[first], a * cos(angle) - b * sin(angle), error: error, magnitude: magnitude, "rotary, size \(size)")
        expect(y[second], a * sin(angle) + b * cos(angle), error: error, magnitude: magnitude, "rotary, size \(size)")
      }
    }
  }

  private func attention(_ index: Int) {
    guard case .attentionScores(let layer) = operation(.attentionScores, in: index) else {
      preconditionFailure("scores")
    }
    let (query, key, value) = (self[.rotatedQuery, in: index], self[.rotatedKey, in: index], self[.value, in: index])
    let (scores, weights) = (self[.attentionScores, in: index], self[.attentionWeights, in: index])
    let tokens = query.shape[0]
    #expect(scores.shape == [layer.heads, tokens, tokens] && weights.shape == scores.shape)
    for row in 0..<layer.heads * tokens {
      let (head, token) = (row / tokens, row % tokens)
      let group = head / (layer.heads / layer.keyValueHeads)
      let q = query.row(token * layer.heads + head).map { Double($0) }
      for position in 0...token {
        let k = key.row(position * layer.keyValueHeads + group).map { Double($0) }
        let products = zip(q, k).map { $0 * $1 / Double(layer.headSize).squareRoot() }
        let magnitude = products.reduce(0) { $0 + $1.magnitude }
        let sumError = error(terms: layer.headSize, magnitude: magnitude)
        expect(
          scores.row(row)[row * tokens + position], products.reduce(0, +), error: sumError, magnitude: magnitude,
          "score")
      }
      softmax(scores.row(row).prefix(token + 1), weights.row(row).prefix(token + 1))
      #expect(weights.row(row).dropFirst(token + 1).allSatisfy { $0 == 0 })
      for i in 0..<layer.headSize {
        let products = (0...token).map {
          Double(weights.row(row)[row * tokens + $0])
            * Double(value.elements[($0 * layer.keyValueHeads + group) * layer.headSize + i])
        }
        let magnitude = products.reduce(0) { $0 + $1.magnitude }
        let computed = self[.attentionValues, in: index].elements[(token * layer.heads + head) * layer.headSize + i]
        expect(
          computed, products.reduce(0, +), error: error(terms: token + 1, magnitude: magnitude), magnitude: magnitude,
          "values")
      }
    }
  }

  func softmax(_ x: ArraySlice<Float>, _ y: ArraySlice<Float>) {
    let greatest = Double(x.max() ?? 0)
    let powers = x.map { exp(Double($0) - greatest) }
    let sum = powers.reduce(0, +)
    for (power, computed) in zip(powers, y) {
      let exact = power / sum
      let error = Engine.softmaxRelativeError(terms: x.count) * exact
      expect(computed, exact, error: error, magnitude: exact, "softmax")
    }
  }
}
