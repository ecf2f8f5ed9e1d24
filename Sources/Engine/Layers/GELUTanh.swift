import PlumbModel

extension Engine {
  /// x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³))), element by element: the tanh form of GELU.
  ///
  /// (1 + tanh z)/2 = 1/(1 + e^(−2z)), in which nothing cancels. Computed in Float64 and rounded once:
  /// y = fl32(exact·(1 + ε)), |ε| ≤ `geluTanhRelativeError`. Where 2z < −708 the result is −0, and the exact value is below
  /// 2⁻¹⁰⁰⁰ in magnitude.
  ///
  /// *Edge cases*: +∞ gives +∞; −∞ and NaN give NaN.
  public static func geluTanh(_ x: Activation<Float>) -> Activation<Float> {
    let x64 = x.elements.map(Double.init)
    // √(8/π) and 0.044715·√(8/π).
    let powers = exponentials(x64.map { -$0.magnitude * (0x1.9884533d43651p+0 + 0x1.2444f2a4d8b4bp-4 * ($0 * $0)) })
    let elements = zip(x64, powers).map { Float(($0 < 0 ? $0 * $1 : $0) / (1 + $1)) }
    return Activation(shape: x.shape, elements: elements)
  }
}
