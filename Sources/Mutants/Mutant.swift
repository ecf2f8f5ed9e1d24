public import PlumbModel
import PlumbVerdicts

/// An engine with one planted bug.
public struct Mutant: Sendable, Restatable {
  /// The layer that has the bug.
  public let layer: LayerKind
  /// The name, unique over all layers together with the layer's.
  public let name: String
  /// The bug, in one sentence.
  public let bug: String
  /// Why no test of the layer can tell it from rounding; `nil` for a bug that must be found.
  public let proof: String?
  private let compute: @Sendable (CheckedCase) -> Activation<Float>
  /// What the bug changes in the layer's plain form, where it is such a change.
  private(set) var plant: (@Sendable (inout any PlainLayer) -> Void)?
  /// The bug in exact arithmetic, where the layer is written so that it can be.
  package var enclosed: EnclosedBug?
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

  /// What the engine with the bug computes on `input`.
  ///
  /// - Precondition: it is a case of the mutant's layer.
  public func output(_ input: CheckedCase) -> Activation<Float> { compute(input) }
}

extension Mutant {
  /// Every mutant, layer by layer.
  public static let all: [Mutant] = LayerKind.allCases.flatMap(of)

  /// The mutants of `layer`, made from its plain form.
  public static func of(_ layer: LayerKind) -> [Mutant] { plain(layer).mutants }

  /// What the mutants of `layer` are made from, with no bug planted: the control of the experiment.
  public static func control(of layer: LayerKind) -> Mutant { plain(layer).control }

  /// The layer with both bugs, where each changes a property of the layer's plain form.
  package static func both(_ a: Mutant, _ b: Mutant) -> Mutant? {
    guard a.layer == b.layer, let first = a.plant, let second = b.plant else { return nil }
    let plain = plain(a.layer)
    var both = Mutant(a.layer, "\(a.name) + \(b.name)", "\(a.bug) \(b.bug)") { input in
      var layer: any PlainLayer = plain.init(input)
      first(&layer)
      second(&layer)
      return layer.output()
    }
    both.enclosed = a.enclosed.flatMap { a in b.enclosed.map { a.with($0) } }
    both.restatement = restatement(of: both, a, b)
    return both
  }

  /// The same mutant, whose bug can be planted beside another in a layer of the kind.
  func planting<Layer: PlainLayer>(in _: Layer.Type, _ plant: @escaping @Sendable (inout Layer) -> Void) -> Mutant {
    var mutant = self
    mutant.plant = { layer in
      guard var plain = layer as? Layer else { return }
      plant(&plain)
      layer = plain
    }
    return mutant
  }

  /// The layer written plainly.
  ///
  /// The switch is exhaustive, so a layer without a plain form does not compile.
  private static func plain(_ layer: LayerKind) -> any PlainLayer.Type {
    switch layer {
    case .embedding: PlainEmbedding<Double>.self
    case .learnedPosition: PlainLearnedPosition.self
    case .rmsNorm: PlainRMSNorm<Double>.self
    case .layerNorm: PlainLayerNorm.self
    case .linear: PlainLinear<Double>.self
    case .rotaryEmbedding: PlainRotaryEmbedding<Double>.self
    case .attentionScores: PlainAttentionScores<Double>.self
    case .softmax: PlainSoftmax<Double>.self
    case .logSoftmax: PlainLogSoftmax.self
    case .attentionValues: PlainAttentionValues<Double>.self
    case .attention: PlainAttention.self
    case .residualAdd: PlainResidualAdd<Double>.self
    case .relu: PlainReLU.self
    case .gelu: PlainGELU.self
    case .geluTanh: PlainGELUTanh.self
    case .silu: PlainSiLU<Double>.self
    case .gate: PlainGate<Double>.self
    case .feedForward: PlainFeedForward.self
    case .gatedFeedForward: PlainGatedFeedForward.self
    case .unembedding: PlainUnembedding<Double>.self
    case .crossEntropy: PlainCrossEntropy.self
    case .sampling: PlainSampling.self
    case .block: PlainBlock.self
    case .cosineSimilarity: PlainCosineSimilarity.self
    }
  }
}
