import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbLayers
import PlumbModel
import PlumbReference
import PlumbTolerance
import PlumbVerdicts

/// A segment of a pass, computed exactly and in error-tracking arithmetic from what a dump has at its beginning.
struct SegmentPass {
  /// An activation: the exact values, and how far an engine in the model's arithmetic may be from each.
  struct Value: Sendable {
    let exact: Activation<Ball>
    let tracked: Activation<Tracked>

    /// The enclosures of `exact` with the errors of `tracked`: both enclose the same numbers.
    init(_ exact: Activation<Ball>, _ tracked: Activation<Tracked>) {
      self.exact = exact
      self.tracked = Activation(
        shape: exact.shape,
        elements: zip(exact.elements, tracked.elements).map { ball, tracked -> Tracked in
          guard tracked.isFinite else { return .outside }
          // Both enclose the one number that it is.
          if ball.isExact && tracked.lower == tracked.upper { return tracked }
          return Tracked(lower: ball.lowerRoundedDown, upper: ball.upperRoundedUp, error: tracked.error)
        })
    }

    /// The enclosures of `tracked` with its errors.
    init(_ tracked: Activation<Tracked>) {
      let tracked = tracked.map(\.certain)
      self.init(exact: tracked.map { $0.ball ?? .zero }, tracked: tracked)
    }

    /// Both as they are.
    private init(exact: Activation<Ball>, tracked: Activation<Tracked>) {
      self.exact = exact
      self.tracked = tracked
    }

    func reshaped(_ shape: [Int]) -> Value { Value(exact: exact.reshaped(shape), tracked: tracked.reshaped(shape)) }
  }

  let transformer: Transformer
  let dump: ActivationDump
  let model: ArithmeticModel
  /// Whether the dump may hold other numbers than the engine's own, rounded to the dump's format.
  let isStorageApart: Bool
  /// Whether the engine may have had more digits than a dump in the arithmetic's own format has.
  let isRoundedDump: Bool
  let precision: Int
  /// The turns of all positions at this precision, by the layer, where somebody has them.
  let turns: [RotaryEmbeddingLayer: Activation<Reference.Turn>]
  /// Is told each step of a segment that is begun.
  let progress: @Sendable (Segment, ActivationName) -> Void

  /// The values that the end of `segment` must have; `nil` where a beginning is not finite.
  ///
  /// A dump whose format is narrower than the model's has rounded what the engine had: its numbers are within half a
  /// spacing of the engine's inputs, and the engine's output is rounded once more. So has a dump of an engine that had more
  /// digits than the model's.
  func expectation(of segment: Segment) throws(EnclosureError) -> Expectation? {
    guard let end = try end(of: segment), let dumped = dump.tensors[segment.end] else { return nil }
    let bounds = zip(end.exact.elements, end.tracked.elements).map { ball, tracked -> Rational? in
      guard let bound = tracked.bound else { return nil }
      return rounding(to: dumped, at: ball.midpoint.magnitude + ball.radius + bound).map { bound + $0 }
    }
    return Expectation(
      exact: end.exact, bounds: bounds,
      holdsValue: Checks.holdsValue(transformer.plan[segment.end], shape: end.exact.shape))
  }

  /// Steps that are computed otherwise than they should be, each from what it takes; `nil` where it cannot be.
  struct Replacement {
    let names: Set<ActivationName>
    let compute: (ActivationName, [Activation<Tracked>]) -> Activation<Tracked>?
  }

  /// The numbers that a dump of the end of `segment` may have where some steps are replaced; `nil` where that is not known.
  func tracked(_ segment: Segment, with replacement: Replacement) throws(EnclosureError) -> Activation<Tracked>? {
    guard let end = try end(of: segment, with: replacement), let dumped = dump.tensors[segment.end] else { return nil }
    return end.tracked.map { value in
      let ends = value.computed
      guard let reach = Rational(exactly: max(ends.lower.magnitude, ends.upper.magnitude)),
        let rounding = rounding(to: dumped, at: reach)
      else { return .outside }
      return value.widened(by: rounding.doubleRoundedUp)
    }
  }

