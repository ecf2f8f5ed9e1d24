import PlumbModel

/// (da, db) → (da·cos φ + db·sin φ, db·cos φ − da·sin φ): each pair turned back by the angle of its position.
package struct RotaryEmbeddingBackward<Context: ArithmeticContext>: LayerFormula {
  /// The layer on the gradient, with its sines negated.
  package var rotation: RotaryEmbedding<Context>

  package var context: Context { rotation.context }

  package var round: RowFunction<Context> {
    get { rotation.round }
    set { rotation.round = newValue }
  }

  package init(
    _ gradient: Activation<Context.Number>, _ layer: RotaryEmbeddingLayer, firstPosition: Int, in context: Context
  ) {
    rotation = RotaryEmbedding(gradient, layer, firstPosition: firstPosition, in: context)
    rotation.sine = { -$0.sine() }
  }

  package func forward() -> Activation<Context.Number> { rotation.forward() }
}
