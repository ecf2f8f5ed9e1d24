import PlumbModel

extension LayerKind {
  /// The layers of which nothing rounds: each element is one of the inputs, a limit or 0, and the bound is 0.
  static let exact: Set<LayerKind> = [.embedding, .relu, .reluBackward, .clamp]
}