  /// The end of `segment`, where each step is computed from those before it; `nil` where nothing is known of it.
  private func end(of segment: Segment, with replacement: Replacement? = nil) throws(EnclosureError) -> Value? {
    try values(of: segment, segment.steps, with: replacement)?[segment.end]
  }

  /// The values at the beginning of `segment`, and those that its `steps` give; `nil` where nothing is known of one.
  func values(
    of segment: Segment, _ steps: [ActivationName], with replacement: Replacement? = nil
  ) throws(EnclosureError) -> [ActivationName: Value]? {
    var values: [ActivationName: Value] = [:]
    for name in segment.beginnings {
      guard let value = beginning(name) else { return nil }
      values[name] = value
    }
    for name in steps {
      progress(segment, name)
      guard let replacement, replacement.names.contains(name) else {
        let value = try step(name, values, replaced: replacement?.names ?? [])
        // Nothing is known of what is computed from it either, and worst cases of more blocks take ever more bits.
        if !value.tracked.elements.contains(where: \.isFinite) { return nil }
        values[name] = value
        continue
      }
      let inputs = transformer.plan.inputs(of: name).compactMap { values[$0]?.tracked }
      guard let output = replacement.compute(name, inputs) else { return nil }
      values[name] = Value(output)
    }
    return values
  }

  /// The distance that a number of the engine's, at most `reach` in magnitude, may have from the one that `dumped` has; 0 where
  /// the dump's format is the model's own or a wider one and it lacks no digits, `nil` where the format may overflow.
  func rounding(to dumped: DumpedTensor, at reach: @autoclosure () -> Rational) -> Rational? {
    guard isRoundedFurther(dumped) else { return .zero }
    let reach = reach()
    return reach <= dumped.storage.greatestFinite ? dumped.storage.halfSpacing(at: reach) : nil
  }

  /// The same for a `reach` in Float64.
  func rounding(to dumped: DumpedTensor, at reach: Double) -> Double? {
    guard isRoundedFurther(dumped) else { return 0 }
    return reach <= dumped.storage.greatest ? dumped.storage.spacing(atMagnitude: reach) / 2 : nil
  }

  /// Whether the engine's numbers are rounded once more as they are written to `dumped`.
  private func isRoundedFurther(_ dumped: DumpedTensor) -> Bool {
    dumped.storage.precision < model.storage.precision || lacksDigits(dumped)
  }

  /// Whether the engine may have had more digits than `dumped` has, though its format is no narrower than the model's.
  private func lacksDigits(_ dumped: DumpedTensor) -> Bool {
    dumped.isRounded || isRoundedDump && dumped.storage.precision >= model.accumulation.precision
  }

  /// The numbers that a dump has at the beginning of a segment, as what the layer after it had.
  struct Beginning {
    let numbers: Activation<Float>
    let tracked: Activation<Tracked>
  }

  /// The dump's numbers at `name`; `nil` where they are not finite.
  func read(_ name: ActivationName) -> Beginning? {
    guard let dumped = dump.tensors[name] else { return nil }
    return read(dumped, holdsValue: Checks.holdsValue(transformer.plan[name], shape: dumped.activation.shape))
  }

  /// The numbers of `dumped`, of which those that hold no value are 0; `nil` where they are not finite.
  func read(_ dumped: DumpedTensor, holdsValue: ((Int) -> Bool)? = nil) -> Beginning? {
    // Elements that a mask excludes hold no value, and nobody reads them.
    let elements = dumped.activation.elements.enumerated().map { holdsValue?($0) ?? true ? $1 : 0 }
    guard Filter.isFinite(elements) else { return nil }
    let isRounded =
      lacksDigits(dumped) || dumped.storage.precision < (isStorageApart ? model.accumulation : model.storage).precision
    let tracked = elements.map { element -> Tracked in
      // Adding 0 makes +0 of −0.
      let value = Tracked(Double(element) + 0)
      guard isRounded else { return model.result(value) }
      let wider = value.widened(by: dumped.storage.spacing(atMagnitude: Double(element.magnitude)) / 2)
      return dumped.isRounded ? model.result(wider) : wider
    }
    let shape = dumped.activation.shape
    return Beginning(
      numbers: Activation(shape: shape, elements: elements), tracked: Activation(shape: shape, elements: tracked))
  }

