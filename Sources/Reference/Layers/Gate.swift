import PlumbExact
import PlumbModel

extension Reference {
  /// The product of two activations of one shape, element by element: the activated gate times what it lets through.
  ///
  /// *Error bound*: exact for exact inputs; otherwise encloses the true values, to `precision` bits.
  /// - Precondition: the shapes are equal.
  package static func gate(
    _ activatedGate: Activation<Ball>, _ up: Activation<Ball>, precision: Int
  ) -> Activation<Ball> {
    precondition(activatedGate.shape == up.shape, "a gate of \(activatedGate.shape) for \(up.shape)")
    let elements = zip(activatedGate.elements, up.elements).map { ($0 * $1).settled(precision) }
    return Activation(shape: up.shape, elements: elements)
  }
}
