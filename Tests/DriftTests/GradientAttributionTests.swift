import PlumbExact
import PlumbFormats
import PlumbLayers
import PlumbModel
import PlumbReference
import Testing

@testable import PlumbBounds
@testable import PlumbGradients
@testable import PlumbReports

/// The parts of the drift of a gradient, which add up, and each of which is that of the layers' formulas in balls.
@Suite struct GradientAttributionTests {
  private static let text = ModelGradientTests.text
  private typealias Balls = [GradientName: Activation<ExactNumber>]

  private static func report(_ name: String) throws -> GradientReport {
    try GradientMeasurement(
      model: try ModelGradientTests.model(name), tokens: text, digits: 15, isAttributed: true
    ).report()
  }

  private static func trace(_ name: String) throws -> GradientTrace {
    let transformer = try ModelGradientTests.model(name).transformer
    return try GradientTrace(transformer, try BackwardPlan(transformer), text: text)
  }

  @Test(arguments: ["qwen3", "gpt2", "gemma2", "gptoss", "qwen2moe", "deepseekv3"])
  func thePartsAddUp(name: String) throws {
    let attribution = try #require(try Self.report(name).attribution)
    #expect(attribution.elements.map(\.choice) == ["greatest", "drifts most"])
    for element in attribution.elements {
      let drift = try #require(Rational(element.drift)).magnitude.doubleRoundedUp
      #expect(attribution.error < drift * 0x1p-45)
    }
    for parts in [attribution.places, attribution.layers] {
      #expect(parts.first?.name == "forward pass" && parts.last?.norm == nil)
      for (index, element) in attribution.elements.enumerated() {
        let values = parts.compactMap { Rational($0.values[index]) }
        #expect(values.count == parts.count && values.reduce(0, +) == Rational(element.drift))
        // The rest is that errors were rounded to Float64.
        let greatest = try #require(values.map(\.magnitude).max())
        let rest = try #require(values.last)
        #expect(rest.magnitude <= greatest.scaled(byPowerOfTwo: -40), "\(element.choice)")
        for (part, value) in zip(parts, values) {
          let norm = try #require(Rational(exactly: part.norm ?? .greatestFiniteMagnitude))
          #expect(value.magnitude <= norm, "\(part.name)")
        }
      }
    }
    let layers = Set(try Self.trace(name).plan.steps.map(\.layerName))
    #expect(Set(attribution.layers.dropFirst().dropLast().map(\.name)) == layers)
  }

