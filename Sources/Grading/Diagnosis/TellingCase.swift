import PlumbCases
import PlumbModel
import PlumbMutants
import PlumbTolerance
import PlumbVerdicts

/// Looks for an input on which two bugs, both of which explain a dump, give what rounding cannot take for one another.
struct TellingCase {
  private let failure: GradeFailure
  /// The most cases that are drawn for two bugs, of each strategy.
  private static let draws = 48
  private static let strategies: [Strategy] = [.random, .illConditioned, .exact, .edge]

  init(_ failure: GradeFailure) { self.failure = failure }

  /// The distinction of the bug `first` of a step from the bug `second` of perhaps another.
  func distinction(
    _ first: (bug: Hypothesis, step: Step), _ second: (bug: Hypothesis, step: Step)
  ) -> FirstCause.Distinction {
    let names = [first.bug.name, second.bug.name]
    let pair = "\(names[0]) from \(names[1])"
    guard first.step.name == second.step.name else {
      let missing = failure.steps.dropLast().map { "'\($0.name)'" }.joined(separator: ", ")
      return .init(mutants: names, advice: "To tell \(pair), dump \(missing), too: they are bugs of different layers.")
    }
    let mutants = first.bug.mutant.flatMap { a in second.bug.mutant.map { (a, $0) } }
    if let (a, b) = mutants, let found = drawn(a, b, first.step) {
      return distinction(names, found, hasReplay: true, "To tell \(pair), run the layer on the input below:")
    }
    if let found = fed(first.bug, second.bug, first.step) {
      return distinction(names, found, "To tell \(pair), dump a pass over other tokens; on other inputs to this layer,")
    }
    let same =
      "Of \(Self.draws * Self.strategies.count) inputs none tells \(pair) in a layer with this one's parameters"
    if let (a, b) = mutants, let found = drawn(a, b, first.step, isFree: true) {
      return distinction(names, found, hasReplay: true, same + "; the input below, which has others, does:")
    }
    return .init(mutants: names, advice: same + ": they do the same.")
  }

  private func distinction(
    _ names: [String], _ found: Found, hasReplay: Bool = false, _ advice: String
  ) -> FirstCause.Distinction {
    let place = found.place
    let index = found.right.coordinates(of: place)
    return .init(
      mutants: names,
      advice: advice + " at \(index) the right layer gives "
        + "\(found.right.elements[place]), the first \(found.outputs[0].elements[place]), the second "
        + "\(found.outputs[1].elements[place]).",
      replay: hasReplay ? CaseLine(found.input.source).text : nil, index: index,
      right: found.right.elements[place], outputs: found.outputs.map { $0.elements[place] })
  }

  /// An input that tells, and the element that does.
  private struct Found {
    let input: CheckedCase
    let right: Activation<Float>
    let outputs: [Activation<Float>]
    let place: Int
  }

  /// A case of the layer, as small as one can be made; with the parameters of the failing step, unless it `isFree`.
  private func drawn(_ a: Mutant, _ b: Mutant, _ place: Step, isFree: Bool = false) -> Found? {
    let step = diagnosed(place)
    guard let own = step.makeCase(known) else { return nil }
    // The shape of a head goes with the parameters; numbers of rows and columns do not.
    let shape = isFree ? [:] : own.extents.filter { ["heads", "keyValueHeads", "headSize"].contains($0.key) }
    @Sendable func found(_ input: CheckedCase) -> Found? {
      guard isFree || input.source.attributes == own.source.attributes,
        shape.allSatisfy({ input.extents[$0.key] == $0.value })
      else { return nil }
      return told(input, a.output(input), b.output(input))
    }
    for strategy in Self.strategies {
      let generator = CaseGenerator(layer: place.layer, strategy: strategy, seed: 1, shape: shape)
      for number in 0..<Self.draws {
        var source = generator.makeCase(number)
        if !isFree { source.attributes = own.source.attributes }
        guard let input = try? CheckedCase(source), found(input) != nil else { continue }
        let smallest = Shrinker.failure(source, margin: 0, kind: .rubbish, budget: 2000) { candidate in
          found(candidate) == nil
            ? LocalDrift(nothingClaimedOf: candidate.emptyOutput) : LocalDrift(unmeasured: "")
        }
        return (try? CheckedCase(smallest)).flatMap(found)
      }
    }
    return nil
  }

