import PlumbLayers
import PlumbModel

extension NormWeightBackward: Plantable where Norm: PlantableNorm, Norm.Context: BugContext {
  static var layer: LayerKind { Norm.weightLayer }

  static var bugs: [Bug<Self>] {
    [
      mutant("first-token-only", "The gradient of the first token is given.") {
        $0.counted = 0..<min($0.counted.count, 1)
      },
      mutant("last-token-skipped", "The last token is left out.") { $0.counted = 0..<max($0.counted.count - 1, 0) },
      mutant("mean-over-tokens", "The mean over tokens is given.") {
        $0.sum = { $0.dot($1) / $0.number(Double(max($0.count, 1))) }
      },
      mutant("gradient-forgotten", "The normalised rows are added.") { $0.sum = { $1.total } },
      mutant("input-forgotten", "The gradients are added, as those of a bias.") {
        $0.sum = { gradients, _ in gradients.total }
      },
      mutant("normalised-in-bf16", "The normalised rows are kept in bfloat16.") {
        $0.normalised = { $0.rounded(to: .bfloat16) }
      },
      mutant("sum-in-bf16", "The sums over tokens are kept in bfloat16.") { $0.sum = { $0.dot($1, in: .bfloat16) } },
      mutant("sum-in-float16", "The sums over tokens are kept in binary16.") { $0.sum = { $0.dot($1, in: .float16) } },
      signFlipped, doubled, resultInBfloat16, truncated, rowTailSkipped, vectorTailSkipped,
    ]
  }
}

/// A normalisation whose weight's gradient is a layer.
protocol PlantableNorm: NormalisedRows {
  static var weightLayer: LayerKind { get }
}

extension RMSNorm: PlantableNorm {
  static var weightLayer: LayerKind { .rmsNormWeightBackward }
}

extension LayerNorm: PlantableNorm {
  static var weightLayer: LayerKind { .layerNormWeightBackward }
}
