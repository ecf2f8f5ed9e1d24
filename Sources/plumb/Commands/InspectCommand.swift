import ArgumentParser
import PlumbDrift
import PlumbFormats
import PlumbModel

/// `plumb inspect`: what a model file holds.
struct InspectCommand: ParsableCommand, FileUsing {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Shows a model's architecture, tensors, types and fingerprint.")

  @OptionGroup var source: ModelArgument

  @Flag(help: "Print JSON.")
  var json = false

  var paths: CommandFiles {
    var paths = CommandFiles()
    paths.readModel(source.model)
    return paths
  }

  func run() throws {
    let model = try source.open()
    let transformer = model.transformer
    let tensors = transformer.tensors
    if json {
      try printJSON(Inspection(model))
      return
    }
    StandardOutput.print(
      """
      model          \(transformer.name)
      fingerprint    \(model.fingerprint)
      blocks         \(transformer.blocks.count)
      hidden         \(transformer.hiddenSize)
      heads          \(transformer.attention.heads) of \(transformer.attention.headSize), \
      \(transformer.attention.keyValueHeads) for keys and values
      feed-forward   \(transformer.blocks.first?.feedForward.gate.weight.rows ?? 0)
      vocabulary     \(transformer.vocabularySize)
      tokenizer      \(model.tokenizerProblem.map { "none can be read (\($0))" } ?? "read")
      context        \(transformer.contextLength)
      epsilon        \(transformer.finalNorm.epsilon)
      rotary         \(transformer.rotary.pairing.rawValue) pairs, \(transformer.rotary.rotatedSize) elements, \
      theta \(transformer.rotary.theta)\(Self.scaling(transformer.rotary))
      unembedding    \(transformer.unembedding.weight.name == transformer.embedding.weight.name ? "tied to the embedding" : "its own")
      weights        \(tensors.reduce(0) { $0 + $1.count }) in \(tensors.count) tensors, \
      \(tensors.reduce(0) { $0 + $1.byteCount }) bytes

      """)
    let width = tensors.map(\.name.count).max() ?? 0
    for tensor in tensors {
      let name = tensor.name.padding(toLength: width, withPad: " ", startingAt: 0)
      let type = tensor.type.label.padding(toLength: 5, withPad: " ", startingAt: 0)
      StandardOutput.print("\(name)  \(type) \(tensor.shape)")
    }
  }
}

extension InspectCommand {
  /// The divisor of positions, where there is one.
  private static func scaling(_ rotary: RotaryEmbeddingLayer) -> String {
    rotary.scalingFactor == 1 ? "" : ", positions divided by \(rotary.scalingFactor)"
  }
}

/// The JSON of `plumb inspect`.
private struct Inspection: Encodable {
  struct Entry: Encodable {
    let name: String
    let type: String
    let shape: [Int]
    let bytes: Int
  }

  let schema = 1
  let model: String
  let fingerprint: String
  let blocks: Int
  let hiddenSize: Int
  let heads: Int
  let keyValueHeads: Int
  let headSize: Int
  let vocabularySize: Int
  let contextLength: Int
  let tensors: [Entry]

  init(_ loaded: LoadedModel) {
    let transformer = loaded.transformer
    model = transformer.name
    fingerprint = loaded.fingerprint
    blocks = transformer.blocks.count
    hiddenSize = transformer.hiddenSize
    heads = transformer.attention.heads
    keyValueHeads = transformer.attention.keyValueHeads
    headSize = transformer.attention.headSize
    vocabularySize = transformer.vocabularySize
    contextLength = transformer.contextLength
    tensors = transformer.tensors.map {
      Entry(name: $0.name, type: $0.type.label, shape: $0.shape, bytes: $0.byteCount)
    }
  }
}

/// Writes `value` to the standard output as the JSON of a report.
func printJSON(_ value: some Encodable) throws {
  StandardOutput.print(try ReportJSON.text(of: value))
}
