import PlumbBounds
import PlumbExact
import PlumbModel
import PlumbReference

/// Takes the drift of a gradient apart, by exact backward passes through the engine's activations.
struct GradientAttributionMeasurement {
  let transformer: Transformer
  let trace: GradientTrace
  /// The working precision of the exact pass, in bits, and that of the gradients of matrices of weights.
  let precision: Int
  let weightBits: Int
  let isInterrupted: () -> Bool
  let progress: (String) -> Void

  /// The parts that two passes give, before the steps backwards are told apart.
  private struct Forward {
    var chosen: [ChosenGradient] = []
    var squares = Ball.zero
  }

  /// A group of steps backwards, whose parts are one.
  private struct Group {
    let name: String
    var steps: Set<GradientName> = []
  }

  private var plan: BackwardPlan { trace.plan }

  /// Measures: an exact pass, two through the engine's activations, and one for each place and each kind of layer.
  ///
  /// - Throws: `GradientError.interrupted`, `GradientError.notFinite`, `GradientError.undecided`.
  func measure() throws(GradientError) -> GradientAttribution {
    do {
      let behind = try behind()
      let forward = try forward(behind)
      let errors = try localErrors()
      return attribution(
        forward, behind, places: try parts(of: places, errors, forward.chosen),
        layers: try parts(of: layers, errors, forward.chosen))
    } catch let error as GradientError {
      throw error
    } catch let error as EnclosureError {
      throw .undecided(gradient: "the drift of the gradient", PrecisionExhausted(precision: precision, reason: error))
    } catch {
      throw .interrupted
    }
  }

  /// Whether `step` gives the whole gradient of a tensor of weights.
  private static func isOfWeights(_ step: BackwardStep) -> Bool { step.weight != nil && step.name.part == nil }

  private func engine(_ step: BackwardStep, like rows: GradientRows) throws -> GradientRows {
    guard let rows = rows.replaced(by: trace[step.name].elements, precision: precision) else {
      throw GradientError.notFinite(gradient: step.name.description)
    }
    return rows
  }

  private var pass: Reference.GradientPass {
    Reference.GradientPass(transformer, plan, precision: precision, weightBits: weightBits)
  }

  /// Runs a pass through the engine's activations.
  private func run(
    _ label: String,
    making:
      @escaping (BackwardStep, _ zeros: GradientRows, _ exact: () throws(EnclosureError) -> GradientRows) throws
      -> GradientRows
  ) throws {
    let activations = trace.activations
    try pass.run(
      trace.tokens, targets: trace.targets, on: { activations[$0]?.asBalls }, isCancelled: isInterrupted
    ) { step, zeros, exact in
      progress("where drift comes from, \(label): \(step.name)")
      return try making(step, zeros, exact)
    }
  }

  /// The distances of the engine's gradients of weights from the exact ones through its own activations.
  private func behind() throws -> [GradientName: [Double]] {
    var behind: [GradientName: [Double]] = [:]
    try run("the forward pass") { step, _, exact in
      let gradient = try exact()
      guard Self.isOfWeights(step) else { return gradient }
      behind[step.name] = gradient.distances(to: try engine(step, like: gradient), precision: precision).doubles
      return gradient
    }
    return behind
  }

  /// The elements to tell apart with their drift, and what the forward pass adds, from an exact pass of its own.
  private func forward(_ behind: [GradientName: [Double]]) throws -> Forward {
    var result = Forward()
    _ = try pass.run(trace.tokens, targets: trace.targets, isCancelled: isInterrupted) { step, gradient in
      progress("where drift comes from, the exact pass: \(step.name)")
      guard Self.isOfWeights(step), let behind = behind[step.name] else { return }
      let drift = gradient.distances(to: try engine(step, like: gradient), precision: precision)
      let forward = drift.adding(behind.map { -$0 }, precision: precision)
      result.squares = result.squares + GradientSurvey(forward, engine: nil).squares
      ChosenGradient.choose(&result.chosen, step, engine: trace[step.name].elements, drift)
    }
    return result
  }

  /// The distances of the engine's gradient of each step from the exact one on the engine's own inputs, in Float64.
  private func localErrors() throws -> [GradientName: [Double]] {
    var errors: [GradientName: [Double]] = [:]
    try run("what each step adds") { step, _, exact in
      let gradient = try exact()
      let engine = try engine(step, like: gradient)
      let own = gradient.distances(to: engine, precision: precision).doubles
      if own.contains(where: { $0 != 0 }) { errors[step.name] = own }
      return engine
    }
    return errors
  }

