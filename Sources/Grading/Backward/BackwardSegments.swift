import PlumbBounds
import PlumbExact
import PlumbLayers
import PlumbModel
import PlumbReference
import PlumbTolerance

/// The gradients that a dump must have, each computed in error-tracking arithmetic from the nearest tensors around it that the dump has.
///
/// Activations and gradients that the dump lacks are computed from those before them, with all that their errors may do.
struct BackwardSegments {
  /// A tensor that is known, from what, over what the dump lacks, and by which layers backwards.
  struct Known {
    let value: Activation<Tracked>
    let from: [String]
    let between: [String]
    var layers: [String] = []
  }

  /// A part of a gradient: at once, and as the tensors that add up to it where each operation has a gradient of its own.
  private struct Part {
    let whole: Activation<Tracked>
    var terms: [Activation<Tracked>] = []
  }

  /// A gradient as the parts that add up to it, in whatever order.
  private struct Parts {
    var values: [Part]
    var from: [String] = []
    var between: [String] = []
    var layers: [String] = []

    mutating func join(_ other: Parts) {
      values += other.values
      take(other.from, other.between, other.layers)
    }

    mutating func take(_ from: [String], _ between: [String], _ layers: [String] = []) {
      self.from += from.filter { !self.from.contains($0) }
      self.between += between.filter { !self.between.contains($0) }
      self.layers += layers.filter { !self.layers.contains($0) }
    }
  }

  private let pass: SegmentPass
  private let gradients: GradientDump
  private var activations: [ActivationName: Known] = [:]
  private var parts: [GradientName: Parts] = [:]
  private var wanted = Set<GradientName>()

  /// Computes the activations that the gradients in `gradients` are made of, where the dump of `pass` lacks them.
  init(_ pass: SegmentPass, _ gradients: GradientDump) {
    self.pass = pass
    self.gradients = gradients
    var lacking = Set<ActivationName>()
    for step in gradients.plan.steps.reversed() {
      guard gradients.tensors[step.name] != nil || wanted.contains(step.name) else { continue }
      wanted.formUnion(step.gradients.filter { gradients.tensors[$0] == nil })
      lacking.formUnion(step.activations)
    }
    let steps = pass.transformer.plan.steps
    for step in steps.reversed() where lacking.contains(step.name) && pass.dump.tensors[step.name] == nil {
      lacking.formUnion(step.inputs)
    }
    var values: [ActivationName: SegmentPass.Value] = [:]
    for step in steps where lacking.contains(step.name) { activate(step, &values) }
  }

  /// The gradient that `step` must give, where the dump has it, or a later one is made of it; `nil` elsewhere.
  ///
  /// To be called for each step of the backward plan, in its order.
  mutating func gradient(of step: BackwardStep) -> Known? {
    let dumped = gradients.tensors[step.name]
    guard dumped != nil || wanted.contains(step.name) else { return nil }
    let made = made(step)
    var kept = made
    if let dumped {
      let numbers = pass.read(dumped)?.tracked ?? .unknown(shape: dumped.activation.shape)
      kept = Parts(values: [Part(whole: numbers)], from: [dumped.tensor])
    } else if step.name.part == nil {
      kept = made
      kept.values = [Part(whole: sum(made.values))]
      kept.between.append(step.name.description)
    }
    parts[step.name] = kept
    return dumped == nil
      ? nil : Known(value: sum(made.values), from: made.from, between: made.between, layers: made.layers)
  }

