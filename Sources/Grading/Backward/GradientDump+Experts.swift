import PlumbModel
import PlumbVerdicts

// Gradients under the names that transformers has for the weights of mixtures, whatever a model file calls them.
extension GradientDump {
  /// The names that a model file may have for the parameter `name`.
  static func spellings(of name: String) -> [String] {
    [name, name.replacing(".mlp.gate.", with: ".block_sparse_moe.gate.")]
  }

  /// The parts of `entry`, called `name`, where that is the gradient of the matrices of all experts of a block in one tensor, those of
  /// gates and of what they let through one behind the other; `nil` where it is no such tensor.
  ///
  /// - Throws: `CaseFileError` where it does not fit the experts.
  static func ofExperts(
    _ entry: DumpEntry, _ name: String, in transformer: Transformer, file: String
  ) throws(CaseFileError) -> [(weight: Tensor, gradient: Activation<Float>)]? {
    guard let match = name.wholeMatch(of: /model\.layers\.([0-9]+)\.mlp\.experts\.(gate_up_proj|down_proj)/),
      let block = Int(match.1), block < transformer.blocks.count
    else { return nil }
    for branch in transformer.blocks[block].branches {
      guard case .experts(let mixer) = branch.mixer else { continue }
      let weights = mixer.experts.flatMap { expert in
        match.2 == "down_proj" ? [expert.down.weight] : [expert.gate.weight, expert.up.weight]
      }
      let rows = weights.reduce(0) { $0 + $1.rows } / max(mixer.experts.count, 1)
      let shape = [mixer.experts.count, rows, weights.first?.columns ?? 0]
      guard entry.activation.shape == shape else {
        throw CaseFileError(
          file, "'\(entry.name)' \(entry.activation.shape) cannot be the gradient of the experts of a block, \(shape)")
      }
      var start = 0
      return weights.map { weight in
        defer { start += weight.count }
        let elements = Array(entry.activation.elements[start..<start + weight.count])
        return (weight, Activation(shape: weight.shape, elements: elements))
      }
    }
    return nil
  }
}
