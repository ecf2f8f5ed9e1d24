import PlumbModel

/// Matrices as MLX quantises them: codes in words of 32 bits, the lowest bits first, and scales of groups of neighbours.
struct MLX: WeightContainer {
  /// A way to store codes and scales.
  enum Mode: String, CaseIterable {
    case affine, mxfp4, mxfp8, nvfp4
  }

  struct Setting: Hashable, Sendable {
    var mode = Mode.affine
    let bits, groupSize: Int
  }

  /// The setting of all modules but those that are named.
  let usual: Setting
  let named: [String: Setting]

  let parts = [".scales", ".biases", ".weight"]

  func matrix(_ parts: StoredParts) throws(ModelError) -> MadeMatrix {
    let setting = named[parts.module] ?? usual
    return setting.mode == .affine ? try MLXAffine.matrix(parts, setting) : try MLXFloats.matrix(parts, setting)
  }
}
