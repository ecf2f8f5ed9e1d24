internal import CKernels
import PlumbModel

extension Engine {
  /// The matrix product y[t, i] = Σⱼ weight[i, j] · x[t, j] + bias[i]: `[tokens, inputs]` to `[tokens, outputs]`.
  ///
  /// Each weight is turned into Float32 first (see `weightRelativeError`), then the sum is formed as `SummationTree`
  /// says, then the bias, in Float32, is added with one rounding.
  ///
  /// *Error bound*: with w the weights in Float32, S = Σⱼ |w·x| and D = `summation.depth(terms: inputs)`,
  /// |y − Σⱼ w·x| ≤ ((1 + 2⁻²⁴)^D − 1)·S + inputs·2⁻¹⁵⁰·(1 + 2⁻²⁴)^D before the bias.
  ///
  /// *Edge cases*: where a partial sum may overflow the input is outside the domain.
  ///
  /// - Precondition: a row of `x` has as many elements as the weight has columns.
  public static func linear(
    _ x: Activation<Float>, _ layer: LinearLayer, instructionSet: InstructionSet = .current
  ) -> Activation<Float> {
    linear(x, [layer], Crew(threads: 1, instructionSet: instructionSet))[0]
  }

  /// The products of `x` with several layers, as one round of work.
  static func linear(_ x: Activation<Float>, _ layers: [LinearLayer], _ crew: Crew) -> [Activation<Float>] {
    for layer in layers {
      let inputs = layer.weight.columns
      precondition(x.columns == inputs, "tensor '\(layer.weight.name)' has \(inputs) inputs, not \(x.columns)")
    }
    return linear(x, layers[...], products: [], crew)
  }

  /// Makes room for the product with each of `layers` in turn, then computes all.
  private static func linear(
    _ x: Activation<Float>, _ layers: ArraySlice<LinearLayer>, products: [Product], _ crew: Crew
  ) -> [Activation<Float>] {
    guard let layer = layers.first else {
      compute(products, x, crew)
      return []
    }
    var others: [Activation<Float>] = []
    let bias = layer.bias.map { decoded($0, crew) }
    precondition((bias?.count ?? layer.weight.rows) == layer.weight.rows, "'\(layer.weight.name)' and its bias differ")
    let y = unsafe Activation.filled([x.rows, layer.weight.rows], crew) { output in
      let product = unsafe Product(layer.weight, bias, output, threads: crew.size)
      others = linear(x, layers.dropFirst(), products: products + [product], crew)
    }
    return [y] + others
  }

  /// One matrix product, and the place of its result.
  @safe private struct Product {
    let weight: Tensor
    let bias: [Float]?
    let output: UnsafeMutablePointer<Float>

    /// The rows of weights that make one piece of work.
    let rowsPerPiece: Int
    /// The number of pieces of work.
    let pieces: Int

    init(_ weight: Tensor, _ bias: [Float]?, _ output: UnsafeMutablePointer<Float>, threads: Int) {
      self.weight = weight
      self.bias = bias
      unsafe self.output = unsafe output
      // Eight pieces a thread even out what the system does to threads; the kernels decode 64 rows at a time.
      rowsPerPiece = max(1, (weight.rows / (8 * threads) + 31) / 32) * 32
      pieces = (weight.rows + rowsPerPiece - 1) / rowsPerPiece
    }
  }

  private static func compute(_ products: [Product], _ x: Activation<Float>, _ crew: Crew) {
    guard x.rows > 0 else { return }
    let kernels = crew.kernels
    let scratchSize = kernels.linear_scratch(x.columns)
    crew.run(products.reduce(0) { $0 + $1.pieces }) { item, worker in
      var piece = item
      var index = 0
      while piece >= products[index].pieces {
        piece -= products[index].pieces
        index += 1
      }
      let product = products[index]
      let first = piece * product.rowsPerPiece
      let last = min(first + product.rowsPerPiece, product.weight.rows)
      let scratch = unsafe crew.scratch(of: worker, bytes: 4 * scratchSize).assumingMemoryBound(to: Float.self)
      // Sound: the tensor checked that its bytes hold all its rows, `x` has the columns of the weight, the bias one
      // element a row, and each item writes rows of its own.
      unsafe product.weight.withUnsafeBytes { bytes in
        // A weight without columns has no bytes, and none is read.
        var matrix = unsafe plumb_matrix(
          data: bytes.baseAddress ?? UnsafeRawPointer(scratch), row_bytes: product.weight.bytesPerRow,
          columns: x.columns, type: product.weight.type.rawValue)
        unsafe kernels.linear(
          &matrix, x.elements, x.rows, first, last, product.bias, product.output, product.weight.rows, scratch)
      }
    }
  }
}
