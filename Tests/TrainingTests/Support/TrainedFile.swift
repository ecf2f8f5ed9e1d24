import PlumbEngine
import PlumbFormats
import PlumbModel

/// A trained model as it is read back from its file.
struct TrainedFile {
  let model: LoadedModel

  init(_ bytes: [UInt8]) throws { model = try LoadedModel(GGUFFile(bytes: WeightArray(bytes), file: "trained.gguf")) }

  /// The numbers of the tensor called `name`.
  func weights(_ name: String) -> [Float]? {
    model.transformer.tensors.first { $0.name == name }.map { Engine.decoded($0) }
  }
}
