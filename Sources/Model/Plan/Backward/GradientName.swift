/// The name of one gradient in a backward pass: what it is the gradient of, and which part of it.
package struct GradientName: Sendable, Hashable, CustomStringConvertible {
  /// The tensor that a gradient belongs to.
  package enum Target: Sendable, Hashable, CustomStringConvertible {
    /// An activation of the forward pass.
    case activation(ActivationName)
    /// A tensor of weights as the plan reads it, which may be part of one that is stored.
    case weight(String)

    /// The activation's or the tensor's name.
    package var description: String {
      switch self {
      case .activation(let name): name.description
      case .weight(let name): name
      }
    }
  }

  /// The tensor that it is the gradient of.
  package let target: Target
  /// The steps through which this part comes, joined by `+`; `nil` for the whole gradient.
  package let part: String?

  /// Makes the name of the gradient of `target`, or of a part of it.
  package init(_ target: Target, part: String? = nil) {
    self.target = target
    self.part = part
  }

  /// The activation that it is the gradient of; `nil` of a tensor of weights.
  package var activation: ActivationName? {
    if case .activation(let name) = target { name } else { nil }
  }

  /// `blocks.3.query.grad`, or `blocks.3.attention-norm.grad[query]` for what comes through the query.
  package var description: String { "\(target).grad" + (part.map { "[\($0)]" } ?? "") }
}
