import PlumbLayers
import PlumbModel

extension Experts: Plantable where Context: BugContext {
  static var layer: LayerKind { .experts }

  static var bugs: [Bug<Self>] {
    [
      mutant("weights-forgotten", "What experts give is added without weights.") {
        $0.sum = { weights, given in weighted(weights.each { _ in weights.context.parameter(1) }, given) }
      },
      mutant("weights-normalised", "The weights are divided by their sum once more.") {
        $0.sum = { weights, given in weighted(weights / weights.total, given) }
      },
      mutant("weights-turned", "Each place has the weight of the next one.") {
        $0.sum = { weights, given in weighted(weights.turned, given) }
      },
      mutant("weights-squared", "The weights are multiplied by twice.") {
        $0.sum = { weights, given in weighted(weights * weights, given) }
      },
      mutant("first-weight-for-all", "The first weight is that of every place.") {
        $0.sum = { weights, given in weighted(weights.prefix(1), given, first: true) }
      },
      mutant("mean-for-sum", "The mean of what experts give is taken.") {
        $0.sum = { weights, given in weighted(weights, given) / weights.parameter(Double(given.count)) }
      },
      mutant("last-place-skipped", "The last expert of a token is left out.") {
        $0.sum = { weights, given in weighted(weights, given, places: max(1, given.count - 1)) }
      },
      mutant("first-place-alone", "A token is given to its first expert alone.") {
        $0.sum = { weights, given in weighted(weights, given, places: 1) }
      },
      mutant("next-expert", "Each token is given to the experts after its own.") { layer in
        layer.choice = layer.choice.map { ($0 + 1) % layer.experts.count }
      },
      mutant("first-tokens-choice", "Every token is given to the experts of the first.") { layer in
        let chosen = layer.weights.columns
        layer.choice = layer.choice.indices.map { layer.choice[$0 % max(chosen, 1)] }
      },
      mutant("experts-in-order", "The experts stand in the order of their index, the weights as before.") { layer in
        let chosen = layer.weights.columns
        layer.choice = (0..<layer.weights.rows).flatMap { layer.choice[$0 * chosen..<($0 + 1) * chosen].sorted() }
      },
      mutant("input-weighted", "The weights multiply what experts take, not what they give.") { layer in
        // All places of a token share one input here, so that its first weight stands for all.
        let weights = layer.weights
        layer.x = weighted(layer.x, by: weights, in: layer.context)
        layer.sum = { weights, given in weighted(weights.each { _ in weights.context.parameter(1) }, given) }
      },
      mutant("gate-up-swapped", "Gate and up are swapped.") {
        for expert in $0.experts.indices {
          ($0.experts[expert].gate, $0.experts[expert].up) = ($0.experts[expert].up, $0.experts[expert].gate)
        }
      },
      mutant("first-experts-down", "The last product is that of expert 0, whatever the expert is.") {
        for expert in $0.experts.indices { $0.experts[expert].down = $0.experts[0].down }
      },
      mutant("biases-forgotten", "The biases are left out.") {
        for expert in $0.experts.indices {
          ($0.experts[expert].gate.bias, $0.experts[expert].up.bias) = (nil, nil)
          $0.experts[expert].down.bias = nil
        }
      },
      mutant("down-bias-forgotten", "The bias of the last product is left out.") {
        for expert in $0.experts.indices { $0.experts[expert].down.bias = nil }
      },
      mutant("silu-for-all", "The activation is SiLU, whatever it should be.") {
        $0.clamp = nil
        for expert in $0.experts.indices { $0.experts[expert].activate(by: .silu) }
      },
      mutant("activation-forgotten", "The gate is not activated.") {
        $0.clamp = nil
        for expert in $0.experts.indices { $0.experts[expert].activation = { $0 } }
      },
      mutant("clamps-forgotten", "Nothing is clamped.") {
        $0.clamped = { gate in
          gate.clampedGate = { gate, _ in gate }
          gate.clampedUp = { up, _ in up }
        }
      },
      mutant("gate-clamped-twice", "The gate is clamped on both sides.") {
        $0.clamped = { $0.clampedGate = { $0.kept(upTo: $1).kept(from: -$1) } }
      },
      mutant("up-clamped-above", "What the gate lets through is clamped from above alone.") {
        $0.clamped = { $0.clampedUp = { $0.kept(upTo: $1) } }
      },
      mutant("one-forgotten", "1 is not added to what a clamped gate lets through.") {
        $0.clamped = { $0.inner = { $0 } }
      },
      mutant("residual-added", "The input is added to the result.") { layer in
        let (x, sum) = (layer.x, layer.sum)
        guard x.rows == 1 else { return }
        layer.sum = { weights, given in sum(weights, given) + weights.context.row(x.row(0)) }
      },
      mutant("given-in-bf16", "What experts give is kept in bfloat16.") {
        $0.sum = { weights, given in weighted(weights, given.map { $0.rounded(to: .bfloat16) }) }
      },
      mutant("weights-in-float16", "The weights are kept in binary16.") {
        $0.sum = { weights, given in weighted(weights.rounded(to: .float16), given) }
      },
      mutant("inner-in-bf16", "What lies between the products is kept in bfloat16.") {
        for expert in $0.experts.indices { $0.experts[expert].between = { $0.rounded(to: .bfloat16) } }
      },
      resultInBfloat16, truncated, rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }

  /// The sum of the first `places`.
  private static func weighted(_ weights: Row<Context>, _ given: [Row<Context>], places: Int) -> Row<Context> {
    weighted(weights.prefix(places), Array(given.prefix(places)))
  }

  /// The sum by the first weight.
  private static func weighted(_ weights: Row<Context>, _ given: [Row<Context>], first: Bool) -> Row<Context> {
    weighted(weights.context.row(given.map { _ in weights[0].number }), given)
  }

  /// The rows of `x`, each times the first of its weights.
  private static func weighted(
    _ x: Activation<Context.Number>, by weights: Activation<Context.Number>, in context: Context
  ) -> Activation<Context.Number> {
    let rows = (0..<x.rows).map { token in
      context.row(x.row(token)) * context.row(weights.row(token))[0]
    }
    return Row.tensor(rows, shape: x.shape)
  }
}
