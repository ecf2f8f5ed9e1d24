import Foundation
import PlumbExact
import PlumbFormats
import PlumbLayers
import PlumbModel
import PlumbReference
import Testing

@testable import PlumbBounds
@testable import PlumbGradients

/// The gradients of tiny models by PyTorch's autograd in Float64 (`Tests/Fixtures/model_gradients.py`), beside the exact ones.
@Suite struct ModelGradientTests {
  static let models = dense + mixtures
  static let dense = [
    "llama", "qwen2", "qwen3", "gpt2", "gemma", "gemma2", "gemma3", "olmo2", "granite", "cohere", "gptneox",
    "starcoder2",
  ]
  /// Mixtures of experts: routers by softmax over the chosen and over all, and by sigmoids, shared experts with and without a gate,
  /// sinks and clamped gates, and keys that heads share in part.
  static let mixtures = ["mixtral", "qwen2moe", "qwen3moe", "gptoss", "deepseekv2", "deepseekv3"]
  static let text = [1, 7, 4, 20, 13, 9, 3, 25, 17, 30, 2, 11]

  static func model(_ name: String) throws -> LoadedModel { try LoadedModel.open(path: path(name)) }

  static func path(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/tiny-\(name)").path(percentEncoded: false)
  }

  /// The gradients of weights by the name of what is stored, put together from those of its parts.
  static func stored<Element: Sendable>(
    _ plan: BackwardPlan, _ gradients: [GradientName: Activation<Element>], zero: Element
  ) -> [String: [Element]] {
    var result: [String: [Element]] = [:]
    for tensor in plan.weights {
      guard let place = tensor.place, let gradient = gradients[GradientName(.weight(tensor.name))] else { continue }
      var elements = result[place.name] ?? [Element](repeating: zero, count: place.count)
      let width = tensor.shape.dropFirst().reduce(1, *)
      for (index, element) in gradient.elements.enumerated() {
        elements[place.index(row: index / width, column: index % width)] = element
      }
      result[place.name] = elements
    }
    return result
  }

  /// The exact gradients of `transformer`, each element to hundreds of bits, and the loss.
  static func exact(
    _ transformer: Transformer, _ plan: BackwardPlan
  ) throws -> (gradients: [GradientName: Activation<Ball>], loss: Ball) {
    var gradients: [GradientName: Activation<Ball>] = [:]
    let pass = Reference.GradientPass(transformer, plan, precision: 512, weightBits: 512)
    let loss = try pass.run(Array(text.dropLast()), targets: Array(text.dropFirst())) { step, gradient in
      gradients[step.name] = gradient.activation
    }
    return (gradients, loss)
  }

  /// The gradients of `transformer` by the layers' formulas in an arithmetic, one after another from the tokens on, routers choosing as
  /// `choice` says.
  static func chained<Context: ArithmeticContext>(
    _ transformer: Transformer, _ plan: BackwardPlan, in context: Context,
    choice: (Activation<Context.Number>, RouterLayer) throws -> ExpertChoice? = { _, _ in nil }
  ) throws -> [GradientName: Activation<Context.Number>] {
    let (tokens, targets) = (Array(text.dropLast()), Array(text.dropFirst()))
    func read(_ tensor: Tensor) throws -> Activation<Context.Number> {
      let rows = try (0..<tensor.rows).map { try Reference.row($0, of: tensor) }
      let numbers = rows.flatMap { row in
        (0..<row.count).map { context.read(Float(row[$0].rounded(to: Float.self, .toNearestOrEven))) }
      }
      return Activation(shape: tensor.shape, elements: numbers)
    }
    var values: [ActivationName: Activation<Context.Number>] = [:]
    for step in transformer.plan.steps where step.name != ActivationName(.probabilities) {
      let inputs = step.inputs.compactMap { values[$0] }
      guard case .unembedding = step.operation else {
        let chosen =
          if case .router(let layer) = step.operation { try choice(inputs[0], layer) } else { ExpertChoice?.none }
        values[step.name] = try step.forward(inputs, tokens: tokens, in: context, choice: chosen, reading: read)
        continue
      }
      // The logits of every token: each is the last of the rows up to it.
      let rows = try (0..<tokens.count).flatMap { token in
        let x = Activation(shape: [1, inputs[0].columns], elements: Array(inputs[0].row(token)))
        return try step.forward([x], tokens: tokens, in: context, reading: read).elements
      }
      values[step.name] = Activation(shape: [tokens.count, rows.count / tokens.count], elements: rows)
    }
    let share = context.scalar(context.exact(1)) / context.scalar(context.exact(Double(tokens.count)))
    let incoming = Activation(shape: [tokens.count], elements: tokens.map { _ in share.number })
    var gradients: [GradientName: Activation<Context.Number>] = [:]
    for step in plan.steps {
      let gradient = try step.backward(
        step.activations.compactMap { values[$0] }, step.gradients.compactMap { gradients[$0] }, tokens: tokens,
        targets: targets, incoming: incoming, in: context, reading: read)
      let shape = step.name.activation.flatMap { values[$0]?.shape } ?? gradient.shape
      gradients[step.name] = gradient.reshaped(shape)
    }
    return gradients
  }

