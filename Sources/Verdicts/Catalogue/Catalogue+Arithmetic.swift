import PlumbBounds
import PlumbExact
import PlumbLayers
import PlumbModel
import PlumbTolerance

/// The arithmetic that bounds are computed for.
package enum Arithmetic: Sendable, Hashable, CustomStringConvertible {
  /// The engine's own, as it declares it: its summation tree, and Float64 inside normalisations, softmax and functions.
  case engine
  /// Another kernel's.
  case model(ArithmeticModel)

  /// The arithmetic that `text` names: `engine`, or a model.
  ///
  /// - Throws: `ArithmeticError` that lists what may be written.
  package init(parsing text: String) throws(ArithmeticError) {
    if text == "engine" {
      self = .engine
      return
    }
    do {
      self = .model(try ArithmeticModel(parsing: text))
    } catch {
      throw ArithmeticError(problem: error.problem + "; and engine, this engine's own")
    }
  }

  /// The text that names it.
  package var description: String {
    switch self {
    case .engine: "engine"
    case .model(let model): model.description
    }
  }

  /// The words for what it allows.
  package var summary: String {
    switch self {
    case .engine: "this engine's own, as it declares it"
    case .model(let model): model.summary
    }
  }
}

/// A layer whose formula is written over any arithmetic, so that bounds follow from it in every one.
protocol ModelledEntry: CatalogueEntry {
  /// The attributes that the formula takes into account.
  static var known: [String] { get }

  /// The output of the formula on `input`.
  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number>
}

/// A layer that decides between its inputs, so that no formula over numbers tells its bounds.
protocol BoundedEntry: CatalogueEntry {
  /// The enclosures and bounds of `input` in `model`.
  static func tracked(_ input: CheckedCase, in model: ArithmeticModel) -> Activation<Tracked>
}

extension Catalogue {
  /// The same case by each of the functions that kernels in `model` may take its layer for.
  static func readings(of input: CheckedCase, in model: ArithmeticModel) -> [CheckedCase] {
    entry(for: input.source.layer).readings(of: input, in: model).map { reading in
      var input = input
      input.reading = reading
      return input
    }
  }

  /// Whether bounds are proved of `layer` in other arithmetics than the engine's.
  package static func isModelled(_ layer: LayerKind) -> Bool {
    hasFormula(layer) || entry(for: layer) is any BoundedEntry.Type
  }

  /// Whether `layer` is a formula over any arithmetic.
  package static func hasFormula(_ layer: LayerKind) -> Bool { entry(for: layer) is any ModelledEntry.Type }

  /// Whether bounds are proved for `input` in `model`: its layer has a formula, which knows its attributes.
  package static func isProved(_ input: CheckedCase, in model: ArithmeticModel) -> Bool {
    unknownAttribute(of: input) == nil && missingPart(of: input.source.layer, in: model) == nil
  }

  /// The part of `layer` that `model` does not cover, and so nothing is proved of; `nil` where there is none.
  package static func missingPart(of layer: LayerKind, in model: ArithmeticModel) -> String? {
    if case .custom(let formula) = layer, !model.replaysSums {
      let missing = formula.layers.lazy.compactMap { part in
        missingPart(of: part, in: model).map { "\(part.rawValue): \($0)" }
      }
      return missing.first
    }
    guard isModelled(layer) else { return "nothing is proved of it in another arithmetic than the engine's" }
    if model.replaysSums, !areReplayed.contains(layer) {
      return "'replayed' covers what has only operations that round to nearest: "
        + areReplayed.map(\.rawValue).joined(separator: ", ")
    }
    if model.matrixUnit != nil, layer == .cosineSimilarity {
      return "a unit covers matrix products, and no sum over norms: give the arithmetic without 'unit='"
    }
    if let part = missingQuantiser(of: layer, in: model) { return part }
    // A cast to so few bits is scaled, and no word here says how.
    let isAttention = [.attention, .sinkAttention].contains(layer)
    let isCastWithin =
      isAttention
      || [.attention, .sinkAttention, .feedForward, .gatedFeedForward, .experts].contains(layer.forwards ?? layer)
    if isCastWithin, model.operands.precision < FloatFormat.bfloat16.precision {
      return
        "'factors=\(model.operands.name)' does not cover the scaled cast between its two products: check these apart, as "
        + (isAttention ? "attention-scores and attention-values" : "linear")
    }
    if isAttention, model.sums != nil, model.uses(.online) {
      return "'sums=' is not bounded of sums that are rescaled: give 'formula=online' without it"
    }
    return nil
  }

