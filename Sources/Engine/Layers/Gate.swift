internal import CKernels
import PlumbModel

extension Engine {
  /// activatedGate · up, element by element.
  ///
  /// *Error bound*: one rounding, fl32(g·u): relative 2⁻²⁴, or absolute 2⁻¹⁵⁰ where it underflows.
  ///
  /// - Precondition: the shapes are equal.
  package static func gate(_ activatedGate: Activation<Float>, _ up: Activation<Float>) -> Activation<Float> {
    gate(activatedGate, up, Crew(threads: 1, instructionSet: .portable))
  }

  static func gate(_ activatedGate: Activation<Float>, _ up: Activation<Float>, _ crew: Crew) -> Activation<Float> {
    precondition(activatedGate.shape == up.shape, "a gate of \(activatedGate.shape) for \(up.shape)")
    return unsafe mapPairs(activatedGate, up, crew, crew.kernels.multiply)
  }
}