  /// The greatest distance of autograd's Float64 gradients from the exact ones of `transformer`, in parts of each tensor's greatest
  /// magnitude.
  private func distance(_ transformer: Transformer, from name: String) throws -> Double {
    let plan = try BackwardPlan(transformer)
    let (balls, loss) = try Self.exact(transformer, plan)
    let exact = Self.stored(plan, balls, zero: Ball.zero)
    let file = try SafeTensors(path: "\(Self.path(name))/gradients.safetensors")
    var (seen, greatest) = (Set<String>(), 0.0)
    func add(_ number: Double, _ right: Ball, over scale: Double) throws {
      let distance = (try #require(Rational(exactly: number)) - right.midpoint).magnitude + right.radius
      greatest = max(greatest, distance.doubleRoundedUp / scale)
    }
    for entry in file.entries {
      let numbers = try Activation<Double>(entry, file: "gradients").elements
      if entry.name == "loss" {
        try add(numbers[0], loss, over: numbers[0])
        continue
      }
      let tensor = String(entry.name.dropLast(5))
      // GPT-2's trunk is saved without its prefix, GPT-NeoX's unembedding by its first name.
      let names = [tensor, String(tensor.drop { $0 != "." }.dropFirst()), "embed_out.weight"]
      let stored = try #require(names.first { exact[$0] != nil }, "\(entry.name)")
      let balls = try #require(exact[stored])
      seen.insert(stored)
      let scale = try #require(balls.map { $0.midpoint.magnitude.doubleRoundedUp }.max())
      if entry.name.hasSuffix(".norm") {
        let norm = try Ball.squareRoot(balls.reduce(Ball.zero) { $0 + $1 * $1 }, precision: 256)
        try add(numbers[0], norm, over: norm.midpoint.doubleRoundedUp)
        continue
      }
      let stride = balls.count > 256 ? 7 : 1
      #expect(numbers.count == (balls.count + stride - 1) / stride)
      for (index, number) in numbers.enumerated() {
        let ball = balls[index * stride]
        try add(number, ball, over: scale)
        let isNarrow = ball.radius <= ball.midpoint.magnitude.scaled(byPowerOfTwo: -100)
        #expect(
          isNarrow || ball.upper.magnitude <= Rational(significand: 1, exponent: -200), "\(index) of \(entry.name)")
      }
    }
    #expect(seen == Set(exact.keys))
    return greatest
  }

  /// Only roundings of 2⁻⁵³ lie between the two.
  ///
  /// One unit in the last place of one Float32 parameter of a block moves the gradients a thousand times farther than they do.
  /// Enclosures are narrower than 2⁻¹⁰⁰ of each value.
  @Test(arguments: models) func theExactGradientIsAutograds(name: String) throws {
    let transformer = try Self.model(name).transformer
    let other = transformer.editing { block in
      block.editAttention { mixer in
        if let rotary = mixer.rotary {
          mixer.rotary?.theta = rotary.theta.nextUp
        } else {
          mixer.attention.scale = (1 / Float(mixer.attention.sizeOfScale).squareRoot()).nextUp
        }
      }
    }
    let (own, moved) = (try distance(transformer, from: name), try distance(other, from: name))
    #expect(own * 1000 < moved, "\(own), \(moved)")
  }

  /// The special text on rows of balls is the general one: the formulas, chained in balls from the tokens on.
  @Test(
    arguments: [
      "qwen3", "gpt2", "gemma2", "gemma3", "gptneox", "olmo2", "qwen2moe", "gptoss", "deepseekv3",
    ]) func rowsOfBallsAreTheFormulas(name: String) throws
  {
    // The formulas know 10⁻²⁰, which some routers add to a sum, to 52 bits only; it is held to autograd above.
    let transformer = try Self.model(name).transformer.editing { block in
      block.editExperts { $0.router.addsToSum = false }
    }
    let plan = try BackwardPlan(transformer)
    let rows = try Self.exact(transformer, plan).gradients
    let formulas = try Self.chained(transformer, plan, in: BallContext(precision: 512)) { logits, layer in
      try Reference.routerChoice(try logits.map { try $0.enclosure() }, layer, precision: 512)
    }
    #expect(rows.count == plan.steps.count && formulas.count == rows.count)
    for step in plan.steps {
      let (found, wanted) = (try #require(rows[step.name]), try #require(formulas[step.name]))
      #expect(found.shape == wanted.shape, "\(step.name)")
      for (index, (a, b)) in zip(found.elements, wanted.elements).enumerated() {
        let b = try b.enclosure()
        #expect(a.overlaps(b), "\(index) of \(step.name)")
        let limit = Rational(significand: 1, exponent: -150)
        #expect(a.radius < limit && b.radius < limit, "\(index) of \(step.name)")
      }
    }
  }
}