  /// The dump's numbers at `name` as a beginning; `nil` where they are not finite.
  func beginning(_ name: ActivationName) -> Value? {
    guard let read = read(name), let exact = read.numbers.asBalls else { return nil }
    return Value(exact, read.tracked)
  }

  /// The activation `name`, computed from `values`.
  ///
  /// The sum of a residual and of branches side by side is one of three terms, which kernels add in any order; not where the first
  /// sum is `replaced`.
  func step(
    _ name: ActivationName, _ values: [ActivationName: Value], replaced: Set<ActivationName> = []
  ) throws(EnclosureError) -> Value {
    let step = transformer.plan.step(name)
    func input(_ index: Int = 0) -> Value {
      guard let value = values[step.inputs[index]] else {
        preconditionFailure("'\(step.inputs[index])' was not computed")
      }
      return Value(step.operation.arranged(value.exact), step.operation.arranged(value.tracked))
    }
    switch step.operation {
    case .embedding(let layer): return try embedding(layer)
    case .linear(let layer): return try linear(input(), layer).reshaped(step.shape(tokens: dump.tokens.count))
    case .unembedding(let layer, nil): return try linear(input(), layer)
    case .unembedding(let layer, let cap?) where model.activations != nil:
      let exact = try Reference.result(
        of: step, [input().exact], tokens: dump.tokens, turns: turns, precision: precision)
      return Value(exact, capped(try linear(input(), layer).tracked, cap))
    case .router(let layer): return try router(step, input(), layer)
    case .expertLinear(let layer): return try expertLinear(input(0), input(1), layer)
    case .expertSum: return expertSum(input(0), input(1))
    default:
      let inputs = step.inputs.indices.map { input($0) }
      let exact = try Reference.result(
        of: step, inputs.map(\.exact), tokens: dump.tokens, turns: turns, precision: precision)
      let addends = addends(of: step, values, replaced)
      if addends.count > 2 { return Value(exact, sum(addends.map(\.tracked))) }
      return Value(
        exact, try step.forward(inputs.map(\.tracked), tokens: dump.tokens, in: model, reading: parameters))
    }
  }

  /// The rows of the tokens, without reading those of all others.
  private func embedding(_ layer: EmbeddingLayer) throws(EnclosureError) -> Value {
    let exact = try Reference.embedding(dump.tokens, layer)
    return Value(exact, exact.map { model.result(parameter($0.midpoint)) })
  }

  /// The weights of `tensor`, as a kernel reads them.
  func parameters(_ tensor: Tensor) throws(EnclosureError) -> Activation<Tracked> {
    // Float32 sums hold a weight that is a Float32.
    if [.f32, .f16, .bf16].contains(tensor.type), model.accumulation == .float32 {
      let weights = Activation(shape: tensor.shape, elements: Engine.decoded(tensor))
      if Filter.isFinite(weights.elements) { return weights.map { model.result(Tracked(Double($0) + 0)) } }
    }
    var elements: [Tracked] = []
    for row in 0..<tensor.rows { elements += try parameters(tensor, row: row) }
    return Activation(shape: tensor.shape, elements: elements)
  }

  /// The weights in a row of `tensor`, as a kernel reads them.
  private func parameters(_ tensor: Tensor, row: Int) throws(EnclosureError) -> [Tracked] {
    let row = try Reference.row(row, of: tensor)
    return (0..<row.count).map { model.result(parameter(row[$0])) }
  }

  /// A weight: itself where the accumulation format holds it, otherwise rounded to it.
  func parameter(_ value: Rational) -> Tracked {
    let tracked = Tracked(lower: value.doubleRoundedDown, upper: value.doubleRoundedUp, error: 0)
    return model.accumulation.represents(value) ? tracked : model.sum(tracked, Tracked(0))
  }
}
