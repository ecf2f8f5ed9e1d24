import PlumbModel

extension Engine {
  /// The gradient of a rotary embedding's input: each pair turned back by the angle of its position.
  ///
  /// Turning back is turning the pairs with their elements exchanged, and exchanging them again.
  /// *Error bound*: that of `rotaryEmbedding` on those pairs.
  package static func rotaryEmbeddingBackward(
    _ gradient: Activation<Float>, _ layer: RotaryEmbeddingLayer, firstPosition: Int = 0
  ) -> Activation<Float> {
    rotaryEmbedding(gradient.exchanged(layer), layer, firstPosition: firstPosition).exchanged(layer)
  }
}

extension Activation {
  /// The elements of each pair that `layer` turns exchanged.
  package func exchanged(_ layer: RotaryEmbeddingLayer) -> Activation {
    var result = self
    for row in 0..<rows {
      for pair in 0..<layer.pairs {
        let (first, second) = layer.pair(pair)
        result.elements.swapAt(row * columns + first, row * columns + second)
      }
    }
    return result
  }
}