  /// The parts of the gradient of `step`, from what it takes; nothing is known of one that has no enclosure.
  private func made(_ step: BackwardStep) -> Parts {
    func known(_ name: GradientName) -> Parts {
      guard let known = parts[name] else { preconditionFailure("'\(name)' was not computed before '\(step.name)'") }
      return known
    }
    if case .sum = step.operation {
      var joined = known(step.gradients[0])
      joined.join(known(step.gradients[1]))
      joined.take([], [], [step.layerName])
      return joined
    }
    let inputs = step.activations.map { name -> Known in
      guard let known = activations[name] else { preconditionFailure("'\(name)' was not computed") }
      return known
    }
    var values = inputs.map(\.value)
    if case .experts(let part) = step.operation {
      values[part.weightsIndex] = values[part.weightsIndex].zeroWhereNotChosen
    }
    let taken = step.gradients.prefix(1).map { known($0) }
    let model = pass.model
    let incoming = model.quotient(Tracked(1), Tracked(Double(gradients.targets.count)))
    let sums = taken.map { sum($0.values) }
    let made = try? step.backward(
      values, sums, tokens: gradients.tokens, targets: gradients.targets,
      incoming: Activation(shape: [gradients.targets.count], elements: gradients.targets.map { _ in incoming }),
      in: model, reading: pass.parameters)
    var value = made?.reshaped(shape(of: step)) ?? .unknown(shape: shape(of: step))
    if let exact = exactOfSoftmax(step, values, sums) { value = SegmentPass.Value(exact, value).tracked }
    if case .experts(let part) = step.operation {
      let weights = inputs[part.weightsIndex].value
      value.hide(part, weights: weights, chosen: part.chosen ?? inputs[1].value.rows / max(weights.rows, 1))
    }
    let terms = try? step.terms(values, sums, in: model, reading: pass.parameters)
    let shape = shape(of: step)
    var whole = Parts(values: [Part(whole: value.reshaped(shape), terms: (terms ?? []).map { $0.reshaped(shape) })])
    for input in inputs { whole.take(input.from, input.between) }
    for gradient in taken { whole.take(gradient.from, gradient.between, gradient.layers) }
    whole.take([], [], [step.layerName])
    // A table's own gradient stands on top of another.
    if step.gradients.count > 1 { whole.join(known(step.gradients[1])) }
    return whole
  }

  /// The exact gradient that a step over a softmax gives; `nil` of other steps, or where an input is not finite.
  ///
  /// Error-tracking arithmetic subtracts any number from scores that the greatest may be computed as. No kernel is wrong by that, but
  /// the intervals of the exact numbers become as wide, which those of balls are not.
  private func exactOfSoftmax(
    _ step: BackwardStep, _ inputs: [Activation<Tracked>], _ gradients: [Activation<Tracked>]
  ) -> Activation<Ball>? {
    switch step.operation {
    case .crossEntropy, .attentionQuery, .attentionKey, .attentionValue, .attentionSinks, .experts(.router): break
    default: return nil
    }
    func exact(_ activation: Activation<Tracked>) -> Activation<ExactNumber>? {
      guard activation.elements.allSatisfy(\.isFinite) else { return nil }
      return activation.map { ExactNumber.ball($0.ball ?? .zero) }
    }
    let (known, taken) = (inputs.compactMap(exact), gradients.compactMap(exact))
    guard known.count == inputs.count, taken.count == gradients.count else { return nil }
    let share = ExactNumber.ball(Ball(Rational(1, over: Integer(self.gradients.targets.count))))
    let targets = self.gradients.targets
    let result = step.backward(
      known, taken, tokens: [], targets: targets,
      incoming: Activation(shape: [targets.count], elements: targets.map { _ in share }),
      in: BallContext(precision: pass.precision), reading: { _ in Activation(shape: [0], elements: []) })
    let balls = result.elements.compactMap { try? $0.enclosure() }
    return balls.count == result.elements.count ? Activation(shape: result.shape, elements: balls) : nil
  }

  private func shape(of step: BackwardStep) -> [Int] {
    if let weight = step.weight { return weight.shape }
    guard let name = step.name.activation else { return [] }
    return pass.transformer.plan.shape(ofEveryTokenIn: name, tokens: gradients.tokens.count)
  }

  /// The sum of `parts`, each of them at once or in terms.
  private func sum(_ parts: [Part]) -> Activation<Tracked> {
    let whole = pass.sum(parts.map(\.whole))
    guard parts.contains(where: { !$0.terms.isEmpty }) else { return whole }
    let inTerms = pass.sum(parts.flatMap { $0.terms.isEmpty ? [$0.whole] : $0.terms })
    return Activation(shape: whole.shape, elements: zip(whole.elements, inTerms.elements).map { $0.orAs($1) })
  }

