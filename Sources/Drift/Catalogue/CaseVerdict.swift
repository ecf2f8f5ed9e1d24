public import PlumbEngine
import PlumbExact
public import PlumbModel

extension Catalogue {
  /// Holds `output`, the engine's unless another is given, against what the layer must compute on `input`.
  ///
  /// - Throws: `DriftError.undecided` when an element still straddles its bound at the greatest precision.
  public static func judge(
    _ input: CheckedCase, output: Activation<Float>? = nil, instructionSet: Engine.InstructionSet = .current
  ) throws(DriftError) -> LocalDrift {
    let output = output ?? engine(input, instructionSet: instructionSet)
    return try LocalMeasurement.decide(output, name: input.source.layer.rawValue) { precision throws(EnclosureError) in
      try expectation(of: input, precision: precision)
    }
  }
}
