import PlumbEngine
import PlumbModel

/// Decides almost every element without big numbers, by Float64 arithmetic whose every error is bounded.
///
/// It shares no arithmetic with the engine and calls no mathematical library. The exact path agrees wherever the filter says
/// *within*, *outside* or *outside the domain*; where an element lies too near its bound, or a layer has no filter, the filter
/// says nothing, and the exact path decides.
package enum Filter {
  /// The drift that is proved of `output`, the engine's unless another is given, on `input`; `nil` where the exact path must
  /// decide.
  package static func judge(_ input: CheckedCase, output: Activation<Float>? = nil) -> FilteredDrift? {
    guard let expectation = expectation(of: input) else { return nil }
    let output = output ?? Catalogue.engine(input)
    return Catalogue.offGrid(input, output, in: .engine) == nil ? expectation.decide(output) : nil
  }

  /// The values that the layer must compute on `input`; `nil` where the filter has nothing to say.
  static func expectation(of input: CheckedCase) -> FilteredExpectation? {
    let layer = input.source.layer
    // The engine computes the formula, so that the formula in its arithmetic says all.
    if let entry = Catalogue.entry(for: layer) as? any FormulaEntry.Type, !entry.hasAccuracy(input) {
      return hasFiniteTensors(input) ? expectation(of: input, in: .model(.declared), entry.declared(input)) : nil
    }
    // An attribute that the filter does not know may change the formula.
    guard let attributes = knownAttributes(layer), input.source.attributes.keys.allSatisfy(attributes.contains),
      hasFiniteTensors(input)
    else { return nil }
    switch layer {
    case .softmax: return softmax(input.real("x"))
    case .logSoftmax: return logSoftmax(input.real("x"))
    case .crossEntropy: return crossEntropy(input.real("logits"), targets: input.integers("targets"))
    case .rmsNorm: return rmsNorm(input)
    case .layerNorm: return layerNorm(input)
    case .linear: return linear(input.real("x"), input.real("weight"), bias: input.optionalReal("bias"))
    case .unembedding:
      // A soft cap is the exact path's.
      guard input.nonZero("softCap") == nil else { return nil }
      return linear(input.real("x"), input.real("weight"), bias: nil)
    case .attentionScores: return attentionScores(input)
    case .attentionValues: return attentionValues(input)
    case .residualAdd: return pairs(input.real("x"), input.real("residual")) { Near(sumOf: Double($0), Double($1)) }
    case .scale: return scale(input.real("x"), ScalePart.layer(input))
    case .gate: return pairs(input.real("x"), input.real("gate")) { Near(exactly: Double($0) * Double($1)) }
    case .learnedPosition: return learnedPosition(input)
    case .embedding: return embedding(input)
    case .relu: return elements(input.real("x")) { Near(exactly: Double(max($0, 0))) }
    case .silu: return silu(input.real("x"))
    case .clamp:
      let limit = input.number("limit")
      return elements(input.real("x")) { Near(exactly: Double(min(max($0, -limit), limit))) }
    case .clampedGate: return clampedGate(input.real("gate"), input.real("up"), ClampedGateEntry.layer(input))
    case .geluTanh: return geluTanh(input.real("x"))
    case .cosineSimilarity: return cosineSimilarity(input.real("x"), input.real("y"))
    default: return nil
    }
  }

  /// The attributes that the filter of `layer` takes into account; `nil` where there is no filter.
  private static func knownAttributes(_ layer: LayerKind) -> [String]? {
    switch layer {
    case .softmax, .logSoftmax, .linear, .residualAdd, .gate, .embedding, .relu, .silu,
      .geluTanh:
      []
    case .clampedGate: ["alpha", "limit"]
    case .clamp: ["limit"]
    case .crossEntropy: CrossEntropyEntry.known
    case .cosineSimilarity: CosineSimilarityEntry.known
    case .rmsNorm: ["epsilon", "addsOne"]
    case .scale: ["factor", "root", "divides"]
    case .layerNorm: ["epsilon"]
    case .unembedding: ["softCap"]
    case .attentionScores: AttentionPart.known
    case .attentionValues: ["causal", "window", "windowAfter", "firstPosition"]
    case .learnedPosition: ["firstPosition"]
    default: nil
    }
  }

  static func hasFiniteTensors(_ input: CheckedCase) -> Bool {
    input.source.tensors.values.allSatisfy { tensor in
      if case .real(let activation) = tensor { isFinite(activation.elements) } else { true }
    }
  }

  /// Whether every number is finite; without a branch for each.
  package static func isFinite(_ numbers: [Float]) -> Bool {
    var isFinite = true
    for number in numbers { isFinite = isFinite && number.magnitude <= .greatestFiniteMagnitude }
    return isFinite
  }

  /// A layer that rounds once, and is otherwise exact.
  private static func elements(_ x: Activation<Float>, _ exact: (Float) -> Near) -> FilteredExpectation {
    var result = FilteredExpectation(capacity: x.elements.count)
    for element in x.elements {
      let exact = exact(element)
      result.append(exact, .oneRounding(of: exact))
    }
    return result
  }

  /// As `elements`, of two numbers.
  private static func pairs(
    _ x: Activation<Float>, _ y: Activation<Float>, _ exact: (Float, Float) -> Near
  ) -> FilteredExpectation {
    var result = FilteredExpectation(capacity: x.elements.count)
    for (first, second) in zip(x.elements, y.elements) {
      let exact = exact(first, second)
      result.append(exact, .oneRounding(of: exact))
    }
    return result
  }

  private static func scale(_ x: Activation<Float>, _ layer: ScaleLayer) -> FilteredExpectation {
    let declared = Engine.scaleRelativeError(layer)
    var result = FilteredExpectation(capacity: x.elements.count)
    for element in x.elements {
      let exact = scaled(element, layer)
      result.append(
        exact,
        declared == 0 ? .oneRounding(of: exact) : .oneRounding(of: exact, relativeError: declared, absoluteError: 0))
    }
    return result
  }

  /// x·f or x/f, which Float64 holds where f is a Float32 that multiplies; else the root and the last operation round once each.
  static func scaled(_ x: Float, _ layer: ScaleLayer) -> Near {
    let factor = Double(layer.factor)
    guard Engine.scaleRelativeError(layer) > 0 else { return Near(exactly: Double(x) * factor) }
    let number = layer.isRoot ? factor.squareRoot() : factor
    let value = layer.divides ? Double(x) / number : Double(x) * number
    return Near(value, error: value.magnitude * 0x1p-51)
  }

  private static func learnedPosition(_ input: CheckedCase) -> FilteredExpectation {
    let (x, weight) = (input.real("x"), input.real("weight"))
    let first = input.integer("firstPosition") * weight.columns
    let rows = Array(weight.elements[first..<first + x.elements.count])
    return pairs(x, Activation(shape: x.shape, elements: rows)) { Near(sumOf: Double($0), Double($1)) }
  }

  private static func embedding(_ input: CheckedCase) -> FilteredExpectation {
    let weight = input.real("weight")
    let rows = input.integers("tokens").flatMap { weight.row($0) }
    return elements(Activation(shape: [rows.count], elements: rows)) { Near(exactly: Double($0)) }
  }
}
