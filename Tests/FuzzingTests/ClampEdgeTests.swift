import Foundation
import PlumbModel
import PlumbTolerance
import PlumbVerdicts
import Testing

/// Gradients of a clamped gate whose inputs lie at the limit itself.
@Suite struct ClampEdgeTests {
  /// PyTorch 2.15 gives 0 for `torch.clamp` at its limit, and earlier ones the gradient of the side that is not clamped.
  @Test(arguments: [(LayerKind.clampedGateBackward, Float(7), Float(1)), (.clampedGateUpBackward, 2, -7)])
  func eitherSideIsRight(layer: LayerKind, gate: Float, up: Float) throws {
    func one(_ x: Float) -> CaseTensor { .real(Activation(shape: [1, 1], elements: [x])) }
    let input = try CheckedCase(
      LayerCase(
        layer: layer, attributes: ["limit": .real(7), "alpha": .real(1)],
        tensors: ["gate": one(gate), "up": one(up), "gradient": one(1)]))
    let sigmoid = 1 / (1 + exp(-Double(gate)))
    let side =
      layer == .clampedGateBackward
      ? Double(up + 1) * sigmoid * (1 + Double(gate) * (1 - sigmoid)) : Double(gate) * sigmoid
    #expect(Catalogue.engine(input).elements == [0])
    #expect(Catalogue.judge(input).verdict == .within)
    for (output, verdict) in [(0, Verdict.within), (Float(side), .within), (Float(-side), .outside)] {
      let drift = try Catalogue.judge(input, output: Activation(shape: [1, 1], elements: [output]), in: .f32)
      #expect(drift.verdict == verdict, "\(output): \(drift.verdict)")
    }
  }
}
