import PlumbFormats
import PlumbModel
import PlumbVerdicts

/// A named case of a layer, as the suite states it.
struct GoldenCase: Sendable {
  /// The name, unique within a layer.
  let name: String
  /// The reason why it is there, in one line.
  let note: String
  /// The seed of its random numbers; `nil` where there are none.
  let seed: UInt64?
  /// The input.
  let input: LayerCase

  /// A case whose tensors are written out.
  static func given(
    _ name: String, _ note: String, _ layer: LayerKind, _ tensors: [String: CaseTensor],
    attributes: [String: AttributeValue] = [:]
  ) -> GoldenCase {
    GoldenCase(
      name: name, note: note, seed: nil, input: LayerCase(layer: layer, attributes: attributes, tensors: tensors))
  }

  /// A case whose tensors are drawn in the order of the signature: activations by `numbers`, parameters as ordinary
  /// numbers, indices below their limit.
  ///
  /// `extents` replace the usual ones, tensors in `without` are left out, those in `given` are not drawn.
  static func drawn(
    _ name: String, _ note: String, _ layer: LayerKind, seed: UInt64, _ numbers: GoldenNumbers = .ordinary,
    parameters: GoldenNumbers = .ordinary, extents: [String: Int] = [:], attributes: [String: AttributeValue] = [:],
    without: [String] = [], given: [String: CaseTensor] = [:]
  ) -> GoldenCase {
    var source = SplitMix64(seed: seed)
    let extents = usualExtents(layer).merging(extents) { $1 }
    var tensors = given
    for slot in Catalogue.signature(of: layer).tensors
    where !without.contains(slot.name) && given[slot.name] == nil && slot.name != RotaryScalingPart.divisors {
      let shape = slot.shape.map { extents[$0] ?? 4 }
      let count = shape.reduce(1, *)
      if let below = slot.below {
        let limit = extents[below] ?? 4
        var indices = (0..<count).map { _ in GoldenNumbers.index(below: limit, &source) }
        // A row goes on from its first index, so that all are different.
        if slot.isDistinct, let columns = shape.last, columns > 0 {
          indices = indices.indices.map { (indices[$0 / columns * columns] + $0 % columns) % max(limit, 1) }
        }
        tensors[slot.name] = .integer(Activation(shape: shape, elements: indices))
      } else {
        let drawn = (slot.isParameter ? parameters : numbers).make(count, &source)
        tensors[slot.name] = .real(Activation(shape: shape, elements: drawn))
      }
    }
    return GoldenCase(
      name: name, note: note, seed: seed, input: LayerCase(layer: layer, attributes: attributes, tensors: tensors))
  }

  /// The extents of a case that says nothing else.
  static func usualExtents(_ layer: LayerKind) -> [String: Int] {
    [
      "tokens": 2, "rows": 2, "others": 3, "columns": 6, "hidden": 6, "inputs": 6, "outputs": 4, "feedForward": 5,
      "vocabulary": 7, "experts": 4, "chosen": 2, "positions": layer == .learnedPosition ? 5 : 2, "heads": 2,
      "keyValueHeads": 1, "headSize": 4,
    ]
  }
}

extension CaseTensor {
  /// A matrix with these rows.
  static func rows(_ rows: [Float]...) -> CaseTensor {
    .real(Activation(shape: [rows.count, rows.first?.count ?? 0], elements: rows.flatMap { $0 }))
  }

  /// A vector.
  static func vector(_ elements: Float...) -> CaseTensor {
    .real(Activation(shape: [elements.count], elements: elements))
  }

  /// A tensor with these elements.
  static func shaped(_ shape: [Int], _ elements: [Float]) -> CaseTensor {
    .real(Activation(shape: shape, elements: elements))
  }

  /// Whole numbers.
  static func indices(_ elements: Int...) -> CaseTensor {
    .integer(Activation(shape: [elements.count], elements: elements))
  }
}
