import PlumbModel
import PlumbMutants
import PlumbTolerance
import PlumbVerdicts

/// A bug that may be what went wrong in one step of a pass.
struct Hypothesis: Sendable {
  /// The values that a step may take, by name.
  typealias Values = [ActivationName: Activation<Float>]

  let name: String
  let cause: String
  /// The mutant that it is, where it may be combined with another of the same step.
  let mutant: Mutant?
  /// The result of the step with the bug; `nil` where it cannot have it.
  let output: @Sendable (DiagnosedStep, Values) -> Activation<Float>?
  /// The result of the step with the bug, in exact arithmetic, from enclosures of what it takes; `nil` where that is not known.
  let enclosed: @Sendable (DiagnosedStep, [Activation<Enclosed>], ArithmeticModel) -> Activation<Enclosed>?
  /// The step with the bug, restated: a layer without one on another case; `nil` where the bug is not of that kind.
  let restated: @Sendable (DiagnosedStep, Values) -> CheckedCase?
  /// The steps of a block that have the bug together; empty where it is one step's alone.
  let steps: Set<ActivationName.Role>

  /// The bugs that `step` may have: those of its layer's catalogue, and those of the pass around it.
  static func all(of step: Step, in transformer: Transformer) -> [Hypothesis] {
    if step.operation.isOwnFormula {
      return ModelEdit.ofSteps.compactMap { edited($0, step, transformer) } + ofExperts(step)
    }
    return Mutant.of(step.layer).filter { $0.proof == nil }.map(Hypothesis.init) + wiring(step, transformer)
      + ofExperts(step)
  }

  init(_ mutant: Mutant) {
    self.init(
      "\(mutant.layer.rawValue) \(mutant.name)", mutant.bug, mutant: mutant,
      restated: { step, values in step.makeCase(values).flatMap(mutant.restated) },
      enclosed: { step, inputs, arithmetic in
        step.makeInput(inputs, in: arithmetic).flatMap { mutant.enclosed?.result($0) }
      },
      output: { step, values in step.makeCase(values).map(mutant.output) })
  }

  /// The bug of computing a layer without a bug on another case than the step's.
  init(
    _ name: String, _ cause: String, instead: @escaping @Sendable (DiagnosedStep, Values) -> CheckedCase?
  ) {
    self.init(
      name, cause, restated: instead,
      enclosed: { step, inputs, arithmetic in
        guard let input = Self.input(step, inputs, arithmetic, instead) else { return nil }
        return Mutant.control(of: input.source.source.layer).enclosed?.result(input)
      },
      output: { step, values in instead(step, values).map { Mutant.control(of: $0.source.layer).output($0) } })
  }

  init(
    _ name: String, _ cause: String, mutant: Mutant? = nil, steps: Set<ActivationName.Role> = [],
    restated: @escaping @Sendable (DiagnosedStep, Values) -> CheckedCase? = { _, _ in nil },
    enclosed: @escaping @Sendable (DiagnosedStep, [Activation<Enclosed>], ArithmeticModel) -> Activation<Enclosed>? = {
      _, _, _ in nil
    },
    output: @escaping @Sendable (DiagnosedStep, Values) -> Activation<Float>?
  ) {
    self.name = name
    self.cause = cause
    self.mutant = mutant
    self.steps = steps
    self.restated = restated
    self.enclosed = enclosed
    self.output = output
  }

  /// The case that a step is instead, with what is known of the step's inputs where it takes the same numbers; `nil` where
  /// it takes others, of which nothing is known here.
  private static func input(
    _ step: DiagnosedStep, _ inputs: [Activation<Enclosed>], _ arithmetic: ArithmeticModel,
    _ instead: (DiagnosedStep, Values) -> CheckedCase?
  ) -> CaseInput<EnclosureContext>? {
    let names = step.step.inputs
    // Which numbers these are plays no part: they are told from others by being theirs. One of which nothing is known, as of
    // a score that a mask excludes, must not be taken for one that the mask has excluded.
    let values = Values(
      zip(names, inputs.map { $0.map { !$0.tracked.isFinite ? .nan : Float($0.tracked.lower) } }),
      uniquingKeysWith: { first, _ in first })
    guard let right = step.makeCase(values), let known = step.makeInput(inputs, in: arithmetic)?.known,
      let other = instead(step, values)
    else { return nil }
    var input = CaseInput(other, in: EnclosureContext(arithmetic))
    input.weightError = step.weightError
    for (name, enclosures) in known {
      let (taken, own) = (other.real(name), right.real(name))
      guard taken.shape == own.shape else { return nil }
      var elements = enclosures.elements
      for index in elements.indices where taken.elements[index].bitPattern != own.elements[index].bitPattern {
        guard taken.elements[index] == -.infinity else { return nil }
        elements[index] = .hidden
      }
      input.known[name] = Activation(shape: taken.shape, elements: elements)
    }
    return input
  }

  /// Whether the step `name` has the bug where the step `place` has it.
  func isOf(_ name: ActivationName, at place: ActivationName) -> Bool {
    name == place || name.block == place.block && steps.contains(name.role)
  }

