public import PlumbDrift
public import PlumbModel

/// An engine with one planted bug.
public struct Mutant: Sendable {
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

  /// The mutants of `layer`: those of its plain form where it has one, otherwise the engine's own output spoilt.
  public static func of(_ layer: LayerKind) -> [Mutant] { plain(layer)?.mutants ?? spoilt(layer) }

  /// What the mutants of `layer` are made from, with no bug planted: the control of the experiment.
  public static func control(of layer: LayerKind) -> Mutant {
    let plain = plain(layer)
    return Mutant(layer, "control", "There is no bug.") { plain?.init($0).output() ?? Catalogue.engine($0) }
  }

  /// Bugs that any layer can have, for layers that are not written plainly.
  private static func spoilt(_ layer: LayerKind) -> [Mutant] {
    func mutant(_ name: String, _ bug: String, _ spoil: @escaping @Sendable (Float) -> Float) -> Mutant {
      Mutant(layer, name, bug) { Catalogue.engine($0).map(spoil) }
    }
    return [
      mutant("result-in-bf16", "The result goes through bfloat16.") { LastRounding.bfloat16(Double($0)) },
      mutant("result-in-float16", "The result goes through binary16.") { LastRounding.float16(Double($0)) },
      mutant("result-two-above", "Every result is two Float32s too large.") { $0.nextUp.nextUp },
    ]
  }

  /// The engine with both bugs, where each changes a property of the layer's plain form.
  static func both(_ a: Mutant, _ b: Mutant) -> Mutant? {
    guard a.layer == b.layer, let first = a.plant, let second = b.plant, let plain = plain(a.layer) else { return nil }
    return Mutant(a.layer, "\(a.name) + \(b.name)", "\(a.bug) \(b.bug)") { input in
      var layer: any PlainLayer = plain.init(input)
      first(&layer)
      second(&layer)
      return layer.output()
    }
  }

  /// The same mutant, whose bug can be planted beside another.
  func planting(_ plant: @escaping @Sendable (inout any PlainLayer) -> Void) -> Mutant {
    var mutant = self
    mutant.plant = plant
    return mutant
  }

  /// The layer written plainly; `nil` where nobody has yet.
  private static func plain(_ layer: LayerKind) -> (any PlainLayer.Type)? {
    let all: [any PlainLayer.Type] = [
      PlainEmbedding.self, PlainRMSNorm.self, PlainLinear.self, PlainRotaryEmbedding.self, PlainAttentionScores.self,
      PlainSoftmax.self, PlainAttentionValues.self, PlainResidualAdd.self, PlainSiLU.self, PlainGate.self,
      PlainUnembedding.self, PlainLayerNorm.self, PlainLearnedPosition.self, PlainLogSoftmax.self, PlainReLU.self,
      PlainGELU.self, PlainGELUTanh.self, PlainCosineSimilarity.self, PlainSampling.self,
      PlainAttention.self, PlainFeedForward.self, PlainGatedFeedForward.self, PlainCrossEntropy.self, PlainBlock.self,
    ]
    return all.first { $0.layer == layer }
  }
}