  /// The layers whose results are sums, products and roundings to nearest alone.
  private static let areReplayed: [LayerKind] = [
    .embedding, .learnedPosition, .linear, .attentionScores, .attentionValues, .residualAdd, .gate, .unembedding,
    .biasBackward, .linearBackward, .linearWeightBackward,
  ]

  /// The reason why the quantised inputs of products with weights are not bounded in `layer`; `nil` where they are, or it has none.
  private static func missingQuantiser(of layer: LayerKind, in model: ArithmeticModel) -> String? {
    guard let activations = model.activations else { return nil }
    let name = "'activations=\(activations.rawValue)'"
    let products: Set<LayerKind> = [
      .feedForward, .gatedFeedForward, .linearBackward, .linearWeightBackward, .unembeddingBackward,
      .unembeddingWeightBackward, .gatedFeedForwardBackward, .experts, .expertsBackward, .expertsWeightsBackward,
    ]
    if products.contains(layer) {
      return "\(name) covers one product with weights: check each apart, as linear"
    }
    guard [.linear, .unembedding].contains(layer), !activations.isOfAnyWeight else { return nil }
    return "\(name) is told by the type of weights in a file: give the file to 'plumb grade', or one of "
      + QuantisedActivations.allCases.filter(\.isOfAnyWeight).map(\.rawValue).joined(separator: ", ")
  }

  /// The output of the formula of `input`'s layer; `nil` where it has none.
  package static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number>? {
    (entry(for: input.source.source.layer) as? any ModelledEntry.Type)?.forward(input)
  }

  /// An attribute that `input` sets and that its layer's formula does not know.
  private static func unknownAttribute(of input: CheckedCase) -> String? {
    guard hasFormula(input.source.layer) else { return nil }
    let known = (entry(for: input.source.layer) as? any ModelledEntry.Type)?.known ?? []
    return signature(of: input.source.layer).attributes.first { slot in
      let value = input.source.attributes[slot.name] ?? slot.defaultValue
      return value != slot.defaultValue && !known.contains(slot.name)
    }?.name
  }

  /// The error that a kernel may make on `input` as it computes the layer's formula in `model`, for each element of the output.
  ///
  /// *Edge cases*: elements that a mask excludes, and those outside the domain, have no bound.
  /// - Throws: `ArithmeticError` naming the layer, where nothing is proved of it, or of one of the case's attributes.
  package static func tracked(
    _ input: CheckedCase, in model: ArithmeticModel
  ) throws(ArithmeticError) -> Activation<Tracked> {
    let layer = input.source.layer
    if let entry = entry(for: layer) as? any BoundedEntry.Type { return entry.tracked(input, in: model) }
    guard let entry = entry(for: layer) as? any ModelledEntry.Type else {
      throw ArithmeticError(
        problem: "\(layer.rawValue): nothing is proved of it in another arithmetic than the engine's; use "
          + "the arithmetic 'engine'")
    }
    if let part = missingPart(of: layer, in: model) { throw ArithmeticError(problem: "\(layer.rawValue): \(part)") }
    if let name = unknownAttribute(of: input) {
      throw ArithmeticError(
        problem: "\(layer.rawValue): nothing is proved of a case with '\(name)' in another arithmetic than the engine's"
      )
    }
    return largeProduct(input, in: model) ?? entry.forward(CaseInput(input, in: model))
  }
}

extension Expectation {
  /// The same exact values with the bounds of `tracked`.
  package func bounded(by tracked: Activation<Tracked>) -> Expectation {
    Expectation(
      exact: exact, bounds: tracked.elements.map(\.bound), specials: tracked.specials, holdsValue: holdsValue)
  }

  /// The values of a formula with its roundings, which `tracked` encloses in Float64: their middles, and the rest in the bounds.
  init(replayed tracked: Activation<Tracked>, holdsValue: (@Sendable (Int) -> Bool)?) {
    let known = tracked.map { number -> (middle: Rational, bound: Rational?) in
      guard number.isReal, let ball = number.ball else { return (.zero, number.bound) }
      return (ball.midpoint, number.bound.map { $0 + ball.radius })
    }
    self.init(
      exact: known.map { Ball($0.middle) }, bounds: known.elements.map(\.bound), specials: tracked.specials,
      holdsValue: holdsValue)
  }

  /// The first element of which this and `tracked` cannot both enclose the exact value.
  package func disagreement(with tracked: Activation<Tracked>) -> Int? {
    guard tracked.shape == exact.shape else { return 0 }
    return exact.elements.indices.first { index in
      guard holdsValue?(index) ?? true, let ball = tracked.elements[index].ball else { return false }
      return !exact.elements[index].overlaps(ball)
    }
  }
}
