import PlumbModel
import PlumbVerdicts

/// Draws the cases of a run.
package struct CaseGenerator: Sendable {
  /// The layer whose cases are drawn.
  package let layer: LayerKind
  /// The way in which numbers are chosen.
  package let strategy: Strategy
  /// The number where random choices start.
  package let seed: UInt64
  /// Extents that every case has, by name.
  package let shape: [String: Int]
  /// Attributes that every case has.
  package let attributes: FixedAttributes
  /// One case of drawn numbers in so many meets a threshold of its layer exactly.
  private static let thresholdOneIn = 20
  private let mayBeLong: Bool
  private let stream: String
  private let recorded: RecordedNumbers?

  /// Makes a generator.
  ///
  /// - Parameters:
  ///   - shape: extents that every case has, by name; those that the layer does not have are ignored.
  ///   - attributes: attributes that every case has; those that the layer does not take are ignored.
  ///   - pass: where recorded numbers come from; `nil` for the pass of the model that comes with the package.
  package init(
    layer: LayerKind, strategy: Strategy, seed: UInt64, shape: [String: Int] = [:],
    attributes: FixedAttributes = .none, pass: RecordedPass? = nil
  ) {
    self.init(
      layer: layer, strategy: strategy, seed: seed, shape: shape, attributes: attributes, pass: pass, mayBeLong: true)
  }

  /// Makes a generator of cases of which some have a long axis where they `mayBeLong`.
  package init(
    layer: LayerKind, strategy: Strategy, seed: UInt64, shape: [String: Int] = [:],
    attributes: FixedAttributes = .none, pass: RecordedPass? = nil, mayBeLong: Bool
  ) {
    self.attributes = attributes
    self.mayBeLong = mayBeLong
    self.layer = layer
    self.strategy = strategy
    self.seed = seed
    self.shape = shape
    recorded = strategy == .recorded ? RecordedNumbers(pass ?? .shipped, layer) : nil
    stream = "\(layer.rawValue) \(strategy.rawValue)"
  }

  /// The case number `index`.
  ///
  /// It depends on the layer, the strategy, the seed, what is fixed and the number alone.
  package func makeCase(_ index: Int) -> LayerCase {
    var source = SeededSource(seed: seed, stream: stream, index: index)
    let signature = Catalogue.signature(of: layer)
    let shape = ShapeDraw(layer, fixed: shape, mayBeLong: mayBeLong, using: &source)
    var tensors: [String: CaseTensor] = [:]
    for slot in signature.tensors {
      if slot.name == RotaryScalingPart.divisors || slot.isOptional && source.oneIn(2) { continue }
      let extents = slot.shape.map { shape.extents[$0] ?? 1 }
      let count = extents.reduce(1, *)
      if let below = slot.below {
        let limit = shape.extents[below] ?? 1
        let indices =
          slot.isDistinct
          ? source.distinct(rows: extents.dropLast().reduce(1, *), of: extents.last ?? 0, below: limit)
          : (0..<count).map { _ in Int.random(in: 0..<limit, using: &source) }
        tensors[slot.name] = .integer(Activation(shape: extents, elements: indices))
      } else {
        var numbers =
          recorded?.cut(slot.name, to: extents, using: &source) ?? strategy.numbers(count, using: &source)
        if slot.name == "logits" && recorded == nil { strategy.tie(&numbers, using: &source) }
        tensors[slot.name] = .real(Activation(shape: extents, elements: numbers))
      }
    }
    var result = LayerCase(layer: layer, attributes: shape.attributes, tensors: tensors)
    if recorded == nil && source.oneIn(Self.thresholdOneIn) { ExactThreshold.meet(&result, using: &source) }
    result = attributes.applied(to: result)
    if let draw = RotaryScalingDraw(layer, pairs: shape.extents["pairs"], keeping: attributes.values(for: layer)) {
      var own = SeededSource(seed: seed, stream: stream + " scaling", index: index)
      draw.scale(&result, using: &own)
    }
    return result
  }
}
