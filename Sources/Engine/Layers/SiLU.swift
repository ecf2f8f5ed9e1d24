import PlumbModel

extension Engine {
  /// silu(x) = x / (1 + e^(−x)), element by element.
  ///
  /// Computed in Float64 and rounded once: y = fl32(exact·(1 + ε)), |ε| ≤ `siluRelativeError`. For x < −708 the result
  /// is −0, and the exact value is below 2⁻¹⁰⁰⁰ in magnitude.
  ///
  /// *Edge cases*: silu(+∞) = +∞; silu(−∞) and silu(NaN) are NaN.
  package static func silu(
    _ x: Activation<Float>, instructionSet: InstructionSet = .current
  ) -> Activation<Float> {
    silu(x, Crew(threads: 1, instructionSet: instructionSet))
  }

  static func silu(_ x: Activation<Float>, _ crew: Crew) -> Activation<Float> {
    ElementaryFunction.silu.map(x, crew)
  }
}
