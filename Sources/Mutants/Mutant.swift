import PlumbLayers
import PlumbModel
import PlumbVerdicts

/// An engine with one planted bug.
package struct Mutant: Sendable, Restatable {
  /// The layer that has the bug.
  package let layer: LayerKind
  /// The name, unique over all layers together with the layer's.
  package let name: String
  /// The bug, in one sentence.
  package let bug: String
  /// The reason why no test of the layer can tell it from rounding; `nil` for a bug that must be found.
  package let proof: String?
  private let compute: @Sendable (CheckedCase) -> Activation<Float>
  /// The bug as a change of the layer's formula, where it is one.
  private(set) var plant: PlantedBug<Float64Context>?
  /// The bug in exact arithmetic, where the layer is written so that it can be.
  package var enclosed: PlantedBug<EnclosureContext>?
  /// The bug in other words, where there are some.
  var restatement: Restatement?

  init(
    _ layer: LayerKind, _ name: String, _ bug: String, proof: String? = nil,
    compute: @escaping @Sendable (CheckedCase) -> Activation<Float>
  ) {
    self.layer = layer
    self.name = name
    self.bug = bug
    self.proof = proof
    self.compute = compute
  }

  /// The engine with `planted`.
  private init(
    _ layer: LayerKind, _ name: String, _ bug: String, proof: String? = nil, _ planted: PlantedBug<Float64Context>
  ) {
    self.init(layer, name, bug, proof: proof) { input in
      planted.result(CaseInput(input, in: Float64Context())).map { Float($0) }
    }
  }

  /// The `bug` as an engine, with the same over enclosures.
  init<Form: Plantable, Enclosing: Plantable>(
    _ bug: Bug<Form>, _ enclosed: Bug<Enclosing>, of layer: LayerKind = Form.layer
  )
  where Form.Context == Float64Context, Enclosing.Context == EnclosureContext {
    let planted = PlantedBug(bug)
    self.init(layer, bug.name, bug.sentence, proof: bug.proof, planted)
    plant = bug.plant.map { _ in planted }
    self.enclosed = PlantedBug(enclosed)
    restatement = bug.restatement
  }

  /// The output of the engine with the bug on `input`.
  ///
  /// - Precondition: it is a case of the mutant's layer.
  package func output(_ input: CheckedCase) -> Activation<Float> { compute(input) }
}

extension Mutant {
  /// Every mutant, layer by layer.
  package static let all: [Mutant] = LayerKind.allCases.flatMap(of)

  /// The mutants of `layer`, made from its formula.
  package static func of(_ layer: LayerKind) -> [Mutant] { made(of: layer).mutants }

  /// The engine that the mutants of `layer` are made from, with no bug planted: the control of the experiment.
  package static func control(of layer: LayerKind) -> Mutant { made(of: layer).control }

  /// The layer with both bugs, where each changes a property of the layer's formula.
  package static func both(_ a: Mutant, _ b: Mutant) -> Mutant? {
    guard a.layer == b.layer, let first = a.plant, let second = b.plant else { return nil }
    var both = Mutant(a.layer, "\(a.name) + \(b.name)", "\(a.bug) \(b.bug)", first.with(second))
    both.enclosed = a.enclosed.flatMap { a in b.enclosed.map { a.with($0) } }
    both.restatement = restatement(of: both, a, b)
    return both
  }

  private typealias Made = (mutants: [Mutant], control: Mutant)

  /// The mutants of a layer, and its control, from its formula in Float64 and over enclosures.
  private static func made<Form: Plantable, Enclosing: Plantable>(_: Form.Type, _: Enclosing.Type) -> Made
  where Form.Context == Float64Context, Enclosing.Context == EnclosureContext {
    made(Form.bugs, Enclosing.bugs, of: Form.layer)
  }

  /// The same of `layer`, one of several that are one formula.
  private static func made<Form: Plantable, Enclosing: Plantable>(
    _ bugs: [Bug<Form>], _ enclosed: [Bug<Enclosing>], of layer: LayerKind
  ) -> Made where Form.Context == Float64Context, Enclosing.Context == EnclosureContext {
    (zip(bugs, enclosed).map { Mutant($0, $1, of: layer) }, Mutant(Form.right, Enclosing.right, of: layer))
  }

  private static func made(_ plain: any PlainLayer.Type) -> Made { (plain.mutants, plain.control) }

