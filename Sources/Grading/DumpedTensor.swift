import PlumbModel
import PlumbTolerance

/// One activation of a dump, brought into the shape that a pass has it in.
struct DumpedTensor: Sendable {
  /// The tensor's own name in the dump.
  let tensor: String
  /// The format of its elements.
  let storage: FloatFormat
  /// The numbers.
  var activation: Activation<Float>
  /// Whether the dump has Float64s that no Float32 is; they were rounded.
  var isRounded = false

  /// The name of the format in the file.
  var storageName: String { isRounded ? "f64" : storage.name }
}

extension Plan {
  /// The names of the extents of the activation `name` in a dump, which begins at position 0.
  func labels(of name: ActivationName) -> [String] {
    (self[name]?.outputs[0].extents ?? []).map { ($0 == .positions ? .tokens : $0).name }
  }

  /// The same as one text.
  package func axes(of name: ActivationName) -> String { "[\(labels(of: name).joined(separator: ", "))]" }
}
