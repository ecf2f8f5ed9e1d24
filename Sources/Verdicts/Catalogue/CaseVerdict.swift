public import PlumbEngine
import PlumbExact
public import PlumbModel

extension Catalogue {
  /// Holds `output`, the engine's unless another is given, against what the layer must compute on `input`.
  ///
  /// The bounds are those of the engine's declared arithmetic: its summation tree, and Float64 inside normalisations,
  /// softmax and functions. An output that another arithmetic computed can be outside them without a bug.
  /// An element that still straddles its bound at the greatest precision is *undecided*.
  public static func judge(
    _ input: CheckedCase, output: Activation<Float>? = nil, instructionSet: Engine.InstructionSet = .current
  ) -> LocalDrift {
    let output = output ?? engine(input, instructionSet: instructionSet)
    return LocalMeasurement.decide(output) { precision throws(EnclosureError) in
      try expectation(of: input, precision: precision)
    }
  }
}
