import PlumbModel

// The gradient of an activation function's input, element by element: that of the output times the derivative.
// *Error bound*: that of the formula in Float64, rounded once.
extension Engine {
  /// The gradient of max(x, 0)'s input: the output's where x > 0, otherwise 0.
  package static func reluBackward(_ x: Activation<Float>, gradient: Activation<Float>) -> Activation<Float> {
    backward(x, gradient) { x in x.map { $0 > 0 ? 1 : 0 } }
  }

  /// The gradient of GELU's input: gradient·(Φ(x) + x·φ(x)).
  package static func geluBackward(_ x: Activation<Float>, gradient: Activation<Float>) -> Activation<Float> {
    backward(x, gradient, geluDerivatives)
  }

  /// The gradient of the input of GELU's tanh form.
  package static func geluTanhBackward(_ x: Activation<Float>, gradient: Activation<Float>) -> Activation<Float> {
    backward(x, gradient, geluTanhDerivatives)
  }

  /// The gradient of SiLU's input: gradient·s·(1 + x·(1 − s)).
  package static func siluBackward(_ x: Activation<Float>, gradient: Activation<Float>) -> Activation<Float> {
    backward(x, gradient, siluDerivatives)
  }

  private static func backward(
    _ x: Activation<Float>, _ gradient: Activation<Float>, _ derivatives: ([Double]) -> [Double]
  ) -> Activation<Float> {
    let slopes = derivatives(x.elements.map { Double($0) })
    return .rounded([zip(gradient.elements, slopes).map { Double($0) * $1 }], shape: x.shape)
  }

  /// The derivatives of an activation function.
  static func derivatives(_ function: ActivationFunction, _ x: [Double]) -> [Double] {
    switch function {
    case .relu: x.map { $0 > 0 ? 1 : 0 }
    case .gelu: geluDerivatives(x)
    case .geluTanh: geluTanhDerivatives(x)
    case .silu: siluDerivatives(x)
    }
  }

  /// The values of an activation function.
  static func values(_ function: ActivationFunction, _ x: [Double]) -> [Double] {
    switch function {
    case .relu: x.map { max($0, 0) }
    case .gelu: zip(x, errorFunctions(x.map { $0 * 0.7071067811865476 })).map { 0.5 * $0 * (1 + $1) }
    case .geluTanh: zip(x, hyperbolicTangents(x.map(geluArgument))).map { 0.5 * $0 * (1 + $1) }
    case .silu: zip(x, exponentials(x.map { -$0 })).map { $0 / (1 + $1) }
    }
  }

  private static func geluDerivatives(_ x: [Double]) -> [Double] {
    let (erf, powers) = (errorFunctions(x.map { $0 * 0.7071067811865476 }), exponentials(x.map { -0.5 * ($0 * $0) }))
    return x.indices.map { 0.5 * (1 + erf[$0]) + x[$0] * (powers[$0] * 0.3989422804014327) }
  }

  private static func geluTanhDerivatives(_ x: [Double]) -> [Double] {
    zip(x, sigmoids(x.map { 2 * geluArgument($0) })).map { x, sigmoid in
      let slope = 0.7978845608028654 * (1 + 3 * 0.044715 * (x * x))
      return sigmoid + x * sigmoid * (1 - sigmoid) * (2 * slope)
    }
  }

  private static func geluArgument(_ x: Double) -> Double { 0.7978845608028654 * (x + 0.044715 * (x * x * x)) }

  private static func siluDerivatives(_ x: [Double]) -> [Double] {
    zip(x, sigmoids(x)).map { x, sigmoid in sigmoid * (1 + x * (1 - sigmoid)) }
  }

  /// 1/(1 + e^(−x)); below −709, where it is less than 2⁻¹⁰²², that of −709.
  private static func sigmoids(_ x: [Double]) -> [Double] { exponentials(x.map { -$0 }).map { 1 / (1 + $0) } }
}
