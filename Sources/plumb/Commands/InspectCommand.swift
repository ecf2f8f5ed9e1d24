import ArgumentParser
import PlumbFormats
import PlumbModel
import PlumbVerdicts

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
    let unembedding = transformer.head.unembedding.map { product in
      product.weight.name == transformer.stem.tokens.weight.name ? "tied to the embedding" : "its own"
    }
    let lines: [(String, String?)] = [
      ("model", transformer.name), ("fingerprint", model.fingerprint), ("blocks", "\(transformer.blocks.count)"),
      ("hidden", "\(transformer.hiddenSize)"), ("heads", transformer.plan.heads),
      ("feed-forward", transformer.plan.feedForwardSize.map(String.init)), ("experts", transformer.plan.experts),
      ("vocabulary", "\(transformer.vocabularySize)"),
      ("tokenizer", model.tokenizerProblem.map { "none can be read (\($0))" } ?? "read"),
      ("context", "\(transformer.contextLength)"), ("epsilon", transformer.plan.epsilon.map { "\($0)" }),
      ("latent rows", transformer.plan.latentRows), ("rotary", transformer.plan.rotaryLayers.first.map(Self.text)),
      ("unembedding", unembedding ?? "none, an encoder"),
      (
        "weights",
        "\(tensors.reduce(0) { $0 + $1.count }) in \(tensors.count) tensors, "
          + "\(tensors.reduce(0) { $0 + $1.byteCount }) bytes"
      ),
    ]
    for case (let label, let value?) in lines {
      StandardOutput.print("\(label.padding(toLength: 15, withPad: " ", startingAt: 0))\(value)")
    }
    StandardOutput.print("")
    let width = tensors.map(\.name.count).max() ?? 0
    for tensor in tensors {
      let name = tensor.name.padding(toLength: width, withPad: " ", startingAt: 0)
      let type = tensor.type.label.padding(toLength: 5, withPad: " ", startingAt: 0)
      StandardOutput.print("\(name)  \(type) \(tensor.shape)")
    }
  }
}

extension InspectCommand {
  private static func text(_ rotary: RotaryEmbeddingLayer) -> String {
    "\(rotary.pairing.rawValue) pairs, \(rotary.rotatedSize) elements"
      + (rotary.firstRotated == 0 ? "" : " from \(rotary.firstRotated) on") + ", theta \(rotary.theta)"
      + (rotary.scalingFactor == 1 ? "" : ", positions divided by \(rotary.scalingFactor)")
      + (rotary.scaling == .none ? "" : ", frequencies \(rotary.scaling.words)")
      + (rotary.magnitude.isOne ? "" : ", enlarged")
  }
}

// The architecture as a pass has it; where layers of a kind differ, as the first of them is.
extension Plan {
  fileprivate var attention: AttentionLayer? { blocks.indices.lazy.compactMap(attention(inBlock:)).first }

  fileprivate var heads: String? {
    attention.map { "\($0.heads) of \($0.headSize), \($0.keyValueHeads) for keys and values" }
  }

  /// The elements of the rows that queries, and keys and values, are made of, and of a value; `nil` where they are the hidden ones.
  fileprivate var latentRows: String? {
    func elements(_ role: ActivationName.Role) -> Int? {
      steps.first { $0.name.role == role }?.outputs[0].extents.last?.count(tokens: 1, positions: 1)
    }
    guard let keyValue = elements(.keyValueLatent), let value = elements(.value) else { return nil }
    return (elements(.queryLatent).map { "\($0) for queries, " } ?? "")
      + "\(keyValue) for keys and values, these of \(value)"
  }

  fileprivate var feedForwardSize: Int? {
    for step in steps {
      for case .size("feedForward", let size) in step.outputs[0].extents { return size }
    }
    return nil
  }

  fileprivate var experts: String? {
    for step in steps {
      guard step.name.role == .routerWeights, case .router(let layer) = step.operation else { continue }
      return "\(layer.chosen) of \(layer.experts) a token, by \(layer.score.rawValue)"
        + (layer.groups.map { ", in \($0.kept) of \($0.count) groups" } ?? "")
        + (layer.isRenormalised ? ", weights divided by their sum" : "")
    }
    return nil
  }

  fileprivate var epsilon: Float? {
    for step in steps.reversed() {
      switch step.operation {
      case .rmsNorm(let layer): return layer.epsilon
      case .layerNorm(let layer): return layer.epsilon
      default: continue
      }
    }
    return nil
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
  let heads: Int?
  let keyValueHeads: Int?
  let headSize: Int?
  let vocabularySize: Int
  let contextLength: Int
  let tensors: [Entry]

  init(_ loaded: LoadedModel) {
    let transformer = loaded.transformer
    model = transformer.name
    fingerprint = loaded.fingerprint
    blocks = transformer.blocks.count
    hiddenSize = transformer.hiddenSize
    let attention = transformer.plan.attention
    heads = attention?.heads
    keyValueHeads = attention?.keyValueHeads
    headSize = attention?.headSize
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
