import PlumbDrift
import PlumbModel

/// y[t, i] = Σⱼ weight[i, j] · x[t, j] + bias[i].
struct PlainLinear: PlainLayer {
  static let layer = LayerKind.linear

  var x: Activation<Float>
  let weight: Activation<Float>
  /// One number an output; zeros where the layer has none.
  var bias: [Double]
  /// Whether the weights stand as `[inputs, outputs]`.
  var isTransposed = false
  /// The inputs whose products are added.
  var counted: Range<Int>
  /// Whether an output starts from the one before it instead of from 0.
  var startsFromLast = false
  /// What becomes of each input, each weight and each partial sum.
  var readInput: (Double) -> Double = { $0 }
  var readWeight: (Double) -> Double = { $0 }
  var partial: (Double) -> Double = { $0 }
  /// What becomes of the sum.
  var finish: (Double) -> Double = { $0 }
  var round = LastRounding.nearest

  init(_ input: CheckedCase) {
    x = input.real("x")
    weight = input.real("weight")
    bias = input.optionalReal("bias")?.elements.map(Double.init) ?? []
    if bias.isEmpty { bias = [Double](repeating: 0, count: weight.rows) }
    counted = 0..<weight.columns
    // An unembedding is this product too, with a cap on its results.
    guard input.source.layer == .unembedding else { return }
    let cap = Double(input.number("softCap"))
    finish = { PlainSoftCap.capped($0, cap) }
  }

  func output() -> Activation<Float> {
    let (outputs, inputs) = (weight.rows, weight.columns)
    let weights = weight.elements.map { readWeight(Double($0)) }
    var result: [Float] = []
    for token in 0..<x.rows {
      let row = x.row(token).map { readInput(Double($0)) }
      var sum = 0.0
      for output in 0..<outputs {
        if !startsFromLast { sum = 0 }
        for input in counted {
          let place = isTransposed ? input * outputs + output : output * inputs + input
          sum = partial(sum + partial(weights[place] * row[input]))
        }
        result.append(round(finish(sum + bias[output])))
      }
    }
    return Activation(shape: [x.rows, outputs], elements: result)
  }

  static let mutants: [Mutant] =
    products + [
      mutant("bias-forgotten", "The bias is not added.") { $0.bias = $0.bias.map { _ in 0 } }.restated(changing: "bias")
      { bias, _ in bias.map { _ in 0 } },
      mutant("bias-twice", "The bias is added twice.") { $0.bias = $0.bias.map { 2 * $0 } }.restated(changing: "bias") {
        bias, _ in bias.map { 2 * $0 }
      },
      mutant("bias-subtracted", "The bias is subtracted.") { $0.bias = $0.bias.map { -$0 } }.restated(changing: "bias")
      { bias, _ in bias.map { -$0 } },
      mutant("bias-shifted", "Each output takes the next one's bias.") {
        $0.bias = Array($0.bias.dropFirst() + $0.bias.prefix(1))
      }.restated(changing: "bias") { bias, _ in
        Activation(shape: bias.shape, elements: Array(bias.elements.dropFirst() + bias.elements.prefix(1)))
      },
      mutant("bias-first-for-all", "Every output takes the first one's bias.") { plain in
        plain.bias = plain.bias.map { _ in plain.bias.first ?? 0 }
      }.restated(changing: "bias") { bias, _ in bias.map { _ in bias.elements[0] } },
      mutant("negative-cut-off", "A rectifier is fused where there is none.") { $0.finish = { max(0, $0) } },
    ]

  /// The bugs of a matrix product, which an unembedding has too.
  static let products: [Mutant] = [
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
    mutant("sum-not-cleared", "Each output starts from the sum before it.") { $0.startsFromLast = true },
    mutant("sum-in-bf16", "Products and sums are kept in bfloat16.") {
      $0.partial = { NarrowFormat.bfloat16.rounded($0) }
    },
    mutant("sum-in-float16", "Products and sums are kept in binary16.") {
      $0.partial = { NarrowFormat.float16.rounded($0) }
    },
    mutant("sum-in-tf32", "Inputs and weights are cut to the 11 bits of a tensor core.") {
      $0.readInput = { NarrowFormat.tensorFloat32.rounded($0) }
      $0.readWeight = { NarrowFormat.tensorFloat32.rounded($0) }
    }.restated { input in
      input.source.replacing("x", input.real("x").kept(in: .tensorFloat32))
        .replacing("weight", input.real("weight").kept(in: .tensorFloat32))
    },
    mutant("weight-in-bf16", "The weight is kept in bfloat16.") {
      $0.readWeight = { NarrowFormat.bfloat16.rounded($0) }
    }.restated(keeping: "weight", in: .bfloat16),
    mutant("weight-in-float16", "The weight is kept in binary16.") {
      $0.readWeight = { NarrowFormat.float16.rounded($0) }
    }.restated(keeping: "weight", in: .float16),
    mutant("input-in-8-bits", "The input is quantised to 8 bits, by its greatest magnitude.") { plain in
      let scale = Double(plain.x.elements.map(\.magnitude).max() ?? 0) / 127
      plain.readInput = { scale == 0 ? 0 : ($0 / scale).rounded() * scale }
    },
    mutant("truncated", "The result is cut off instead of rounded.") { $0.round = LastRounding.truncated },
    mutant("flush-to-zero", "Subnormal results become 0.") { $0.round = LastRounding.flushed },
    mutant("result-in-float16", "The result goes through binary16.") { $0.round = LastRounding.float16 },
    rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    mutant("written-transposed", "The result is written as [outputs, tokens].") { (output: inout Activation<Float>) in
      let (rows, columns) = (output.rows, output.columns)
      let right = output.elements
      for index in right.indices { output.elements[index % columns * rows + index / columns] = right[index] }
    },
  ]
}