  /// The failing step itself on other inputs than the dump's.
  private func fed(_ a: Hypothesis, _ b: Hypothesis, _ place: Step) -> Found? {
    let step = diagnosed(place)
    for number in 0..<4 {
      var values = known
      for input in place.inputs {
        var source = SeededSource(seed: 1, stream: "\(input)", index: number)
        let shape = failure.transformer.plan.shape(of: input, tokens: failure.tokens.count)
        let numbers = Strategy.random.numbers(shape.reduce(1, *), using: &source)
        values[input] = Activation(shape: shape, elements: numbers)
      }
      guard let input = step.makeCase(values), let first = a.output(step, values), let second = b.output(step, values)
      else { return nil }
      if let found = told(input, first, second) { return found }
    }
    return nil
  }

  /// The values that the dump has, and those that the steps before the failing one give.
  private var known: Hypothesis.Values {
    var values: Hypothesis.Values = [:]
    for name in failure.known { values[name] = failure.dumped(name) }
    for place in failure.steps.dropLast() {
      let shape = place.shape(tokens: failure.tokens.count)
      values[place.name] = Hypothesis.right(diagnosed(place), values)?.reshaped(shape)
    }
    return values
  }

  private func diagnosed(_ step: Step) -> DiagnosedStep {
    DiagnosedStep(step: step, transformer: failure.transformer, tokens: failure.tokens)
  }

  /// The element by which the two outputs differ most, where no rounding makes one of the other.
  ///
  /// Each may be off by twice the greatest bound of the right layer, moved to the output's size, and by the storage's
  /// rounding: an engine with either bug then is nowhere near the other.
  private func told(_ input: CheckedCase, _ first: Activation<Float>, _ second: Activation<Float>) -> Found? {
    let right = Mutant.control(of: input.source.layer).output(input)
    guard let tracked = try? Catalogue.tracked(input, in: failure.arithmetic),
      tracked.elements.count == right.elements.count, first.elements.count == right.elements.count,
      second.elements.count == right.elements.count
    else { return nil }
    let places = right.elements.indices.filter { tracked.elements[$0].isFinite && right.elements[$0].isFinite }
    let bound = places.map { tracked.elements[$0].error }.max() ?? 0
    let size = places.map { Double(right.elements[$0].magnitude) }.max() ?? 0
    func allowance(_ output: Activation<Float>, _ place: Int) -> Double {
      let reach = places.map { Double(output.elements[$0].magnitude) }.max() ?? 0
      let own = Double(output.elements[place].magnitude)
      return 2 * bound * (size > 0 ? max(1, reach / size) : 1) + 4 * failure.storageRoundoff * own + 0x1p-149
    }
    var best: (place: Int, quotient: Double)?
    for place in places {
      let (a, b) = (Double(first.elements[place]), Double(second.elements[place]))
      guard a.isFinite, b.isFinite, a != b else { continue }
      let quotient = (a - b).magnitude / (allowance(first, place) + allowance(second, place))
      if quotient > 1, quotient > best?.quotient ?? 0 { best = (place, quotient) }
    }
    return best.map { Found(input: input, right: right, outputs: [first, second], place: $0.place) }
  }
}

extension Activation {
  /// The place of the element `index` along each axis.
  fileprivate func coordinates(of index: Int) -> [Int] {
    var (rest, result) = (index, [Int]())
    for extent in shape.reversed() {
      result.append(rest % extent)
      rest /= extent
    }
    return result.reversed()
  }
}

extension CheckedCase {
  /// An output of the right shape that says nothing.
  fileprivate var emptyOutput: Activation<Float> {
    Activation(shape: outputShape, elements: [Float](repeating: 0, count: outputCount))
  }
}
