import PlumbDrift
import PlumbModel

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

  /// The layer and its inputs, as the case has them.
  init(_ input: CheckedCase)

  /// The layer's output.
  func output() -> Activation<Float>
}

extension PlainLayer {
  /// The mutant that sets properties otherwise than they should be.
  static func mutant(
    _ name: String, _ bug: String, proof: String? = nil, _ plant: @escaping @Sendable (inout Self) -> Void
  ) -> Mutant {
    Mutant(layer, name, bug, proof: proof) { input in
      var plain = Self(input)
      plant(&plain)
      return plain.output()
    }.planting { layer in
      guard var plain = layer as? Self else { return }
      plant(&plain)
      layer = plain
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

  /// The mutant that leaves the last element of each row 0.
  static var rowTailSkipped: Mutant {
    mutant("row-tail-skipped", "The last element of each row is left 0.") { (output: inout Activation<Float>) in
      let columns = output.columns
      for row in 0..<output.rows where columns > 0 { output.elements[row * columns + columns - 1] = 0 }
    }
  }

  /// The mutant that leaves 0 what does not fill a vector of eight.
  static var vectorTailSkipped: Mutant {
    mutant("vector-tail-skipped", "Elements that do not fill a vector of eight are left 0.") {
      (output: inout Activation<Float>) in
      for index in output.elements.count / 8 * 8..<output.elements.count { output.elements[index] = 0 }
    }
  }

  /// The mutant that writes the first row to every row.
  static var firstRowRepeated: Mutant {
    mutant("first-row-repeated", "Every row is the first row's result.") { (output: inout Activation<Float>) in
      for index in output.elements.indices { output.elements[index] = output.elements[index % output.columns] }
    }
  }
}
