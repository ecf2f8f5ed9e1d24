import PlumbModel

/// An order in which the elements of a dumped tensor may stand though its shape is right.
struct ElementOrder {
  /// The words for what the tensor then looks like.
  let likeness: String
  /// Its elements in the model's order.
  let repaired: Activation<Float>

  /// The orders that `x`, the activation `name`, may stand in; each must be tried.
  static func likely(
    for name: ActivationName, _ x: Activation<Float>, _ transformer: Transformer
  ) -> [ElementOrder] {
    var orders: [ElementOrder] = []
    if let rotary = transformer.plan.rotaryLayer(at: name)?.within(x.columns) {
      let isAdjacent = rotary.pairing == .adjacent
      orders.append(
        ElementOrder(
          likeness:
            "permuted: its rotary pairs stand \(isAdjacent ? "half a head apart" : "as neighbours"), the model's "
            + "do not",
          repaired: otherPairing(x, rotary)))
    }
    guard let first = x.shape.first, x.shape.count > 1 else { return orders }
    if x.shape.count == 3, x.shape[1] == x.shape[2], transformer.plan[name]?.hasPositions == true {
      orders.append(ElementOrder(likeness: "transposed: keys before queries", repaired: x.swappingLastAxes()))
    } else if x.shape.count == 3, first == x.shape[1] {
      orders.append(ElementOrder(likeness: "transposed: heads before tokens", repaired: x.swappingFirstAxes()))
    } else if x.shape == [first, first] {
      orders.append(
        ElementOrder(
          likeness: "transposed",
          repaired: x.reshaped([1, first, first]).swappingLastAxes().reshaped([first, first])))
    }
    return orders
  }

  /// Heads whose rotary pairs stand as in the other pairing, in that of `rotary`.
  private static func otherPairing(_ x: Activation<Float>, _ rotary: RotaryEmbeddingLayer) -> Activation<Float> {
    let other = RotaryEmbeddingLayer(
      rotatedSize: rotary.rotatedSize, theta: rotary.theta,
      pairing: rotary.pairing == .adjacent ? .halfSplit : .adjacent, firstRotated: rotary.firstRotated)
    var result = x
    for start in stride(from: 0, to: x.elements.count, by: x.columns) {
      for index in 0..<rotary.rotatedSize / 2 {
        let (from, to) = (other.pair(index), rotary.pair(index))
        result.elements[start + to.first] = x.elements[start + from.first]
        result.elements[start + to.second] = x.elements[start + from.second]
      }
    }
    return result
  }
}

extension RotaryEmbeddingLayer {
  /// The layer of heads of `size` elements, which may be those alone that are turned; `nil` where they lack some of these.
  fileprivate func within(_ size: Int) -> RotaryEmbeddingLayer? {
    var layer = self
    if size == rotatedSize { layer.firstRotated = 0 }
    return layer.rotated.upperBound <= size ? layer : nil
  }
}

extension Plan {
  /// The rotary layer that takes or gives the activation `name`.
  fileprivate func rotaryLayer(at name: ActivationName) -> RotaryEmbeddingLayer? {
    for step in steps {
      if case .rotaryEmbedding(let layer) = step.operation, step.name == name || step.inputs.contains(name) {
        return layer
      }
    }
    return nil
  }
}

extension Activation {
  /// The same elements with the last two of three axes, which are equally long, exchanged.
  fileprivate func swappingLastAxes() -> Activation {
    var result = self
    let side = columns
    for start in stride(from: 0, to: elements.count, by: side * side) {
      for row in 0..<side {
        for column in 0..<side {
          result.elements[start + row * side + column] = elements[start + column * side + row]
        }
      }
    }
    return result
  }
}
