import PlumbModel

/// y = Σₛ e^s·vₛ / (e^sink + Σₛ e^s) over the scores s that the token sees: attention in which the head's sink is one score more, of a
/// value that is 0.
///
/// The greatest score that is subtracted may be that of all, or that of those without the sink, which over tiles of keys is a tile of its own,
/// first or last.
package struct SinkAttention<Context: ArithmeticContext>: LayerFormula {
  package var attention: Attention<Context>
  /// The logit of each head's sink.
  package var sinks: [Context.Number]

  package var context: Context { attention.context }

  package var round: RowFunction<Context> {
    get { attention.round }
    set { attention.round = newValue }
  }

  package init(_ attention: Attention<Context>, sinks: Activation<Context.Number>) {
    self.attention = attention
    self.sinks = sinks.elements
  }

  package func forward() -> Activation<Context.Number> {
    var whole = attention
    let tokens = attention.scores.query.shape[0]
    whole.softmax.sink = { [sinks] in sinks[$0 / tokens] }
    return whole.forward()
  }
}
