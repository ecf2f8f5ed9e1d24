import PlumbModel

/// Everything that decides the bits of a training, beside its text and whether the instruction set fuses.
package struct TrainingConfiguration: Sendable, Hashable, Codable {
  /// The extents of the model.
  package var shape: LlamaShape
  /// The number of steps of the optimiser.
  package var steps: Int
  /// The number of sequences whose gradients are computed together.
  package var batch: Int
  /// The number of batches whose gradients are added before a step.
  package var accumulation: Int
  /// The greatest rate of learning, which the warm-up ends at.
  package var rate: Double
  /// The number of steps over which the rate grows in a line.
  package var warmUp: Int
  /// The part of the greatest rate at which the cosine ends.
  package var finalRate: Double
  /// The factor of the rate by which matrices decay in each step.
  package var decay: Double
  /// The norm that the gradients of a step are shortened to where they are longer.
  package var clip: Double
  /// The seed of the weights and of the choice of sequences.
  package var seed: UInt64

  /// Makes a configuration.
  package init(
    shape: LlamaShape, steps: Int, batch: Int = 16, accumulation: Int = 1, rate: Double = 0.004, warmUp: Int = 100,
    finalRate: Double = 0.02, decay: Double = 0.1, clip: Double = 1, seed: UInt64 = 1
  ) {
    self.shape = shape
    self.steps = steps
    self.batch = batch
    self.accumulation = accumulation
    self.rate = rate
    self.warmUp = warmUp
    self.finalRate = finalRate
    self.decay = decay
    self.clip = clip
    self.seed = seed
  }

  /// The number of tokens that a step predicts.
  package var tokensPerStep: Int { batch * accumulation * shape.context }

  /// The most memory of a training, in bytes: beyond it a configuration is a mistake.
  static let greatestMemory = 1 << 36

  /// The contradiction in the configuration, and what to do, in one line; `nil` where there is none.
  package var problem: String? {
    let extents = [
      ("layers", shape.blocks, 64), ("width", shape.width, 4096), ("heads", shape.heads, 256),
      ("kv-heads", shape.keyValueHeads, 256), ("ff", shape.feedForward, 16_384), ("context", shape.context, 4096),
      ("batch", batch, 4096), ("accumulate", accumulation, 4096), ("steps", steps, 10_000_000),
    ]
    for (name, value, greatest) in extents where !(1...greatest ~= value) {
      return "--\(name) is \(value); give a number from 1 to \(greatest)"
    }
    if !shape.width.isMultiple(of: 2 * shape.heads) {
      return
        "--width \(shape.width) is no multiple of twice --heads \(shape.heads), so that no head has whole pairs to turn; "
        + "change one of them"
    }
    if !shape.heads.isMultiple(of: shape.keyValueHeads) {
      return "--heads \(shape.heads) is no multiple of --kv-heads \(shape.keyValueHeads); change one of them"
    }
    if !(0..<steps ~= warmUp) { return "--warm-up \(warmUp) is not below --steps \(steps); give fewer, from 0 up" }
    let numbers: [(String, Double, Double)] = [
      ("rate", rate, 10), ("final-rate", finalRate, 1), ("decay", decay, 10), ("clip", clip, 1e6),
    ]
    for (name, value, greatest) in numbers where !(value >= 0 && value <= greatest) {
      return "--\(name) is \(value); give a number from 0 to \(greatest)"
    }
    if rate == 0 || clip == 0 { return "--rate and --clip must be above 0, or nothing is learned" }
    let bytes = Trainer.bytes(of: self)
    if bytes > Self.greatestMemory {
      return "the training would take \(bytes >> 30) GiB of memory; lower --batch, --context or --width"
    }
    return nil
  }

  /// The rate of the step `index`, from 0 on: a line up to the greatest, then half a cosine down.
  ///
  /// The cosine is the engine's, so that every machine has the same.
  package func rate(at index: Int) -> Double {
    if index < warmUp { return rate * Double(index + 1) / Double(warmUp) }
    let part = Double(index - warmUp) / Double(max(steps - warmUp - 1, 1))
    return rate * (finalRate + (1 - finalRate) * 0.5 * (1 + cosine(.pi * min(part, 1))))
  }
}
