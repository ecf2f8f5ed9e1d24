import PlumbLayers
import PlumbModel

extension SoftmaxBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .softmaxBackward }

  static var bugs: [Bug<Self>] {
    [
      mutant("sum-forgotten", "The sum of products is not subtracted.") {
        $0.sum = { weights, _ in weights.number(0) }
      },
      mutant("sum-added", "The sum of products is added.") { $0.sum = { -$0.dot($1) } },
      mutant("sum-of-gradients", "The sum of the gradients is subtracted, as log-softmax does.") {
        $0.sum = { $1.total }
      },
      mutant("mean-for-sum", "The mean of the products is subtracted.") {
        $0.sum = { $0.dot($1) / $0.number(Double($0.count)) }
      },
      mutant("last-product-skipped", "The last product is left out of the sum.") {
        $0.sum = { $0.prefix($0.count - 1).dot($1.prefix($1.count - 1)) }
      },
      mutant("sum-in-bf16", "The sum of products is kept in bfloat16.") { $0.sum = { $0.dot($1, in: .bfloat16) } },
      mutant("weights-in-bf16", "The weights are kept in bfloat16.") { $0.weights = { $0.rounded(to: .bfloat16) } },
      mutant("gradient-in-bf16", "The gradients are kept in bfloat16.") {
        $0.gradients = { $0.rounded(to: .bfloat16) }
      },
      mutant("difference-in-float16", "The difference goes through binary16.") {
        $0.difference = { $0.rounded(to: .float16) }
      },
      mutant("wrong-axis", "Columns are normalised instead of rows.") { $0.softmax.isAlongColumns = true },
      signFlipped, resultInBfloat16, truncated, rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}

extension LogSoftmaxBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .logSoftmaxBackward }

  static var bugs: [Bug<Self>] {
    [
      mutant("sum-forgotten", "The gradient is given as it is.") { $0.sum = { $0.number(0) } },
      mutant("sum-added", "What should be subtracted is added.") { $0.subtracted = { -$0 } },
      mutant("mean-for-sum", "The mean of the gradients is taken.") { $0.sum = { $0.mean } },
      mutant("last-gradient-skipped", "The last gradient is left out of the sum.") {
        $0.sum = { $0.prefix($0.count - 1).total }
      },
      mutant("logarithms-for-weights", "The logarithms are multiplied by, not the weights.") { $0.weights = { $0 } },
      mutant("base-2", "Powers of 2 are taken instead of powers of e.") { $0.weights = { $0.exponentialOfTwo() } },
      mutant("weights-forgotten", "The sum is subtracted from every gradient.") { $0.weights = { $0.parameter(1) } },
      mutant("weights-in-bf16", "The weights are kept in bfloat16.") {
        $0.weights = { $0.exponential().rounded(to: .bfloat16) }
      },
      mutant("sum-in-bf16", "The sum of the gradients is kept in bfloat16.") { $0.sum = { $0.total(in: .bfloat16) } },
      signFlipped, resultInBfloat16, truncated, rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}
