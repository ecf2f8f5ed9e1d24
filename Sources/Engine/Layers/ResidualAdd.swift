import PlumbModel

extension Engine {
  /// x + y, element by element.
  ///
  /// *Error bound*: one rounding, fl32(x + y); a sum never underflows.
  ///
  /// - Precondition: the shapes are equal.
  public static func residualAdd(_ x: Activation<Float>, _ y: Activation<Float>) -> Activation<Float> {
    precondition(x.shape == y.shape, "shapes \(x.shape) and \(y.shape) cannot be added")
    return Activation(shape: x.shape, elements: zip(x.elements, y.elements).map { $0 + $1 })
  }
}