  /// The mutants of `layer`, and its control.
  ///
  /// The switch is exhaustive, so a layer without them does not compile.
  private static func made(of layer: LayerKind) -> Made {
    switch layer {
    case .embedding: made(Embedding.self, Embedding.self)
    case .learnedPosition: made(LearnedPosition.self, LearnedPosition.self)
    case .rmsNorm: made(RMSNorm.self, RMSNorm.self)
    case .layerNorm: made(LayerNorm.self, LayerNorm.self)
    case .linear: made(Linear.self, Linear.self)
    case .rotaryEmbedding: made(RotaryEmbedding.self, RotaryEmbedding.self)
    case .attentionScores: made(AttentionScores.self, AttentionScores.self)
    case .softmax: made(Softmax.self, Softmax.self)
    case .logSoftmax: made(LogSoftmax.self, LogSoftmax.self)
    case .attentionValues: made(AttentionValues.self, AttentionValues.self)
    case .attention: made(Attention.self, Attention.self)
    case .sinkAttention: made(SinkAttention.self, SinkAttention.self)
    case .residualAdd: made(ResidualAdd.self, ResidualAdd.self)
    case .scale: made(Scale.self, Scale.self)
    case .relu: made(ReLU.self, ReLU.self)
    case .gelu: made(GELU.self, GELU.self)
    case .geluTanh: made(GELUTanh.self, GELUTanh.self)
    case .silu: made(SiLU.self, SiLU.self)
    case .gate: made(Gate.self, Gate.self)
    case .clampedGate: made(ClampedGate.self, ClampedGate.self)
    case .clamp: made(Clamp.self, Clamp.self)
    case .feedForward: made(FeedForward.self, FeedForward.self)
    case .gatedFeedForward: made(GatedFeedForward.self, GatedFeedForward.self)
    case .unembedding: made(Unembedding.self, Unembedding.self)
    case .crossEntropy: made(CrossEntropy.self, CrossEntropy.self)
    case .cosineSimilarity: made(CosineSimilarity.self, CosineSimilarity.self)
    case .rmsNormBackward: made(RMSNormBackward.self, RMSNormBackward.self)
    case .rmsNormWeightBackward:
      made(NormWeightBackward<RMSNorm<Float64Context>>.self, NormWeightBackward<RMSNorm<EnclosureContext>>.self)
    case .layerNormBackward: made(LayerNormBackward.self, LayerNormBackward.self)
    case .layerNormWeightBackward:
      made(NormWeightBackward<LayerNorm<Float64Context>>.self, NormWeightBackward<LayerNorm<EnclosureContext>>.self)
    case .biasBackward: made(BiasBackward.self, BiasBackward.self)
    case .linearBackward: made(LinearBackward.self, LinearBackward.self)
    case .linearWeightBackward: made(LinearWeightBackward.self, LinearWeightBackward.self)
    case .unembeddingBackward: made(UnembeddingBackward.self, UnembeddingBackward.self)
    case .unembeddingWeightBackward: made(UnembeddingWeightBackward.self, UnembeddingWeightBackward.self)
    case .softmaxBackward: made(SoftmaxBackward.self, SoftmaxBackward.self)
    case .logSoftmaxBackward: made(LogSoftmaxBackward.self, LogSoftmaxBackward.self)
    case .crossEntropyBackward: made(CrossEntropyBackward.self, CrossEntropyBackward.self)
    case .reluBackward: made(ReLUBackward.self, ReLUBackward.self)
    case .geluBackward: made(GELUBackward.self, GELUBackward.self)
    case .geluTanhBackward: made(GELUTanhBackward.self, GELUTanhBackward.self)
    case .siluBackward: made(SiLUBackward.self, SiLUBackward.self)
    case .rotaryEmbeddingBackward: made(RotaryEmbeddingBackward.self, RotaryEmbeddingBackward.self)
    case .embeddingBackward: made(EmbeddingBackward.self, EmbeddingBackward.self)
    case .attentionQueryBackward: made(AttentionQueryBackward.self, AttentionQueryBackward.self)
    case .attentionKeyBackward: made(AttentionKeyBackward.self, AttentionKeyBackward.self)
    case .attentionValueBackward: made(AttentionValueBackward.self, AttentionValueBackward.self)
    case .attentionSinksBackward: made(AttentionSinksBackward.self, AttentionSinksBackward.self)
    case .gatedFeedForwardBackward: made(GatedFeedForwardBackward.self, GatedFeedForwardBackward.self)
    case .clampedGateBackward:
      made(
        ClampedGateBackward.bugs + ClampedGateBackward.bugsOfGate,
        ClampedGateBackward.bugs + ClampedGateBackward.bugsOfGate, of: layer)
    case .clampedGateUpBackward: made(ClampedGateBackward.bugs, ClampedGateBackward.bugs, of: layer)
    case .routerBackward: made(RouterBackward.self, RouterBackward.self)
    case .experts: made(Experts.self, Experts.self)
    case .expertsBackward: made(ExpertsInputBackward.self, ExpertsInputBackward.self)
    case .expertsWeightsBackward: made(ExpertsWeightsBackward.self, ExpertsWeightsBackward.self)
    case .quantize: made(Quantize.self, Quantize.self)
    case .quantizeScale: made(QuantizeScale.self, QuantizeScale.self)
    case .sampling: made(PlainSampling.self)
    case .router: made(PlainRouter.self)
    case .block: made(PlainBlock.self)
    case .custom: ([], Mutant(layer, "control", "No bug.") { Catalogue.engine($0) })
    }
  }
}
