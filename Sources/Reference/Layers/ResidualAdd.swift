import PlumbExact
import PlumbModel

extension Reference {
  /// The sum of two activations of one shape, element by element.
  ///
  /// *Error bound*: exact for exact inputs; otherwise encloses the true values, to `precision` bits.
  /// - Precondition: the shapes are equal.
  package static func residualAdd(
    _ x: Activation<Ball>, _ y: Activation<Ball>, precision: Int
  ) -> Activation<Ball> {
    precondition(x.shape == y.shape, "residual addition of \(x.shape) and \(y.shape)")
    return Activation(shape: x.shape, elements: zip(x.elements, y.elements).map { ($0 + $1).settled(precision) })
  }
}