  /// Computes the activation that the forward `step` gives, or takes the dump's.
  ///
  /// Blocks are computed for all tokens, as the dump has them, and cut to those of the loss.
  private mutating func activate(
    _ step: Step, _ values: inout [ActivationName: SegmentPass.Value]
  ) {
    let (name, count) = (step.name, gradients.tokens.count)
    let inputs = step.inputs.compactMap { activations[$0] }
    var parts = Parts(values: [])
    for input in inputs { parts.take(input.from, input.between) }
    func known(_ value: Activation<Tracked>?, _ shape: [Int], from: [String], between: [String]) -> Known {
      Known(value: value?.cut(to: shape) ?? .unknown(shape: shape), from: from, between: between)
    }
    if pass.transformer.plan.isOfLastToken(name) {
      if let dumped = gradients.ends[name] {
        let value = pass.read(dumped)?.tracked
        activations[name] = known(value, dumped.activation.shape, from: [dumped.tensor], between: [])
      } else {
        let value = try? ofEveryToken(step, inputs.map(\.value))
        activations[name] = known(
          value, pass.transformer.plan.shape(ofEveryTokenIn: name, tokens: count), from: parts.from,
          between: parts.between + [name.description])
      }
      return
    }
    let shape = pass.transformer.plan.shape(of: name, tokens: count)
    if let dumped = pass.dump.tensors[name] {
      values[name] = pass.beginning(name)
      activations[name] = known(values[name]?.tracked, shape, from: [dumped.tensor], between: [])
    } else {
      values[name] = step.inputs.allSatisfy { values[$0] != nil } ? try? pass.step(name, values) : nil
      activations[name] = known(
        values[name]?.tracked, shape, from: parts.from, between: parts.between + [name.description])
    }
  }

  /// The result of a step that a pass takes of the last token alone, for every token.
  private func ofEveryToken(_ step: Step, _ inputs: [Activation<Tracked>]) throws -> Activation<Tracked> {
    guard case .unembedding(_, softCap: .some) = step.operation else {
      return try step.ofEveryToken.forward(
        inputs, tokens: gradients.tokens, in: pass.model, reading: pass.parameters)
    }
    // Each token is the last of one.
    let rows = try (0..<inputs[0].rows).map { token -> [Tracked] in
      let x = Activation(shape: [1, inputs[0].columns], elements: Array(inputs[0].row(token)))
      return try step.forward([x], tokens: gradients.tokens, in: pass.model, reading: pass.parameters).elements
    }
    return Activation(shape: [rows.count, rows.first?.count ?? 0], elements: Array(rows.joined()))
  }
}

extension Tracked {
  /// Whether the number is 0, whatever a dump may have made of it.
  fileprivate var isZero: Bool { isFinite && lower == 0 && upper == 0 }
}

extension Activation<Tracked> {
  /// A router's weights without what rounding to a dump's format may have done to those that are 0.
  fileprivate var zeroWhereNotChosen: Activation { map { $0.isZero ? Tracked(0) : $0 } }

  /// Makes unknown what hangs on the experts of tokens that are not known, of the gradient of `part` of a mixture with the router's
  /// `weights`: any expert may have been given such a token.
  fileprivate mutating func hide(_ part: ExpertGradient, weights: Activation<Tracked>, chosen: Int) {
    let choice = ExpertChoice(of: weights, chosen: chosen, isZero: \.isZero)
    let unknown = weights.tokensWithoutExperts(choice, chosen: chosen)
    if !part.isOfOneExpert { return hide(unknown) }
    if !unknown.isEmpty { self = .unknown(shape: shape) }
  }
}

extension Step {
  /// The step with a row of outputs for every token, of one that gives those of the last alone.
  ///
  /// An unembedding without a soft cap is the product that it is made of.
  fileprivate var ofEveryToken: Step {
    let extents = [.tokens] + outputs[0].extents.dropFirst()
    let operation: Operation = if case .unembedding(let layer, nil) = operation { .linear(layer) } else { operation }
    return Step(outputs: [Step.Output(name: name, extents: extents)], operation: operation, inputs: inputs)
  }
}

extension Activation {
  /// The first elements along each axis, of which `shape` says how many.
  fileprivate func cut(to shape: [Int]) -> Activation {
    guard shape != self.shape else { return self }
    var places = [0]
    for (axis, extent) in shape.enumerated() {
      places = places.flatMap { place in (0..<extent).map { place * self.shape[axis] + $0 } }
    }
    return Activation(shape: shape, elements: places.map { elements[$0] })
  }
}
