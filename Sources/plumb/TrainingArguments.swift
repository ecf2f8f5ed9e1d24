import ArgumentParser
import PlumbFormats
import PlumbModel
import PlumbTraining

/// The extents and the format of the model that is trained.
struct TrainedModelArguments: ParsableArguments {
  @Option(help: ArgumentHelp("The number of blocks.", valueName: "count"))
  var layers = 2

  @Option(help: ArgumentHelp("The elements that stand for a token between blocks.", valueName: "count"))
  var width = 128

  @Option(help: ArgumentHelp("The heads of a query.", valueName: "count"))
  var heads = 4

  @Option(help: ArgumentHelp("The heads of a key and of a value.", valueName: "count"))
  var kvHeads = 2

  @Option(help: ArgumentHelp("The elements within the feed-forward layer.", valueName: "count"))
  var ff = 352

  @Option(help: ArgumentHelp("The tokens of a sequence, and of the model's context.", valueName: "count"))
  var context = 256

  @Option(
    help: ArgumentHelp("The format of the file's matrices: f32, f16, bf16 or q8_0.", valueName: "format"),
    completion: .list(["f32", "f16", "bf16", "q8_0"]))
  var format = "f32"

  @Option(help: ArgumentHelp("The name of the model.", valueName: "text"))
  var name = "a model trained by plumb"

  /// The extents.
  var shape: LlamaShape {
    LlamaShape(
      context: context, blocks: layers, width: width, heads: heads, keyValueHeads: kvHeads, feedForward: ff)
  }

  /// The format, which must fit the rows of all matrices.
  func storedType() throws(BadInput) -> TensorType {
    guard let type = StoredNumbers.types.first(where: { $0.label.lowercased() == format.lowercased() }) else {
      let known = StoredNumbers.types.map { $0.label.lowercased() }.joined(separator: ", ")
      throw BadInput(message: "--format \(format): is not one of \(known)")
    }
    for (name, value) in [("width", width), ("ff", ff)] where value > 0 && !value.isMultiple(of: type.elementsPerBlock)
    {
      throw BadInput(
        message: "--\(name) \(value): is no multiple of the \(type.elementsPerBlock) numbers of a block of \(format); "
          + "change one of them")
    }
    return type
  }
}

/// The numbers of the optimiser and of its steps.
struct TrainingArguments: ParsableArguments {
  @Option(help: ArgumentHelp("The steps of the optimiser.", valueName: "count"))
  var steps = 1000

  @Option(help: ArgumentHelp("The sequences that are computed together.", valueName: "count"))
  var batch = 16

  @Option(help: ArgumentHelp("The batches whose gradients are added before a step.", valueName: "count"))
  var accumulate = 1

  @Option(help: ArgumentHelp("The greatest rate of learning.", valueName: "rate"))
  var rate = 0.004

  @Option(
    help: ArgumentHelp("The steps over which the rate grows (default: a twentieth, 100 at most).", valueName: "count"))
  var warmUp: Int?

  @Option(help: ArgumentHelp("The part of the rate at which the cosine ends.", valueName: "part"))
  var finalRate = 0.02

  @Option(help: ArgumentHelp("The part of the rate by which matrices decay in a step.", valueName: "part"))
  var decay = 0.1

  @Option(help: ArgumentHelp("The norm that longer gradients are shortened to.", valueName: "norm"))
  var clip = 1.0

  @Option(
    help: ArgumentHelp("The number where random choices start.", valueName: "number"), transform: Seed.parse)
  var seed: UInt64 = 1

  /// The configuration of a training of a model of `shape`.
  func configuration(_ shape: LlamaShape) -> TrainingConfiguration {
    TrainingConfiguration(
      shape: shape, steps: steps, batch: batch, accumulation: accumulate, rate: rate,
      warmUp: warmUp ?? min(100, max(steps, 0) / 20), finalRate: finalRate, decay: decay, clip: clip, seed: seed)
  }
}
