internal import CKernels
import PlumbModel

extension Engine {
  /// The gradient of a linear layer's input: gradient · weight, `[tokens, outputs]` and `[outputs, inputs]` to
  /// `[tokens, inputs]`.
  ///
  /// *Error bound*: that of the sums in Float64, rounded once.
  package static func linearBackward(
    _ gradient: Activation<Float>, weight: Activation<Float>
  ) -> Activation<Float> {
    unsafe weight.elements.withUnsafeBufferPointer { numbers in
      unsafe linearBackward(gradient, numbers, columns: weight.columns, Crew(threads: 1, instructionSet: .current))
    }
  }

  /// The gradient of the input, from the numbers of a weight that has `columns` columns.
  ///
  /// - Precondition: a row of the gradient has as many elements as the weight has rows.
  static func linearBackward(
    _ gradient: Activation<Float>, _ weight: UnsafeBufferPointer<Float>, columns: Int, _ crew: Crew
  ) -> Activation<Float> {
    let (tokens, outputs, width) = (gradient.rows, gradient.columns, 64)
    precondition(weight.count == outputs * columns, "\(weight.count) weights for \(outputs) rows of \(columns)")
    return unsafe Activation.filled(gradient.shape.dropLast() + [columns], crew) { output in
      // Sound: the sizes were checked, and each item writes columns of its own.
      unsafe gradient.elements.withUnsafeBufferPointer { factors in
        crew.run((columns + width - 1) / width) { item, _ in
          unsafe crew.kernels.products(
            factors.baseAddress ?? UnsafePointer(output), outputs, 1, outputs,
            weight.baseAddress ?? UnsafePointer(output), columns, 0, tokens, item * width,
            min((item + 1) * width, columns), output)
        }
      }
    }
  }

  /// The gradient of a linear layer's weight: the sums over tokens of gradient · x.
  ///
  /// *Error bound*: that of the sums in Float64, rounded once.
  package static func linearWeightBackward(
    _ gradient: Activation<Float>, x: Activation<Float>
  ) -> Activation<Float> { linearWeightBackward(gradient, x: x, Crew(threads: 1, instructionSet: .current)) }

  static func linearWeightBackward(
    _ gradient: Activation<Float>, x: Activation<Float>, _ crew: Crew
  ) -> Activation<Float> {
    let (tokens, outputs, columns, height) = (gradient.rows, gradient.columns, x.columns, 32)
    precondition(x.rows == tokens, "\(x.rows) rows for gradients of \(tokens)")
    return unsafe Activation.filled([outputs, columns]) { output in
      // Sound: both have `tokens` rows, and each item writes rows of its own.
      unsafe gradient.elements.withUnsafeBufferPointer { factors in
        unsafe x.elements.withUnsafeBufferPointer { x in
          crew.run((outputs + height - 1) / height) { item, _ in
            unsafe crew.kernels.products(
              factors.baseAddress ?? UnsafePointer(output), 1, outputs, tokens, x.baseAddress ?? UnsafePointer(output),
              columns, item * height, min((item + 1) * height, outputs), 0, columns, output)
          }
        }
      }
    }
  }

  /// The gradient of a bias: the sums of the gradient over tokens.
  ///
  /// *Error bound*: that of the sums in Float64, rounded once.
  package static func biasBackward(_ gradient: Activation<Float>) -> Activation<Float> {
    let ones = [Double](repeating: 1, count: gradient.rows)
    return .rounded([product(ones, gradient)], shape: [gradient.columns])
  }

  /// The gradient of an unembedding's input: gradient · weight, through the slope of the soft cap where there is one.
  ///
  /// *Error bound*: that of the formula in Float64, rounded once.
  package static func unembeddingBackward(
    _ x: Activation<Float>, weight: Activation<Float>, gradient: Activation<Float>, softCap: Float?
  ) -> Activation<Float> {
    guard let softCap else { return linearBackward(gradient, weight: weight) }
    let rows = (0..<x.rows).map { product(uncapped(x.wideRow($0), weight, gradient.wideRow($0), softCap), weight) }
    return .rounded(rows, shape: x.shape)
  }

  /// The gradient of an unembedding's weight through the slope of the soft cap: the sums over tokens of the gradient of the product
  /// · x.
  ///
  /// *Error bound*: that of the formula in Float64, rounded once.
  package static func unembeddingWeightBackward(
    _ x: Activation<Float>, weight: Activation<Float>, gradient: Activation<Float>, softCap: Float?
  ) -> Activation<Float> {
    guard let softCap else { return linearWeightBackward(gradient, x: x) }
    var sums = [Double](repeating: 0, count: weight.elements.count)
    for token in 0..<x.rows {
      let x = x.wideRow(token)
      for (row, factor) in uncapped(x, weight, gradient.wideRow(token), softCap).enumerated() {
        for (column, value) in x.enumerated() { sums[row * x.count + column] += factor * value }
      }
    }
    return .rounded([sums], shape: weight.shape)
  }

  /// The gradient of a row of logits before the soft cap.
  private static func uncapped(
    _ x: [Double], _ weight: Activation<Float>, _ gradient: [Double], _ softCap: Float
  ) -> [Double] {
    let tanh = hyperbolicTangents((0..<weight.rows).map { x.dot(weight.wideRow($0)) / Double(softCap) })
    return zip(gradient, tanh).map { $0 * (1 - $1 * $1) }
  }

  /// The sums of the rows of `matrix`, each times its number of `factors`.
  static func product(_ factors: [Double], _ matrix: Activation<Float>) -> [Double] {
    var sums = [Double](repeating: 0, count: matrix.columns)
    for (index, factor) in factors.enumerated() {
      for (column, value) in matrix.row(index).enumerated() { sums[column] += factor * Double(value) }
    }
    return sums
  }
}
