import PlumbLayers
import PlumbModel

extension LinearBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .linearBackward }

  static var bugs: [Bug<Self>] {
    [
      mutant("weight-read-as-turned", "The weight's numbers are read as those of a transposed one.") {
        $0.product.isTransposed = false
      },
      mutant("last-output-skipped", "The last output's gradient is left out.") {
        $0.product.counted = 0..<max($0.product.counted.count - 1, 0)
      },
      mutant("vector-outputs-only", "Outputs that do not fill a vector of eight are left out.") {
        $0.product.counted = 0..<$0.product.counted.count / 8 * 8
      },
      mutant("gradient-in-bf16", "The gradient is kept in bfloat16.") {
        $0.product.readInput = { $0.rounded(to: .bfloat16) }
      },
      mutant("weight-in-bf16", "The weight is kept in bfloat16.") {
        $0.product.readWeight = { $0.rounded(to: .bfloat16) }
      },
      mutant("sum-in-bf16", "The sums are kept in bfloat16.") {
        $0.product.sum = { inputs, weights, _ in inputs.dot(weights, in: .bfloat16) }
      },
      mutant("sum-in-float16", "The sums are kept in binary16.") {
        $0.product.sum = { inputs, weights, _ in inputs.dot(weights, in: .float16) }
      },
      signFlipped, doubled, resultInBfloat16, truncated, rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}

extension LinearWeightBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .linearWeightBackward }

  static var bugs: [Bug<Self>] {
    [
      mutant("first-token-only", "The gradient of the first token is given.") {
        $0.product.counted = 0..<min($0.product.counted.count, 1)
      },
      mutant("last-token-skipped", "The last token is left out.") {
        $0.product.counted = 0..<max($0.product.counted.count - 1, 0)
      },
      mutant("mean-over-tokens", "The mean over tokens is given.") {
        $0.product.sum = { inputs, weights, _ in inputs.dot(weights) / inputs.number(Double(max(inputs.count, 1))) }
      },
      mutant("gradient-in-bf16", "The gradient is kept in bfloat16.") {
        $0.product.readInput = { $0.rounded(to: .bfloat16) }
      },
      mutant("input-in-bf16", "The input is kept in bfloat16.") {
        $0.product.readWeight = { $0.rounded(to: .bfloat16) }
      },
      mutant("sum-in-bf16", "The sums over tokens are kept in bfloat16.") {
        $0.product.sum = { inputs, weights, _ in inputs.dot(weights, in: .bfloat16) }
      },
      mutant("sum-in-float16", "The sums over tokens are kept in binary16.") {
        $0.product.sum = { inputs, weights, _ in inputs.dot(weights, in: .float16) }
      },
      signFlipped, doubled, resultInBfloat16, truncated, rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}

extension BiasBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .biasBackward }

  static var bugs: [Bug<Self>] {
    [
      mutant("first-token-only", "The gradient of the first token is given.") {
        $0.counted = 0..<min($0.counted.count, 1)
      },
      mutant("last-token-skipped", "The last token is left out.") { $0.counted = 0..<max($0.counted.count - 1, 0) },
      mutant("mean-over-tokens", "The mean over tokens is given.") {
        $0.sum = { $0.total / $0.number(Double(max($0.count, 1))) }
      },
      mutant("sum-in-bf16", "The sums over tokens are kept in bfloat16.") { $0.sum = { $0.total(in: .bfloat16) } },
      mutant("sum-in-float16", "The sums over tokens are kept in binary16.") { $0.sum = { $0.total(in: .float16) } },
      mutant("magnitudes-added", "The magnitudes are added.") { $0.sum = { $0.magnitude.total } },
      signFlipped, doubled, resultInBfloat16, truncated, rowTailSkipped, vectorTailSkipped,
    ]
  }
}

extension UnembeddingBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .unembeddingBackward }

  static var bugs: [Bug<Self>] {
    [
      mutant("cap-forgotten", "The soft cap is left out.") { $0.cap = nil },
      mutant("tanh-for-slope", "The gradient is multiplied by the tanh.") { $0.slope = { $0 } },
      mutant("tanh-not-squared", "The slope of tanh is taken to be 1 − tanh.") { $0.slope = { 1 - $0 } },
      mutant("slope-added", "The slope of tanh is taken to be 1 + tanh².") { $0.slope = { 1 + $0 * $0 } },
      mutant("slope-in-bf16", "The slope is kept in bfloat16.") { $0.slope = { (1 - $0 * $0).rounded(to: .bfloat16) } },
      mutant("weight-read-as-turned", "The weight's numbers are read as those of a transposed one.") {
        $0.product.product.isTransposed = false
      },
      mutant("last-token-skipped", "The last token of the vocabulary is left out.") {
        $0.product.product.counted = 0..<max($0.product.product.counted.count - 1, 0)
      },
      mutant("sum-in-bf16", "The sums are kept in bfloat16.") {
        $0.product.product.sum = { inputs, weights, _ in inputs.dot(weights, in: .bfloat16) }
      },
      signFlipped, doubled, resultInBfloat16, truncated, rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}

extension UnembeddingWeightBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .unembeddingWeightBackward }

  static var bugs: [Bug<Self>] {
    [
      mutant("cap-forgotten", "The soft cap is left out.") { $0.unembedding.cap = nil },
      mutant("tanh-for-slope", "The gradient is multiplied by the tanh.") { $0.unembedding.slope = { $0 } },
      mutant("tanh-not-squared", "The slope of tanh is taken to be 1 − tanh.") { $0.unembedding.slope = { 1 - $0 } },
      mutant("slope-added", "The slope of tanh is taken to be 1 + tanh².") { $0.unembedding.slope = { 1 + $0 * $0 } },
      mutant("slope-in-bf16", "The slope is kept in bfloat16.") {
        $0.unembedding.slope = { (1 - $0 * $0).rounded(to: .bfloat16) }
      },
      mutant("input-in-bf16", "The input is kept in bfloat16.") { $0.x = $0.kept($0.x, in: .bfloat16) },
      mutant("gradient-in-bf16", "The gradient is kept in bfloat16.") {
        $0.unembedding.gradient = $0.kept($0.unembedding.gradient, in: .bfloat16)
      },
      mutant("first-token-only", "The gradient of the first token is given.") { $0.see(tokens: 0..<1) },
      mutant("first-token-skipped", "The first token is left out.") { $0.see(tokens: 1..<max($0.x.rows, 1)) },
      signFlipped, doubled, resultInBfloat16, truncated, rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }

  /// Takes the input to be 0 of the tokens that are not among `tokens`.
  private mutating func see(tokens: Range<Int>) {
    let (columns, zero) = (x.columns, context.exact(0))
    x = Activation(
      shape: x.shape, elements: x.elements.enumerated().map { tokens.contains($0 / max(columns, 1)) ? $1 : zero })
  }
}