  /// Two bugs at once in one step.
  static func both(_ a: Hypothesis, _ b: Hypothesis) -> Hypothesis? {
    guard let first = a.mutant, let second = b.mutant, let mutant = Mutant.both(first, second) else { return nil }
    return Hypothesis(mutant)
  }
}

// Bugs that no layer has by itself: a layer that is left out, done twice, or given what belongs to another.
extension Hypothesis {
  private static func wiring(_ place: Step, _ transformer: Transformer) -> [Hypothesis] {
    var all: [Hypothesis] = []
    let (plan, name, layer, inputs) = (transformer.plan, place.name, place.layer, place.inputs)
    let word = layer.rawValue
    if [.rmsNorm, .rotaryEmbedding, .silu].contains(layer) {
      all.append(
        Hypothesis("\(word) left-out", "The layer is left out.", enclosed: { _, inputs, _ in inputs.first }) {
          _, values in values[inputs[0]]
        })
    }
    if [.rmsNorm, .rotaryEmbedding, .softmax, .silu].contains(layer) {
      all.append(
        Hypothesis("\(word) done-twice", "The layer is done twice.", enclosed: twice) { step, values in
          guard let once = right(step, values) else { return nil }
          var again = values
          again[inputs[0]] = values[inputs[0]].map { once.reshaped($0.shape) }
          return right(step, again)
        })
    }
    if [.rmsNorm, .linear].contains(layer), let block = name.block {
      for (other, which) in [(block - 1, "before"), (block + 1, "after"), (0, "first")]
      where other != block {
        guard let operation = plan[ActivationName(block: other, name.role)]?.operation else { continue }
        all.append(
          Hypothesis(
            "\(word) weights-of-block-\(which)", "The weights are those of block \(other).",
            instead: { step, values in step.makeCase(values, as: operation) }))
      }
    }
    for edit in ModelEdit.ofSteps {
      guard let operation = edit.operation(of: place, in: transformer) else { continue }
      all.append(
        Hypothesis(
          "\(word) \(edit.name)", edit.bug, instead: { step, values in step.makeCase(values, as: operation) }))
    }
    if layer == .linear || layer == .unembedding {
      for (label, format) in [("bf16", FloatFormat.bfloat16), ("float16", .float16)] {
        all.append(
          Hypothesis(
            "\(word) input-in-\(label)", "The input is kept in \(label).",
            instead: { step, values in
              var narrow = values
              narrow[inputs[0]] = values[inputs[0]]?.kept(in: format)
              return step.makeCase(narrow)
            }))
      }
    }
    if case .softmax(_?) = place.operation { all += masks }
    if layer == .unembedding { all += wrongTokens(inputs[0]) }
    if layer == .residualAdd {
      if let norm = plan.steps.first(where: { $0.inputs == [inputs[0]] && $0.operation.isNorm })?.name {
        all.append(
          Hypothesis(
            "\(word) normalised-added", "The normalised input is added instead of the input itself.",
            instead: { step, values in
              values[norm].flatMap { step.makeCase(values.merging([inputs[0]: $0]) { $1 }) }
            }))
      }
      if let block = name.block, let entering = plan.streams[block...].first, entering != inputs[0] {
        all.append(
          Hypothesis(
            "\(word) block-input-added", "The block's input is added instead of the attention's result.",
            instead: { step, values in
              values[entering].flatMap { step.makeCase(values.merging([inputs[0]: $0]) { $1 }) }
            }))
      }
    }
    return all
  }

  /// The step without a bug.
  static func right(_ step: DiagnosedStep, _ values: Values) -> Activation<Float>? {
    if step.step.operation.isOwnFormula { return plain(step, step.step.operation, values) }
    // The step's own formula has what the catalogue's layer lacks, such as scaled frequencies.
    return step.makeCase(values).map(Mutant.control(of: step.step.layer).output)
      ?? plain(step, step.step.operation, values)
  }

  private static func twice(
    _ step: DiagnosedStep, _ inputs: [Activation<Enclosed>], _ arithmetic: ArithmeticModel
  ) -> Activation<Enclosed>? {
    func once(_ inputs: [Activation<Enclosed>]) -> Activation<Enclosed>? {
      step.makeInput(inputs, in: arithmetic).flatMap { Mutant.control(of: step.step.layer).enclosed?.result($0) }
    }
    return once(inputs).flatMap { first in once(inputs.map { first.reshaped($0.shape) }) }
  }

  /// Logits of another token than the last.
  private static func wrongTokens(_ input: ActivationName) -> [Hypothesis] {
    [
      ("first-token", "The logits are the first token's.", 0),
      ("token-before", "The logits are the last token's but one.", -2),
    ]
    .map { name, cause, index in
      Hypothesis(
        "unembedding \(name)", cause,
        instead: { step, values in
          guard let x = values[input], x.rows > 1 else { return nil }
          let row = index < 0 ? x.rows + index : index
          var given = values
          given[input] = Activation(shape: [1, x.columns], elements: Array(x.row(row)))
          return step.makeCase(given)
        })
    }
  }
}
