import PlumbEngine
import PlumbModel
import PlumbTolerance

extension Catalogue {
  /// Holds `output`, the engine's unless another is given, against what the layer must compute on `input`.
  ///
  /// The bounds are those of the engine's declared arithmetic: its summation tree, and Float64 inside normalisations,
  /// softmax and functions. An output that another arithmetic computed can be outside them without a bug.
  /// An element that still straddles its bound at the greatest precision is *undecided*.
  package static func judge(
    _ input: CheckedCase, output: Activation<Float>? = nil, instructionSet: Engine.InstructionSet = .current
  ) -> LocalDrift {
    var judge = CaseJudge(input)
    return judge.decide(output ?? engine(input, instructionSet: instructionSet)).drift
  }

  /// Holds `output`, which another kernel computed on `input` in `model`, against what the layer must compute.
  ///
  /// The exact values are the reference's; the bounds are those of the layer's formula in `model`.
  /// - Throws: `ArithmeticError` where nothing is proved of the layer.
  package static func judge(
    _ input: CheckedCase, output: Activation<Float>, in model: ArithmeticModel
  ) throws(ArithmeticError) -> LocalDrift {
    var judge = try CaseJudge(input, in: .model(model))
    return try judge.judge(output)
  }
}
