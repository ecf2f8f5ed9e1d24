import PlumbModel

extension Engine {
  /// x · f or x / f, element by element, where f is the layer's factor or its root.
  ///
  /// Computed in Float64 and rounded once: y = fl32(exact·(1 + ε)), |ε| ≤ `scaleRelativeError(_:)`.
  package static func scale(_ x: Activation<Float>, _ layer: ScaleLayer) -> Activation<Float> {
    let number = layer.isRoot ? Double(layer.factor).squareRoot() : Double(layer.factor)
    return layer.divides ? x.map { Float(Double($0) / number) } : x.map { Float(Double($0) * number) }
  }
}
