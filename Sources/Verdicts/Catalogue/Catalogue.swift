import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbLayers
import PlumbModel
import PlumbTolerance

/// Every layer with all its sides: what it takes, what it must compute, and what the engine computes.
package enum Catalogue {
  /// The entry of `layer`.
  ///
  /// The switch is exhaustive, so a layer without an entry does not compile.
  static func entry(for layer: LayerKind) -> any CatalogueEntry.Type {
    switch layer {
    case .embedding: EmbeddingEntry.self
    case .learnedPosition: LearnedPositionEntry.self
    case .rmsNorm: RMSNormEntry.self
    case .layerNorm: LayerNormEntry.self
    case .linear: LinearEntry.self
    case .rotaryEmbedding: RotaryEmbeddingEntry.self
    case .attentionScores: AttentionScoresEntry.self
    case .softmax: SoftmaxEntry.self
    case .logSoftmax: LogSoftmaxEntry.self
    case .attentionValues: AttentionValuesEntry.self
    case .attention: AttentionEntry.self
    case .sinkAttention: SinkAttentionEntry.self
    case .residualAdd: ResidualAddEntry.self
    case .scale: ScaleEntry.self
    case .relu: ReLUEntry.self
    case .gelu: GELUEntry.self
    case .geluTanh: GELUTanhEntry.self
    case .silu: SiLUEntry.self
    case .gate: GateEntry.self
    case .clampedGate: ClampedGateEntry.self
    case .clamp: ClampEntry.self
    case .feedForward: FeedForwardEntry.self
    case .gatedFeedForward: GatedFeedForwardEntry.self
    case .unembedding: UnembeddingEntry.self
    case .crossEntropy: CrossEntropyEntry.self
    case .sampling: SamplingEntry.self
    case .router: RouterEntry.self
    case .experts: ExpertsEntry.self
    case .quantize: QuantizeEntry.self
    case .quantizeScale: QuantizeScaleEntry.self
    case .block: BlockEntry.self
    case .cosineSimilarity: CosineSimilarityEntry.self
    case .rmsNormBackward: RMSNormBackwardEntry.self
    case .rmsNormWeightBackward: RMSNormWeightBackwardEntry.self
    case .layerNormBackward: LayerNormBackwardEntry.self
    case .layerNormWeightBackward: LayerNormWeightBackwardEntry.self
    case .biasBackward: BiasBackwardEntry.self
    case .linearBackward: LinearBackwardEntry.self
    case .linearWeightBackward: LinearWeightBackwardEntry.self
    case .unembeddingBackward: UnembeddingBackwardEntry.self
    case .unembeddingWeightBackward: UnembeddingWeightBackwardEntry.self
    case .softmaxBackward: SoftmaxBackwardEntry.self
    case .logSoftmaxBackward: LogSoftmaxBackwardEntry.self
    case .crossEntropyBackward: CrossEntropyBackwardEntry.self
    case .reluBackward: ReLUBackwardEntry.self
    case .geluBackward: GELUBackwardEntry.self
    case .geluTanhBackward: GELUTanhBackwardEntry.self
    case .siluBackward: SiLUBackwardEntry.self
    case .rotaryEmbeddingBackward: RotaryEmbeddingBackwardEntry.self
    case .embeddingBackward: EmbeddingBackwardEntry.self
    case .attentionQueryBackward: AttentionQueryBackwardEntry.self
    case .attentionKeyBackward: AttentionKeyBackwardEntry.self
    case .attentionValueBackward: AttentionValueBackwardEntry.self
    case .attentionSinksBackward: AttentionSinksBackwardEntry.self
    case .gatedFeedForwardBackward: GatedFeedForwardBackwardEntry.self
    case .clampedGateBackward: ClampedGateBackwardEntry.self
    case .clampedGateUpBackward: ClampedGateUpBackwardEntry.self
    case .routerBackward: RouterBackwardEntry.self
    case .expertsBackward: ExpertsBackwardEntry.self
    case .expertsWeightsBackward: ExpertsWeightsBackwardEntry.self
    case .custom: CustomEntry.self
    }
  }

  /// The signature of `layer`: what it takes and gives.
  package static func signature(of layer: LayerKind) -> LayerSignature {
    if case .custom(let formula) = layer { LayerSignature(formula) } else { entry(for: layer).signature }
  }

  /// The values that `layer` must compute on `input`, and the bound of each element; `nil` where an input is not finite.
  ///
  /// - Throws: `EnclosureError` where `precision` does not suffice.
  package static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    try entry(for: input.source.layer).expectation(of: input, precision: precision)
  }

  /// The output that the engine computes on `input`.
  package static func engine(
    _ input: CheckedCase, instructionSet: Engine.InstructionSet = .current
  ) -> Activation<Float> {
    entry(for: input.source.layer).engine(input, instructionSet)
  }
}

/// One layer of the catalogue.
protocol CatalogueEntry {
  /// The signature of the layer: what it takes and gives.
  static var signature: LayerSignature { get }

  /// Checks what the signature cannot say.
  static func validate(_ input: CheckedCase) throws(CaseError)

  /// The exact output and the bounds; `nil` where an input is not finite.
  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation?

  /// The functions that kernels in `model` may take the layer for, the layer's own first.
  static func readings(of input: CheckedCase, in model: ArithmeticModel) -> [FormulaName?]

  /// The engine's output.
  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float>
}

extension CatalogueEntry {
  /// Most signatures say it all.
  static func validate(_ input: CheckedCase) throws(CaseError) {}

  /// Most layers are one function.
  static func readings(of input: CheckedCase, in model: ArithmeticModel) -> [FormulaName?] { [nil] }
}
