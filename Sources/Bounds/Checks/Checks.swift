import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbTolerance

/// The expectations of each layer on given inputs: one function a layer, of the layer's name.
///
/// Each takes the engine's own inputs, which are exact numbers, asks the reference for the exact outputs and Tolerance
/// for the bounds, and throws `EnclosureError` when the precision does not suffice.
package enum Checks {}

extension Activation<Float> {
  /// The same numbers as balls of radius 0; `nil` when one of them is not finite.
  package var asBalls: Activation<Ball>? {
    var balls: [Ball] = []
    balls.reserveCapacity(elements.count)
    for element in elements {
      guard let value = Rational(exactly: element) else { return nil }
      balls.append(Ball(value))
    }
    return Activation<Ball>(shape: shape, elements: balls)
  }
}

extension Checks {
  /// The sum of `terms` products in the order in which this process's kernels add, rounded `further` times; `nil` where
  /// nothing bounds it.
  package static func summation(terms: Int, further: Int = 0) -> Summation? {
    Summation(terms: terms, depth: Engine.InstructionSet.current.summation.depth(terms: terms), further: further)
  }
}
