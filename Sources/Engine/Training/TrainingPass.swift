internal import CKernels
import PlumbModel

extension Engine {
  /// A forward and backward pass of a Llama decoder over a batch of sequences of equal length, in Float32.
  ///
  /// Every product takes the rows of the whole batch. Each sum has one order, whatever the threads: bits depend on the numbers and on
  /// whether the instruction set fuses. Memory is that of the weights, their gradients and one batch's activations.
  package final class TrainingPass {
    /// The extents.
    package let shape: LlamaShape
    /// The number of sequences in a batch.
    package let sequences: Int
    /// The number of tokens in a sequence: the context.
    package var tokens: Int { shape.context }
    /// The weights, in the order of `LlamaShape.parameters`.
    package let weights: FloatMemory
    /// The gradients, in the same places.
    package let gradients: FloatMemory
    /// The threads and kernels.
    let crew: Crew
    let parameters: [LlamaShape.Parameter]
    /// The transposed matrices, in the same places.
    let transposed: FloatMemory
    let memory: TrainingMemory
    private let angles: (cosines: [Double], sines: [Double])

    /// Makes a pass over `sequences` sequences; the weights are zeros until somebody sets them.
    ///
    /// It uses `instructionSet`, or without one that which `PLUMB_ISA` forces, or the fastest.
    ///
    /// - Throws: `PassError.instructionSet` where `PLUMB_ISA` names none, or the machine does not support it.
    /// - Precondition: heads divide the width evenly, key-value heads the heads, and a head has an even number of elements.
    package init(
      _ shape: LlamaShape, sequences: Int, threads: Int? = nil, instructionSet: InstructionSet? = nil
    ) throws(PassError) {
      precondition(shape.width == shape.headSize * shape.heads && shape.headSize.isMultiple(of: 2), "\(shape)")
      precondition(shape.heads.isMultiple(of: shape.keyValueHeads), "\(shape)")
      let chosen: InstructionSet
      do throws(InstructionSetError) {
        if let instructionSet { chosen = instructionSet } else { chosen = try .fromEnvironment() }
        if !chosen.isSupported { throw .unsupported(chosen) }
      } catch { throw .instructionSet(error) }
      self.shape = shape
      self.sequences = sequences
      parameters = shape.parameters
      let count = parameters.last.map(\.places.upperBound) ?? 0
      (weights, gradients, transposed) = (FloatMemory(count), FloatMemory(count), FloatMemory(count))
      memory = TrainingMemory(shape, rows: sequences * shape.context, sequences: sequences)
      crew = Crew(threads: min(threads ?? Crew.processors, 1024), instructionSet: chosen)
      let layer = RotaryEmbeddingLayer(rotatedSize: shape.headSize, theta: LlamaShape.theta, pairing: .adjacent)
      let turns = RotaryAngles(layer).all(below: shape.context)
      angles = (turns.map(\.cosine), turns.map(\.sine))
    }

    /// Whether products and sums are fused, on which bits depend.
    package var isFused: Bool { crew.kernels.fused != 0 }

    /// The number of rows of a batch.
    var rows: Int { sequences * tokens }
    /// The kernels.
    var kernels: plumb_training_kernels { crew.kernels.training }

    /// The parameter that plays `part`, in `block` where it is one of a block.
    func parameter(_ part: LlamaShape.Part, _ block: Int = 0) -> LlamaShape.Parameter {
      switch part {
      case .embedding: return parameters[0]
      case .finalNorm: return parameters[parameters.count - 2]
      case .unembedding: return parameters[parameters.count - 1]
      default:
        let own = LlamaShape.Part.ofBlock
        return parameters[1 + block * own.count + (own.firstIndex(of: part) ?? 0)]
      }
    }

    /// The cross-entropy of each target, row by row; `inputs` and `targets` are `[sequences, tokens]`.
    package func losses(_ inputs: [UInt8], _ targets: [UInt8]) -> [Double] {
      forward(inputs)
      return headLosses(targets, factor: 0)
    }

    /// Adds the gradients of the sum of all targets' cross-entropies times `factor`, and returns the cross-entropies, row by row.
    ///
    /// The gradients stay as they were where one of them is not finite.
    package func addGradients(_ inputs: [UInt8], _ targets: [UInt8], factor: Double) -> [Double] {
      forward(inputs)
      let losses = headLosses(targets, factor: factor)
      if losses.allSatisfy(\.isFinite) { backward(inputs) }
      return losses
    }

    /// Runs the blocks over the rows of `inputs`.
    private func forward(_ inputs: [UInt8]) {
      precondition(inputs.count == rows, "\(inputs.count) tokens for \(rows) rows")
      transposeWeights()
      let (embedding, width) = (parameter(.embedding), shape.width)
      eachRows { first, last in
        for row in first..<last {
          unsafe (memory.stream(0) + row * width).update(
            from: weights.base + embedding.offset + Int(inputs[row]) * width, count: width)
        }
      }
      for block in 0..<shape.blocks { forward(block) }
      unsafe norm(memory.stream(shape.blocks), parameter(.finalNorm), into: memory.finalNorm)
    }

    private func forward(_ block: Int) {
      let place = unsafe memory.blocks[block]
      unsafe norm(memory.stream(block), parameter(.attentionNorm, block), into: place.attentionNorm)
      unsafe linear(place.attentionNorm, parameter(.query, block), into: place.query)
      unsafe linear(place.attentionNorm, parameter(.key, block), into: place.key)
      unsafe linear(place.attentionNorm, parameter(.value, block), into: place.value)
      unsafe turn(place.query, heads: shape.heads, direction: 1)
      unsafe turn(place.key, heads: shape.keyValueHeads, direction: 1)
      unsafe eachHead { head, scratch in
        var causal = causalShape
        unsafe kernels.causal_forward(
          &causal, place.query + head.query, place.key + head.key, place.value + head.key, place.weights + head.weights,
          place.values + head.query, scratch)
      }
      unsafe linear(place.values, parameter(.attentionOutput, block), onto: memory.stream(block), into: place.middle)
      unsafe norm(place.middle, parameter(.feedForwardNorm, block), into: place.feedForwardNorm)
      unsafe linear(place.feedForwardNorm, parameter(.gate, block), into: place.gate)
      unsafe linear(place.feedForwardNorm, parameter(.up, block), into: place.up)
      let width = shape.feedForward
      eachRows { first, last in
        unsafe kernels.gated(
          place.gate + first * width, place.up + first * width, (last - first) * width, place.gated + first * width)
      }
      unsafe linear(place.gated, parameter(.down, block), onto: place.middle, into: memory.stream(block + 1))
    }

    /// The cross-entropy of each row; the logits become their gradients times `factor`.
    private func headLosses(_ targets: [UInt8], factor: Double) -> [Double] {
      precondition(targets.count == rows, "\(targets.count) targets for \(rows) rows")
      unsafe linear(memory.finalNorm, parameter(.unembedding), into: memory.logits)
      let count = shape.vocabulary
      return unsafe [Double](unsafeUninitializedCapacity: rows) { losses, initialized in
        // Sound: each row is written by one item, and all are.
        guard let losses = losses.baseAddress else { return }
        eachRows { first, last, worker in
          let scratch = unsafe crew.scratch(of: worker, bytes: count * 8).assumingMemoryBound(to: Double.self)
          for row in first..<last {
            unsafe losses[row] = unsafe kernels.cross_entropy(
              memory.logits + row * count, count, Int(targets[row]), factor, scratch)
          }
        }
        initialized = rows
      }
    }

    /// Turns the heads of every row by its place in its sequence.
    func turn(_ x: UnsafeMutablePointer<Float>, heads: Int, direction: Double) {
      let (size, pairs) = (shape.headSize, shape.headSize / 2)
      unsafe angles.cosines.withUnsafeBufferPointer { cosines in
        unsafe angles.sines.withUnsafeBufferPointer { sines in
          guard let cosines = cosines.baseAddress, let sines = sines.baseAddress else { return }
          eachRows { first, last in
            for row in first..<last {
              let angle = row % tokens * pairs
              unsafe kernels.turn_pairs(
                x + row * heads * size, heads, size, cosines + angle, sines + angle, direction)
            }
          }
        }
      }
    }
  }
}

extension RotaryAngles {
  /// The turns of every pair at every position below `count`, position by position.
  fileprivate func all(below count: Int) -> [(sine: Double, cosine: Double)] {
    var angles = self
    angles.extend(to: count)
    return angles.table
  }
}
