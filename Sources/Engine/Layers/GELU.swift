import PlumbModel

extension Engine {
  /// gelu(x) = x·Φ(x), element by element, where Φ(x) = (1 + erf(x/√2))/2.
  ///
  /// Computed in Float64 and rounded once: y = fl32(exact·(1 + ε)), |ε| ≤ `geluRelativeError`; the proof stands beside the
  /// kernel. For x < −37.7 the result is −0, and the exact value is below 2⁻¹⁰⁰⁰ in magnitude.
  ///
  /// *Edge cases*: gelu(+∞) = +∞; gelu(−∞) and gelu(NaN) are NaN.
  package static func gelu(_ x: Activation<Float>, instructionSet: InstructionSet = .current) -> Activation<Float> {
    ElementaryFunction.gelu.map(x, Crew(threads: 1, instructionSet: instructionSet))
  }
}
