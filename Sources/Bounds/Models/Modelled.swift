import PlumbModel
import PlumbTolerance

/// Each layer's formula in error-tracking arithmetic: one function a layer, of the layer's name.
///
/// Each takes tracked inputs, so that layers that are made of others are compositions, and gives for each element of the
/// output an enclosure of the exact value and a bound on what a kernel that computes *this formula* in the given
/// arithmetic may be off by. A kernel is within, too, where it computes a step more accurately, or keeps in registers what
/// the formula stores.
package enum Modelled {}

extension ArithmeticModel {
  /// Inputs or parameters as the layer reads them.
  package func read(_ x: Activation<Float>) -> Activation<Tracked> { x.map { read($0) } }

  /// Each element as the layer stores it.
  package func stored(_ x: Activation<Tracked>) -> Activation<Tracked> { x.map { stored($0) } }

  /// The mean of `count` terms whose sum is given: a division, or a product with the rounded reciprocal.
  func mean(ofSum sum: Tracked, count: Int) -> Tracked { quotientOrReciprocal(sum, Tracked(Double(count))) }
}

extension Activation where Element == Tracked {
  /// A tensor of `shape` about which nothing is known.
  static func outside(_ shape: [Int]) -> Activation {
    Activation(shape: shape, elements: [Tracked](repeating: .outside, count: shape.reduce(1, *)))
  }
}
