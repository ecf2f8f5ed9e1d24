internal import CKernels
import PlumbModel

extension Engine.TrainingPass {
  typealias Numbers = UnsafeMutablePointer<Float>

  /// The rows that a thread takes at a time.
  private static let rowsTogether = 224

  /// Calls `body` for runs of rows, shared among the threads.
  func eachRows(_ body: (_ first: Int, _ last: Int) -> Void) { eachRows { first, last, _ in body(first, last) } }

  /// The same, with the number of the thread.
  func eachRows(_ body: (_ first: Int, _ last: Int, _ worker: Int) -> Void) {
    let (rows, step) = (rows, Self.rowsTogether)
    crew.run((rows + step - 1) / step) { item, worker in body(item * step, min((item + 1) * step, rows), worker) }
  }

  /// Room for a product of `columns` columns that only `worker` uses.
  private func scratch(_ worker: Int, columns: Int) -> Numbers {
    let bytes = kernels.matrix_scratch(columns) * MemoryLayout<Float>.size
    return unsafe crew.scratch(of: worker, bytes: bytes).assumingMemoryBound(to: Float.self)
  }

  /// Writes the transposed matrices.
  func transposeWeights() {
    crew.run(parameters.count) { item, _ in
      let parameter = parameters[item]
      guard parameter.shape.count == 2, parameter.part != .embedding else { return }
      let (rows, columns) = (parameter.shape[0], parameter.shape[1])
      // Sound: both arrays hold the parameter at its places, and no two items have the same.
      unsafe kernels.transpose(
        weights.base + parameter.offset, columns, rows, columns, transposed.base + parameter.offset)
    }
  }

  /// y = x·Wᵀ, or before + x·Wᵀ, over all rows.
  func linear(_ x: Numbers, _ weight: LlamaShape.Parameter, onto before: Numbers? = nil, into y: Numbers) {
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    eachRows { first, last, worker in
      if let before = unsafe before {
        unsafe (y + first * outputs).update(from: before + first * outputs, count: (last - first) * outputs)
      }
      unsafe kernels.product(
        x + first * inputs, inputs, 1, last - first, inputs, transposed.base + weight.offset, outputs, outputs,
        unsafe before == nil ? 0 : 1, y + first * outputs, outputs, scratch(worker, columns: outputs))
    }
  }

  /// x = y·W, added to what is there where it `adds`, over all rows: the gradient of a linear layer's input.
  func linearBackward(_ y: Numbers, _ weight: LlamaShape.Parameter, adds: Bool, into x: Numbers) {
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    eachRows { first, last, worker in
      unsafe kernels.product(
        y + first * outputs, outputs, 1, last - first, outputs, weights.base + weight.offset, inputs, inputs,
        adds ? 1 : 0, x + first * inputs, inputs, scratch(worker, columns: inputs))
    }
  }

  /// Adds yᵀ·x, row by row, to the gradient of a weight.
  func weightBackward(_ y: Numbers, _ x: Numbers, _ weight: LlamaShape.Parameter) {
    let (outputs, inputs, rows) = (weight.shape[0], weight.shape[1], rows)
    // Few parts, as each packs all of x; their number changes no bit.
    let height = max(16, (outputs + 2 * crew.size - 1) / (2 * crew.size))
    crew.run((outputs + height - 1) / height) { item, worker in
      let (first, last) = (item * height, min((item + 1) * height, outputs))
      unsafe kernels.product(
        y + first, 1, outputs, last - first, rows, x, inputs, inputs, 1,
        gradients.base + weight.offset + first * inputs, inputs, scratch(worker, columns: inputs))
    }
  }

  /// Normalises every row.
  func norm(_ x: Numbers, _ weight: LlamaShape.Parameter, into y: Numbers) {
    let width = shape.width
    eachRows { first, last in
      for row in first..<last {
        unsafe crew.kernels.rms_norm(
          x + row * width, weights.base + weight.offset, width, LlamaShape.epsilon, y + row * width)
      }
    }
  }

  /// Adds the gradient of a normalisation's input to `stream`, and that of its weight to the gradients.
  func normBackward(_ x: Numbers, gradient: Numbers, _ weight: LlamaShape.Parameter, onto stream: Numbers) {
    let (width, rows) = (shape.width, rows)
    // Sound: each row has one item, which writes its root.
    let roots = unsafe [Double](unsafeUninitializedCapacity: rows) { roots, initialized in
      guard let roots = roots.baseAddress else { return }
      eachRows { first, last in
        for row in first..<last {
          let place = row * width
          unsafe roots[row] = unsafe kernels.rms_norm_backward(
            x + place, weights.base + weight.offset, gradient + place, width, LlamaShape.epsilon, stream + place)
        }
      }
      initialized = rows
    }
    unsafe roots.withUnsafeBufferPointer { roots in
      guard let roots = roots.baseAddress else { return }
      crew.run((width + 7) / 8) { item, _ in
        unsafe kernels.rms_norm_weight(
          x, gradient, roots, rows, width, item * 8, min(item * 8 + 8, width), gradients.base + weight.offset)
      }
    }
  }

  /// The extents of one head's attention.
  var causalShape: plumb_causal {
    plumb_causal(
      tokens: tokens, size: shape.headSize, q_stride: shape.width, k_stride: shape.keyWidth,
      scale: 1 / Float(shape.headSize).squareRoot())
  }

  /// Calls `body` for each head of each sequence; the heads that share a key are one thread's, in their order.
  ///
  /// `query`, `key` and `weights` are the places of the head's first numbers.
  func eachHead(_ body: (_ place: (query: Int, key: Int, weights: Int), _ scratch: Numbers) -> Void) {
    let (shared, size) = (shape.heads / shape.keyValueHeads, shape.headSize)
    let bytes = kernels.causal_scratch(tokens, size) * MemoryLayout<Float>.size
    crew.run(sequences * shape.keyValueHeads) { item, worker in
      let (sequence, group) = (item / shape.keyValueHeads, item % shape.keyValueHeads)
      let scratch = unsafe crew.scratch(of: worker, bytes: bytes).assumingMemoryBound(to: Float.self)
      for head in group * shared..<(group + 1) * shared {
        unsafe body(
          (
            query: sequence * tokens * shape.width + head * size,
            key: sequence * tokens * shape.keyWidth + group * size,
            weights: (sequence * shape.heads + head) * tokens * tokens
          ), scratch)
      }
    }
  }
}
