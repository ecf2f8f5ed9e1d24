import PlumbLayers
import PlumbModel

extension Linear: Plantable where Context: BugContext {
  static var layer: LayerKind { .linear }

  static var bugs: [Bug<Self>] {
    products + [
      mutant("bias-forgotten", "The bias is not added.") { $0.bias = nil }.restated(changing: "bias") { bias, _ in
        bias.map { _ in 0 }
      },
      mutant("bias-twice", "The bias is added twice.") { $0.bias = $0.bias.map { 2 * $0 } }.restated(changing: "bias") {
        bias, _ in bias.map { 2 * $0 }
      },
      mutant("bias-subtracted", "The bias is subtracted.") { $0.bias = $0.bias.map { -$0 } }.restated(changing: "bias")
      { bias, _ in bias.map { -$0 } },
      mutant("bias-shifted", "Each output takes the next one's bias.") {
        $0.bias = $0.bias?.turned
      }.restated(changing: "bias") { bias, _ in
        Activation(shape: bias.shape, elements: Array(bias.elements.dropFirst() + bias.elements.prefix(1)))
      },
      mutant("bias-first-for-all", "Every output takes the first one's bias.") { plain in
        plain.bias = plain.bias.map { bias in bias.enumerated { _, _ in bias[0] } }
      }.restated(changing: "bias") { bias, _ in bias.map { _ in bias.elements[0] } },
      mutant("negative-cut-off", "A rectifier is fused where there is none.") { $0.finish = { $0.rectified() } },
    ]
  }

  /// The bugs of a matrix product, which an unembedding has too.
  static var products: [Bug<Self>] {
    [
      mutant("last-input-skipped", "The last input is left out of every sum.") {
        $0.counted = 0..<max($0.weight.columns - 1, 0)
      }.restated(changing: "weight") { weight, _ in weight.keeping(columns: 0..<max(weight.columns - 1, 0)) },
      mutant("first-input-skipped", "The first input is left out of every sum.") {
        $0.counted = min(1, $0.weight.columns)..<$0.weight.columns
      }.restated(changing: "weight") { weight, _ in
        weight.keeping(columns: min(1, weight.columns)..<weight.columns)
      },
      mutant("vector-inputs-only", "Inputs that do not fill a vector of eight are left out.") {
        $0.counted = 0..<$0.weight.columns / 8 * 8
      }.restated(changing: "weight") { weight, _ in weight.keeping(columns: 0..<weight.columns / 8 * 8) },
      mutant("transposed-if-square", "A square weight is read as if it stood transposed.") {
        $0.isTransposed = $0.weight.rows == $0.weight.columns
      }.restated(changing: "weight") { weight, _ in
        weight.rows == weight.columns ? weight.readTransposed : nil
      },
      mutant("transposed", "The weight is read as if it stood transposed.") { $0.isTransposed = true }.restated(
        changing: "weight"
      ) { weight, _ in weight.readTransposed },
      mutant("sum-not-cleared", "Each output starts from the sum before it.") { plain in
        let bias = plain.bias
        plain.sum = { inputs, weights, _ in inputs.dot(weights) }
        plain.sums = { sums, _ in
          var before: Scalar<Context>?
          let running = sums.enumerated { sum, _ in
            let own = before.map { $0 + sum } ?? sum
            before = own
            return own
          }
          return bias.map { running + $0 } ?? running
        }
      },
      mutant("sum-in-bf16", "Products and sums are kept in bfloat16.") {
        $0.sum = { inputs, weights, bias in inputs.dot(weights, in: .bfloat16).adding(bias) }
      },
      mutant("sum-in-float16", "Products and sums are kept in binary16.") {
        $0.sum = { inputs, weights, bias in inputs.dot(weights, in: .float16).adding(bias) }
      },
      mutant("sum-in-tf32", "Inputs and weights are cut to the 11 bits of a tensor core.") {
        $0.readInput = { $0.rounded(to: .tensorFloat32) }
        $0.readWeight = { $0.rounded(to: .tensorFloat32) }
      }.restated { input in
        input.source.replacing("x", input.real("x").kept(in: .tensorFloat32))
          .replacing("weight", input.real("weight").kept(in: .tensorFloat32))
      },
      mutant("weight-in-bf16", "The weight is kept in bfloat16.") {
        $0.readWeight = { $0.rounded(to: .bfloat16) }
      }.restated(keeping: "weight", in: .bfloat16),
      mutant("weight-in-float16", "The weight is kept in binary16.") {
        $0.readWeight = { $0.rounded(to: .float16) }
      }.restated(keeping: "weight", in: .float16),
      mutant("input-in-8-bits", "The input is quantised to 8 bits, by its greatest magnitude.") { plain in
        let scale = plain.context.row(plain.x.elements).magnitude.greatest / 127
        plain.readInput = { x in
          ((x / scale).rising { $0.rounded() } * scale).or(x.parameter(0), where: scale.isAbove(0).map { !$0 })
        }
      },
      truncated,
      flushed,
      resultInFloat16,
      rowTailSkipped, vectorTailSkipped, firstRowRepeated,
      mutant("written-transposed", "The result is written as [outputs, tokens].") {
        output, context in
        let (rows, columns) = (output.rows, output.columns)
        let right = output.elements
        for index in right.indices { output.elements[index % columns * rows + index / columns] = right[index] }
      },
    ] + matrixSumBugs
  }

  /// Adds the rows of `x` to those of the result.
  mutating func addInput(_ x: Activation<Context.Number>) {
    sums = { [context] sums, token in sums + context.row(x.row(token)) }
  }
}
