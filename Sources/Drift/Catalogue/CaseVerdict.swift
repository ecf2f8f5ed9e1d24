public import PlumbEngine
import PlumbExact
public import PlumbModel

extension Catalogue {
  /// Holds `output`, the engine's unless another is given, against what the layer must compute on `input`.
  ///
  /// The bounds are those of the engine's declared arithmetic: its summation tree, and Float64 inside normalisations,
  /// softmax and functions. An output that another arithmetic computed can be outside them without a bug.
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
