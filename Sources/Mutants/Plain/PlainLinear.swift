import PlumbModel

/// y[t, i] = Σⱼ weight[i, j] · x[t, j] + bias[i].
struct PlainLinear<Number: PlainNumber>: PlainForm {
  typealias Enclosing = PlainLinear<Enclosed>
  static var layer: LayerKind { .linear }

  var x: Activation<Number>
  let weight: Activation<Float>
  let weightError: Double
  /// One number an output; zeros where the layer has none.
  var bias: [Number]
  /// Whether the weights stand as `[inputs, outputs]`.
  var isTransposed = false
  /// The inputs whose products are added.
  var counted: Range<Int>
  /// Whether an output starts from the one before it instead of from 0.
  var startsFromLast = false
  /// What becomes of each input and each weight.
  var readInput: @Sendable (Number) -> Number = { $0 }
  var readWeight: @Sendable (Number) -> Number = { $0 }
  /// The format of each product and each partial sum, where there is one.
  var partial: NarrowFormat?
  /// What becomes of the sum.
  var finish: @Sendable (Number) -> Number = { $0 }
  var round: @Sendable (Number) -> Number = { $0.nearest() }

  init(reading input: PlainInput<Number>) {
    x = input.real("x")
    weight = input.weight("weight")
    weightError = input.weightError
    bias = input.source.optionalReal("bias")?.elements.map { .read($0, within: input.weightError) } ?? []
    if bias.isEmpty { bias = [Number](repeating: 0, count: weight.rows) }
    counted = 0..<weight.columns
    // An unembedding is this product too, with a cap on its results.
    guard input.source.source.layer == .unembedding else { return }
    let cap = Double(input.source.number("softCap"))
    finish = { PlainSoftCap.capped($0, cap) }
  }

  func result() -> Activation<Number> {
    let (outputs, inputs) = (weight.rows, weight.columns)
    let rows = (0..<x.rows).map { token in x.row(token).map(readInput)[counted] }
    var sums = [Number](repeating: 0, count: x.rows)
    var result = [Number](repeating: 0, count: x.rows * outputs)
    // A row of weights at a time: all of them in these numbers would be many times the weights.
    for output in 0..<outputs {
      let weights = counted.map { input in
        readWeight(
          .read(
            weight.elements[isTransposed ? input * outputs + output : output * inputs + input], within: weightError))
      }
      for (token, row) in rows.enumerated() {
        sums[token] = .dot(weights, row, from: startsFromLast ? sums[token] : 0, in: partial)
        result[token * outputs + output] = round(finish(sums[token] + bias[output]))
      }
    }
    return Activation(shape: [x.rows, outputs], elements: result)
  }

  static var bugs: [Bug<Self>] {
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
      mutant("sum-not-cleared", "Each output starts from the sum before it.") { $0.startsFromLast = true },
      mutant("sum-in-bf16", "Products and sums are kept in bfloat16.") {
        $0.partial = .bfloat16
      },
      mutant("sum-in-float16", "Products and sums are kept in binary16.") {
        $0.partial = .float16
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
        let greatest = Number.greatest(plain.x.elements.map(\.magnitude)) ?? 0
        let scale = greatest / 127
        plain.readInput = { .either(scale.isAbove(0), ($0 / scale).rising { $0.rounded() } * scale, 0) }
      },
      mutant("truncated", "The result is cut off instead of rounded.") { $0.round = { $0.truncated() } },
      mutant("flush-to-zero", "Subnormal results become 0.") { $0.round = { $0.flushed() } },
      mutant("result-in-float16", "The result goes through binary16.") { $0.round = { $0.rounded(to: .float16) } },
      rowTailSkipped, vectorTailSkipped, firstRowRepeated,
      mutant("written-transposed", "The result is written as [outputs, tokens].") {
        (output: inout Activation<Number>) in
        let (rows, columns) = (output.rows, output.columns)
        let right = output.elements
        for index in right.indices { output.elements[index % columns * rows + index / columns] = right[index] }
      },
    ]
  }
}

extension PlainLinear: PlainLayer where Number == Double {}