  /// The steps by place, in the order of the pass.
  private var places: [Group] {
    plan.steps.reduce(into: []) { groups, step in
      let name = step.block.map { "block \($0)" } ?? (groups.count > 1 ? "embedding" : "loss and head")
      if groups.last?.name != name { groups.append(Group(name: name)) }
      groups[groups.count - 1].steps.insert(step.name)
    }
  }

  /// The steps by kind of layer, in the order in which the pass meets these.
  private var layers: [Group] {
    plan.steps.reduce(into: []) { groups, step in
      let index = groups.firstIndex { $0.name == step.layerName } ?? groups.count
      if index == groups.count { groups.append(Group(name: step.layerName)) }
      groups[index].steps.insert(step.name)
    }
  }

  /// The gradients of weights that the errors of each group's steps alone make.
  private func parts(
    of groups: [Group], _ errors: [GradientName: [Double]], _ chosen: [ChosenGradient]
  ) throws -> [(name: String, values: [Ball], squares: Ball)] {
    try groups.map { group in
      var (values, squares) = (chosen.map { _ in Ball.zero }, Ball.zero)
      guard group.steps.contains(where: { errors[$0] != nil }) else { return (group.name, values, squares) }
      var isNothing = true
      try run(group.name) { step, zeros, exact in
        let own = group.steps.contains(step.name) ? errors[step.name] : nil
        guard !isNothing || own != nil else { return zeros }
        var gradient = isNothing ? zeros : try exact()
        isNothing = false
        if let own { gradient = gradient.adding(own, precision: precision) }
        guard Self.isOfWeights(step) else { return gradient }
        squares = squares + GradientSurvey(gradient, engine: nil).squares
        for (index, element) in chosen.enumerated() where element.name == step.name {
          values[index] = element.element(of: gradient)
        }
        return gradient
      }
      return (group.name, values, squares)
    }
  }

  private typealias Found = (name: String, values: [Ball], squares: Ball)

  private func attribution(
    _ forward: Forward, _ behind: [GradientName: [Double]], places: [Found], layers: [Found]
  ) -> GradientAttribution {
    let first: Found = (
      "forward pass",
      forward.chosen.map { element in
        let middle = Rational(exactly: behind[element.name]?[element.index] ?? 0) ?? 0
        // A midpoint was cut to 53 bits.
        let cut = middle.magnitude.scaled(byPowerOfTwo: -52)
        return element.drift - Ball(midpoint: middle, radius: cut)
      }, forward.squares
    )
    let drifts = forward.chosen.map { Self.onGrid($0.drift) }
    func parts(_ found: [Found]) -> [GradientAttribution.Part] {
      let all = [first] + found
      let rest = drifts.indices.map { index in
        all.reduce(drifts[index]) { $0 - Self.onGrid($1.values[index]) }
      }
      return all.map { part in
        GradientAttribution.Part(
          name: part.name, values: part.values.map { Self.onGrid($0).exactText }, norm: Self.root(part.squares))
      } + [GradientAttribution.Part(name: Self.rest, values: rest.map(\.exactText), norm: nil)]
    }
    let balls = forward.chosen.map(\.drift) + ([first] + places + layers).flatMap(\.values)
    let widest = balls.map(\.radius).max() ?? 0
    return GradientAttribution(
      elements: zip(forward.chosen, drifts).map { element, drift in
        GradientAttribution.Element(
          choice: element.choice, tensor: element.tensor, index: element.place, drift: drift.exactText)
      }, places: parts(places), layers: parts(layers),
      error: (widest + Rational(significand: 1, exponent: Self.gridExponent)).doubleRoundedUp)
  }

  /// The part that is left over: no cause, but that the others are rounded.
  static let rest = "rest, of rounding to Float64 here"

  /// Every value is a multiple of two to the power of this.
  private static let gridExponent = -160

  private static func onGrid(_ ball: Ball) -> Rational {
    Rational(significand: ball.midpoint.units(ofPowerOfTwo: gridExponent, .toNearestOrEven), exponent: gridExponent)
  }

  /// The root of a sum of squares, rounded up.
  private static func root(_ squares: Ball) -> Double {
    guard squares.upper > 0, let root = try? Ball.squareRoot(Ball(squares.upper), precision: 64) else { return 0 }
    return root.upper.doubleRoundedUp
  }
}
