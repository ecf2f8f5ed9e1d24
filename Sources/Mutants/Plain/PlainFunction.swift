import PlumbModel

/// A function applied element by element, in Float64 with one rounding.
protocol PlainFunction: PlainLayer {
  var x: Activation<Float> { get }
  var function: (Double) -> Double { get set }
  var round: (Double) -> Float { get set }
}

extension PlainFunction {
  func output() -> Activation<Float> { x.map { round(function(Double($0))) } }

  /// The bugs of every such function's last step.
  static var lastSteps: [Mutant] {
    [
      mutant("result-in-bf16", "The result goes through bfloat16.") { $0.round = LastRounding.bfloat16 },
      mutant("result-in-float16", "The result goes through binary16.") { $0.round = LastRounding.float16 },
      mutant("flush-to-zero", "Subnormal results become 0.") { $0.round = LastRounding.flushed },
      rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }

  /// The bug of cutting off, which only a function that rounds can have.
  static var truncated: Mutant {
    mutant("truncated", "The result is cut off instead of rounded.") { $0.round = LastRounding.truncated }
  }
}
