import Foundation
import PlumbBounds
import PlumbCases
import PlumbExact
import PlumbGrading
import PlumbLayers
import PlumbModel
import PlumbTolerance
import PlumbVerdicts
import Testing

/// Every gradient as the transposed product: ⟨gradient, J·v⟩ by dual numbers through the layer forwards is ⟨layer backwards, v⟩.
@Suite struct BackwardTests {
  typealias Dual = DualContext<BallContext>

  /// A layer backwards, the tensor whose gradient it gives, and the layer forwards, on the same tensors.
  struct Pair: Sendable, CustomTestStringConvertible {
    let layer: LayerKind
    let varied: String
    let forward: @Sendable (CaseInput<Dual>) -> Activation<Dual.Number>?
    var testDescription: String { layer.rawValue }
  }

  /// The layer of the catalogue whose gradient it is.
  private static func pair(_ layer: LayerKind, _ varied: String = "x") -> Pair {
    Pair(layer: layer, varied: varied) { Catalogue.forward($0) }
  }

  static let pairs: [Pair] = [
    pair(.rmsNormBackward), pair(.rmsNormWeightBackward, "weight"), pair(.layerNormBackward),
    pair(.layerNormWeightBackward, "weight"), pair(.biasBackward, "bias"), pair(.linearBackward),
    pair(.linearWeightBackward, "weight"), pair(.unembeddingBackward), pair(.unembeddingWeightBackward, "weight"),
    pair(.softmaxBackward),
    pair(.logSoftmaxBackward),
    pair(.reluBackward), pair(.geluBackward), pair(.geluTanhBackward), pair(.siluBackward),
    pair(.rotaryEmbeddingBackward), pair(.embeddingBackward, "weight"), pair(.attentionQueryBackward, "query"),
    pair(.attentionKeyBackward, "key"), pair(.attentionValueBackward, "value"),
    pair(.attentionSinksBackward, "sinks"), pair(.gatedFeedForwardBackward),
    pair(.crossEntropyBackward, "logits"), pair(.clampedGateBackward, "gate"), pair(.clampedGateUpBackward, "up"),
    pair(.expertsBackward), pair(.expertsWeightsBackward, "weights"),
    Pair(layer: .routerBackward, varied: "logits") { router($0) },
  ]

  /// The weights at the places of a case's choice, which it makes whatever the logits are.
  private static func router(_ input: CaseInput<Dual>) -> Activation<Dual.Number> {
    let backward = RouterBackward(reading: input)
    let all = Router(backward.logits, backward.layer, backward.choice, in: input.context).forward()
    let (choice, chosen) = (input.source.integers("choice"), input.source.extent("chosen"))
    let placed = choice.enumerated().map { all.elements[$0 / chosen * all.columns + $1] }
    return Activation(shape: [all.rows, chosen], elements: placed)
  }

  /// The case of the layer forwards with the tensors of `input`, and others of moderate numbers where it takes more.
  private static func forwards(_ pair: Pair, _ input: CheckedCase, _ source: inout SplitMix64) throws -> CheckedCase {
    // A router backwards has the choice, which the layer forwards makes.
    if pair.layer == .routerBackward { return input }
    let own = pair.layer == .biasBackward ? .linear : try #require(pair.layer.forwards)
    let kind = input.source.tensors["sinks"] == nil ? own : .sinkAttention
    let signature = Catalogue.signature(of: kind)
    var extents = input.extents
    var tensors: [String: CaseTensor] = [:]
    for slot in signature.tensors {
      let isLeftOut = input.source.tensors[slot.name] == nil && slot.name != pair.varied
      if slot.isOptional && isLeftOut { continue }
      let shape = slot.shape.map { extents[$0] ?? 3 }
      for name in slot.shape where extents[name] == nil { extents[name] = 3 }
      tensors[slot.name] =
        input.source.tensors[slot.name]
        ?? .real(Activation(shape: shape, elements: numbers(shape.reduce(1, *), &source)))
    }
    let known = signature.attributes.map(\.name)
    let attributes = input.source.attributes.filter { known.contains($0.key) }
    return try CheckedCase(LayerCase(layer: kind, attributes: attributes, tensors: tensors))
  }

  /// Multiples of 1/64 between −2 and 2, none 0.
  private static func numbers(_ count: Int, _ source: inout SplitMix64) -> [Float] {
    (0..<count).map { _ in (Float(source.next() % 128) + 0.5) / 32 - 2 }
  }

