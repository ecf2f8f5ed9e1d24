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
  package static func linear(
    _ x: Activation<Float>, _ layer: LinearLayer, instructionSet: InstructionSet = .current
  ) -> Activation<Float> {
    linear(x, [layer], Crew(threads: 1, instructionSet: instructionSet))[0]
  }

  /// The products of `x` with several layers, as one round of work.
  ///
  /// `next` are the layers of the round after it, whose first weights waiting threads ask memory for.
  static func linear(
    _ x: Activation<Float>, _ layers: [LinearLayer], then next: [LinearLayer] = [], _ crew: Crew
  ) -> [Activation<Float>] {
    for layer in layers {
      let inputs = layer.weight.columns
      precondition(x.columns == inputs, "tensor '\(layer.weight.name)' has \(inputs) inputs, not \(x.columns)")
    }
    LinearPieces.expect(next, crew)
    return linear(x, layers[...], products: [], crew)
  }

  /// Finds the weights and makes room for the product of each of `layers` in turn, then computes all.
  private static func linear(
    _ x: Activation<Float>, _ layers: ArraySlice<LinearLayer>, products: [Product], _ crew: Crew
  ) -> [Activation<Float>] {
    guard let layer = layers.first else {
      compute(products, x, crew)
      return []
    }
    var others: [Activation<Float>] = []
    let weight = layer.weight
    let bias = layer.bias.map { decoded($0, crew) }
    precondition((bias?.count ?? weight.rows) == weight.rows, "'\(weight.name)' and its bias differ")
    let y = unsafe Activation.filled([x.rows, weight.rows], crew) { output in
      unsafe weight.withUnsafeBytes { bytes in
        unsafe (bias ?? []).withUnsafeBufferPointer { terms in
          let product = unsafe Product(
            weight, bytes, bias: bias == nil ? nil : terms.baseAddress, output, threads: crew.size)
          others = linear(x, layers.dropFirst(), products: products + [product], crew)
        }
      }
    }
    // Nothing is filled where there is no element; the layers after it have theirs.
    if y.elements.isEmpty { others = linear(x, layers.dropFirst(), products: products, crew) }
    return [y] + others
  }

  /// One matrix product, and the places of its weights and of its result.
  ///
  /// Pointers alone: who copied a reference for each piece of work would count it up and down in turns with other threads,
  /// which took a twentieth of the time of a token.
  @safe private struct Product {
    let matrix: plumb_matrix
    let rows: Int
    let bias: UnsafePointer<Float>?
    let output: UnsafeMutablePointer<Float>

    let pieces: LinearPieces

    init(
      _ weight: Tensor, _ bytes: UnsafeRawBufferPointer, bias: UnsafePointer<Float>?,
      _ output: UnsafeMutablePointer<Float>, threads: Int
    ) {
      // A weight without columns has no bytes, and none is read.
      unsafe matrix = unsafe plumb_matrix(
        data: bytes.baseAddress ?? UnsafeRawPointer(output), row_bytes: weight.bytesPerRow, columns: weight.columns,
        type: weight.type.rawValue)
      rows = weight.rows
      unsafe self.bias = unsafe bias
      unsafe self.output = unsafe output
      pieces = LinearPieces(rows: weight.rows, threads: threads)
    }
  }

  private static func compute(_ products: [Product], _ x: Activation<Float>, _ crew: Crew) {
    guard x.rows > 0 else { return }
    let kernels = crew.kernels
    let (inputs, tokens) = (x.columns, x.rows)
    let packed = packed(x, crew)
    defer { if let packed { crew.spares.keep(packed) } }
    let scratchBytes = 4 * kernels.linear_scratch(tokens, inputs)
    // Sound: the tensor checked that its bytes hold all its rows, `x` has the columns of the weight, the bias one element
    // a row, all of them are held by the caller, and each item writes rows of its own.
    unsafe (packed ?? x).elements.withUnsafeBufferPointer { x in
      unsafe products.withUnsafeBufferPointer { products in
        let pieces = unsafe products.reduce(0) { $0 + $1.pieces.count }
        crew.run(pieces) { item, worker in
          var piece = item
          var index = 0
          while unsafe piece >= products[index].pieces.count {
            unsafe piece -= products[index].pieces.count
            index += 1
          }
          let product = unsafe products[index]
          let first = piece * product.pieces.rows
          let last = min(first + product.pieces.rows, product.rows)
          let scratch = unsafe crew.scratch(of: worker, bytes: scratchBytes).assumingMemoryBound(to: Float.self)
          var matrix = unsafe product.matrix
          unsafe kernels.linear(
            &matrix, x.baseAddress ?? UnsafePointer(scratch), tokens, first, last, product.bias, product.output,
            product.rows, scratch)
        }
      }
    }
  }

  /// The numbers of many tokens in the order in which the kernel reads them, strip after strip; `nil` where it reads them as
  /// they are.
  private static func packed(_ x: Activation<Float>, _ crew: Crew) -> Activation<Float>? {
    let kernels = crew.kernels
    let strips = kernels.packed_strips(x.rows)
    guard strips > 0 else { return nil }
    // Sound: `x` has the rows and columns that its shape says, and each item writes the floats of a strip of its own.
    return unsafe Activation.filled([strips, kernels.strip_floats(x.columns)], crew) { output in
      unsafe x.elements.withUnsafeBufferPointer { input in
        crew.run(strips) { strip, _ in
          unsafe kernels.pack_strip(input.baseAddress ?? UnsafePointer(output), x.rows, x.columns, strip, output)
        }
      }
    }
  }
}
