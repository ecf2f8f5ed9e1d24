import PlumbModel

extension Engine {
  /// (up + 1) · gate · σ(alpha · gate), element by element, with the gate at most `limit` and `up` within ±`limit`.
  ///
  /// Computed in Float64 and rounded once: y = fl32(exact·(1 + ε)), |ε| ≤ `clampedGateRelativeError`.
  ///
  /// *Edge cases*: a gate of +∞ counts as `limit`, and `up` of ±∞ as ±`limit`; NaN gives NaN, and so does a gate of −∞.
  ///
  /// - Precondition: the shapes are equal.
  package static func clampedGate(
    _ gate: Activation<Float>, _ up: Activation<Float>, _ layer: ClampedGateLayer
  ) -> Activation<Float> {
    clampedGate(gate, up, layer, Crew(threads: 1, instructionSet: .portable))
  }

  static func clampedGate(
    _ gate: Activation<Float>, _ up: Activation<Float>, _ layer: ClampedGateLayer, _ crew: Crew
  ) -> Activation<Float> {
    precondition(gate.shape == up.shape, "a gate of \(gate.shape) for \(up.shape)")
    let (columns, alpha) = (gate.columns, Double(layer.alpha))
    return unsafe Activation.filled(gate.shape) { output in
      // Sound: each item writes its own row.
      crew.run(gate.rows) { row, _ in
        for index in row * columns..<(row + 1) * columns {
          let (opening, inner) = (gate.elements[index], up.elements[index])
          let clamped = Double(opening > layer.limit ? layer.limit : opening)
          let through = Double(inner > layer.limit ? layer.limit : inner < -layer.limit ? -layer.limit : inner)
          unsafe output[index] = Float((through + 1) * (clamped * sigmoid64(alpha * clamped)))
        }
      }
    }
  }
}