  /// `input` with moderate numbers in place of its own; what a gradient was before is 0.
  private static func moderate(_ input: LayerCase, _ source: inout SplitMix64) -> LayerCase {
    var result = input
    for name in input.tensors.keys.sorted() {
      guard case .real(let tensor)? = input.tensors[name] else { continue }
      var elements = name == "before" ? tensor.elements.map { _ in 0 } : numbers(tensor.elements.count, &source)
      if name == "divisors" { elements = elements.map(\.magnitude) }
      result.tensors[name] = .real(Activation(shape: tensor.shape, elements: elements))
    }
    return result
  }

  @Test(arguments: pairs) func theGradientIsTheTransposedJacobian(pair: Pair) throws {
    let context = BallContext(precision: 320)
    let generator = CaseGenerator(layer: pair.layer, strategy: .random, seed: 71, mayBeLong: false)
    for number in 0..<6 * CaseTests.effort {
      var source = SplitMix64(seed: UInt64(number))
      let input = try CheckedCase(Self.moderate(generator.makeCase(number), &source))
      let gradients = try #require(Catalogue.forward(CaseInput(input, in: context)))
      let forwards = try Self.forwards(pair, input, &source)
      let direction = Self.numbers(gradients.elements.count, &source).map { context.read($0) }
      var dual = CaseInput(forwards, in: Dual(base: context))
      let point = forwards.real(pair.varied)
      #expect(point.shape == gradients.shape)
      dual.known[pair.varied] = Activation(
        shape: point.shape,
        elements: zip(point.elements, direction).map { Dual.Number(value: context.read($0), slope: $1) })
      let output = try #require(pair.forward(dual))
      let slopes = output.elements.map { $0.slope ?? context.exact(0) }
      let incoming = input.real("gradient").elements.map { context.read($0) }
      let through = try context.dot(incoming[...], slopes[...], bias: nil).enclosure()
      let around = try context.dot(gradients.elements[...], direction[...], bias: nil).enclosure()
      let size = try zip(gradients.elements, direction).reduce(Rational(1)) { sum, terms in
        sum + (try terms.0.enclosure().midpoint * terms.1.enclosure().midpoint).magnitude
      }
      let line: Comment = "\(CaseLine(input.source).text): \(through.decimal()) \(around.decimal())"
      #expect(through.overlaps(around), line)
      let limit = size * Rational(significand: 1, exponent: -200)
      #expect(through.radius <= limit && around.radius <= limit, line)
    }
  }

  /// Cases with what PyTorch's autograd makes of them in Float64 (Tests/Fixtures/gradients.py).
  private static let recorded: [(line: String, gradient: [Double])] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures/gradients.txt")
    let lines = ((try? String(contentsOf: file.standardized, encoding: .utf8)) ?? "").split(separator: "\n")
    return stride(from: 0, to: lines.count - 1, by: 2).map { index in
      (String(lines[index]), lines[index + 1].split(separator: " ").compactMap { Double($0) })
    }
  }()

  /// Autograd is one more kernel: its gradients in Float64 lie within what that arithmetic allows.
  @Test func autogradIsWithinItsArithmetic() throws {
    let model = ArithmeticModel(storage: .float64, accumulation: .float64)
    var layers: Set<LayerKind> = []
    for (line, gradient) in Self.recorded {
      let input = try CheckedCase(try CaseLine.parse(line))
      layers.insert(input.source.layer)
      let exact = try #require(Catalogue.forward(CaseInput(input, in: BallContext(precision: 256))))
      let tracked = try #require(Catalogue.forward(CaseInput(input, in: model)))
      #expect(gradient.count == exact.elements.count, "\(line)")
      for (index, value) in gradient.enumerated() {
        let (ball, bound) = (try exact.elements[index].enclosure(), try #require(tracked.elements[index].bound))
        let number = try #require(Rational(exactly: value))
        #expect((number - ball.midpoint).magnitude <= bound + ball.radius, "\(index) of \(line)")
        // The bound is that of some dozens of roundings of numbers of this size, so that a wrong formula is far outside.
        #expect(bound <= Rational(significand: 1, exponent: -40), "\(index) of \(line)")
      }
    }
    #expect(layers == Set(Self.pairs.map(\.layer)))
  }

  /// Every layer backwards has a pair.
  @Test func everyLayerBackwardsIsThere() {
    #expect(Set(Self.pairs.map(\.layer)) == Set(LayerKind.allCases.filter { $0.rawValue.hasSuffix("-backward") }))
  }
}