  /// By the formulas, in balls: the drift, what the forward pass adds, and what two groups of steps backwards do.
  @Test(arguments: ["qwen3", "mixtral"]) func eachPartIsThatOfTheFormulas(name: String) throws {
    let attribution = try #require(try Self.report(name).attribution)
    let transformer = try ModelGradientTests.model(name).transformer
    let trace = try Self.trace(name)
    let exact = try ModelGradientTests.exact(transformer, trace.plan).gradients.mapValues { $0.map(ExactNumber.ball) }
    let through = try Self.chained(trace, transformer) { step, gradients in
      try Self.made(step, gradients, trace, transformer)
    }
    for (index, element) in attribution.elements.enumerated() {
      let number = Self.engine(trace, element)
      let drift = try #require(Rational(exactly: number)) - (try Self.value(exact, trace.plan, element))
      try Self.expect(element.drift, drift, attribution.error)
      let forward = try Self.value(through, trace.plan, element) - (try Self.value(exact, trace.plan, element))
      try Self.expect(attribution.places[0].values[index], forward, attribution.error)
    }
    for (parts, isIn) in [
      (attribution.layers, { (step: BackwardStep) in step.layerName == "linear-backward" }),
      (attribution.places, { (step: BackwardStep) in step.block == 1 }),
    ] {
      let name = parts.contains { $0.name == "block 1" } ? "block 1" : "linear-backward"
      let part = try #require(parts.first { $0.name == name })
      let alone = try Self.alone(trace, transformer, isIn)
      for (index, element) in attribution.elements.enumerated() {
        try Self.expect(part.values[index], try Self.value(alone, trace.plan, element), attribution.error, 0x1p-48)
      }
      var squares = Rational(0)
      for step in trace.plan.steps where step.weight != nil && step.name.part == nil {
        for number in try #require(alone[step.name]).elements {
          let middle = try number.enclosure().midpoint
          squares = squares + middle * middle
        }
      }
      let norm = try #require(part.norm)
      #expect(abs(squares.doubleRoundedUp.squareRoot() / norm - 1) < 0x1p-40, "\(name)")
    }
  }

  /// `text` is `value` to within `error` and `relative` of itself.
  private static func expect(_ text: String, _ value: Rational, _ error: Double, _ relative: Double = 0) throws {
    let shown = try #require(Rational(text))
    let allowed = try #require(Rational(exactly: error)) + value.magnitude * (try #require(Rational(exactly: relative)))
    #expect(
      (shown - value).magnitude <= allowed,
      "\(shown.decimal(significantDigits: 20)), \(value.decimal(significantDigits: 20))")
  }

  /// The gradients that the errors of the steps alone make which `isIn` names, each the engine's less the exact one on its inputs.
  private static func alone(
    _ trace: GradientTrace, _ transformer: Transformer, _ isIn: (BackwardStep) -> Bool
  ) throws -> Balls {
    try chained(trace, transformer) { step, gradients in
      let engine = trace[step.name]
      var made = engine.map { _ in ExactNumber.zero }
      if case .crossEntropy = step.operation {} else { made = try Self.made(step, gradients, trace, transformer) }
      guard isIn(step) else { return made }
      let own = try Self.made(step, step.gradients.map { balls(trace[$0]) }, trace, transformer)
      return Activation(
        shape: made.shape,
        elements: try zip(made.elements, zip(engine.elements, own.elements)).map { made, pair in
          let error = Ball(try #require(Rational(exactly: pair.0))) - (try pair.1.enclosure())
          return .ball(try made.enclosure() + error)
        })
    }
  }

  /// The gradients that `make` gives of each step from those before it.
  private static func chained(
    _ trace: GradientTrace, _ transformer: Transformer,
    _ make: (BackwardStep, [Activation<ExactNumber>]) throws -> Activation<ExactNumber>
  ) throws -> Balls {
    var gradients: Balls = [:]
    for step in trace.plan.steps {
      let made = try make(step, step.gradients.compactMap { gradients[$0] })
      gradients[step.name] = made.reshaped(trace[step.name].shape)
    }
    return gradients
  }

  /// The gradient of `step` by its formula in balls, from the engine's activations.
  private static func made(
    _ step: BackwardStep, _ gradients: [Activation<ExactNumber>], _ trace: GradientTrace, _ transformer: Transformer
  ) throws -> Activation<ExactNumber> {
    let share = ExactNumber.ball(Ball(Rational(1, over: Integer(trace.targets.count))))
    let made = try step.backward(
      step.activations.map { balls(trace[$0]) }, gradients, tokens: trace.tokens, targets: trace.targets,
      incoming: Activation(shape: [trace.targets.count], elements: trace.targets.map { _ in share }),
      in: BallContext(precision: 400)
    ) { tensor in
      let rows = try (0..<tensor.rows).map { try Reference.row($0, of: tensor) }
      return Activation(
        shape: tensor.shape, elements: rows.flatMap { row in (0..<row.count).map { .ball(Ball(row[$0])) } })
    }
    return made.reshaped(trace[step.name].shape)
  }

  private static func balls(_ activation: Activation<Float>) -> Activation<ExactNumber> {
    activation.map { ExactNumber.ball(Ball(Rational(exactly: $0) ?? 0)) }
  }

  /// The tensor of the plan that `element` is of, and the index in it.
  private static func place(_ plan: BackwardPlan, _ element: GradientAttribution.Element) -> (GradientName, Int)? {
    for tensor in plan.weights where tensor.place?.name == element.tensor {
      guard let stored = tensor.place else { continue }
      let flat = zip(element.index, stored.shape).reduce(0) { $0 * $1.1 + $1.0 }
      let width = tensor.shape.dropFirst().reduce(1, *)
      let found = (0..<tensor.count).first { stored.index(row: $0 / width, column: $0 % width) == flat }
      if let found { return (GradientName(.weight(tensor.name)), found) }
    }
    return nil
  }

  private static func value(
    _ gradients: Balls, _ plan: BackwardPlan, _ element: GradientAttribution.Element
  ) throws -> Rational {
    let (name, index) = try #require(place(plan, element))
    return try #require(gradients[name]).elements[index].enclosure().midpoint
  }

  private static func engine(_ trace: GradientTrace, _ element: GradientAttribution.Element) -> Float {
    place(trace.plan, element).map { trace[$0.0].elements[$0.1] } ?? .nan
  }

  @Test func tableAndPageShowIt() throws {
    let report = try Self.report("llama")
    let attribution = try #require(report.attribution)
    let table = GradientTable(report).text
    #expect(table.contains("where the drift of the gradient comes from"))
    #expect(table.split(separator: "\n").allSatisfy { $0.count <= 80 })
    let page = try PageReader(GradientPage(report, command: ["plumb"], version: "0").text)
    for (caption, parts) in [
      ("Drift of the gradient by place", attribution.places),
      ("Drift of the gradient by kind of layer", attribution.layers),
    ] {
      let rows = try page.rows(of: caption).dropFirst()
      #expect(rows.map { Array($0[2...3]) } == parts.map(\.values) + [attribution.elements.map(\.drift)])
    }
  }
}
