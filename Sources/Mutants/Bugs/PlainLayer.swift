import PlumbModel
import PlumbVerdicts

/// A layer written once more, in Float64 with one rounding at the end, so plainly that each property is a place to be
/// wrong: the defaults are right, and a mutant changes one of them.
///
/// It shares no arithmetic with the engine or the reference. Float64 has more than twice the digits of Float32, so that
/// without a bug it lies within the engine's own bounds, which a test checks: what kills a mutant is its bug.
protocol PlainLayer: SendableMetatype {
  /// The layer that it computes.
  static var layer: LayerKind { get }

  /// The bugs that are planted in it.
  static var mutants: [Mutant] { get }

  /// The layer without a bug.
  static var control: Mutant { get }

  /// The layer and its inputs, as the case has them.
  init(_ input: CheckedCase)

  /// The layer's output.
  func output() -> Activation<Float>
}

extension PlainLayer {
  static var control: Mutant { Mutant(layer, "control", "There is no bug.") { Self($0).output() } }

  /// The mutant that sets properties otherwise than they should be.
  static func mutant(
    _ name: String, _ bug: String, proof: String? = nil, _ plant: @escaping @Sendable (inout Self) -> Void
  ) -> Mutant {
    Mutant(layer, name, bug, proof: proof) { input in
      var plain = Self(input)
      plant(&plain)
      return plain.output()
    }
  }

  /// The mutant that spoils an output that was right.
  static func mutant(
    _ name: String, _ bug: String, afterwards spoil: @escaping @Sendable (inout Activation<Float>) -> Void
  ) -> Mutant {
    Mutant(layer, name, bug) { input in
      var output = Self(input).output()
      spoil(&output)
      return output
    }
  }

  static var rowTailSkipped: Mutant { mutant(.rowTailSkipped) }
  static var vectorTailSkipped: Mutant { mutant(.vectorTailSkipped) }
  static var firstRowRepeated: Mutant { mutant(.firstRowRepeated) }

  private static func mutant(_ spoiling: Spoiling) -> Mutant {
    mutant(spoiling.name, spoiling.sentence) { spoiling.spoil(&$0, zero: 0) }
  }
}
