import PlumbModel

extension Engine {
  /// x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³))), element by element: the tanh form of GELU.
  ///
  /// (1 + tanh z)/2 = 1/(1 + e^(−2z)), in which nothing cancels. Computed in Float64 and rounded once:
  /// y = fl32(exact·(1 + ε)), |ε| ≤ `geluTanhRelativeError`. The result is −0 where 2z < −708, and the exact value is then
  /// below 2⁻¹⁰⁰⁰ in magnitude.
  ///
  /// *Edge cases*: +∞ gives +∞; −∞ and NaN give NaN.
  package static func geluTanh(_ x: Activation<Float>, instructionSet: InstructionSet = .current) -> Activation<Float> {
    ElementaryFunction.geluTanh.map(x, Crew(threads: 1, instructionSet: instructionSet))
  }
}
