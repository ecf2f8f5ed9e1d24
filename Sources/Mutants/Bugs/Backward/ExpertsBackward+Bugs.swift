import PlumbLayers
import PlumbModel

extension ExpertsInputBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .expertsBackward }

  static var bugs: [Bug<Self>] {
    [
      mutant("weights-forgotten", "The gradient is not multiplied by the weights.") {
        $0.incoming = { gradient, _ in gradient }
      },
      mutant("weights-squared", "The gradient is multiplied by the weights twice.") { $0.incoming = { $0 * $1 * $1 } },
      mutant("mean-for-sum", "The mean over a token's experts is taken.") {
        $0.sum = { given in total(given) / given[0].parameter(Double(given.count)) }
      },
      mutant("last-place-skipped", "What comes back from the last expert is left out.") {
        $0.sum = { given in total(Array(given.prefix(max(1, given.count - 1)))) }
      },
      mutant("first-place-alone", "Only the first expert gives a gradient.") {
        $0.sum = { given in total(Array(given.prefix(1))) }
      },
      mutant("next-expert", "The gradient goes through the expert after each.") { backward in
        backward.layer.choice = backward.layer.choice.map { ($0 + 1) % backward.products.count }
      },
      mutant("gate-forgotten", "Nothing comes through the gate.") {
        $0.changed = { $0.combined = { _, up in up } }
      },
      mutant("up-forgotten", "Nothing comes around the gate.") {
        $0.changed = { $0.combined = { gate, _ in gate } }
      },
      mutant("gates-weight-twice", "The gate's weight stands for that of the other product.") {
        $0.changed = { $0.up.product = changedInput($0.gate, $0.up) }
      },
      mutant("biases-forgotten", "The biases are left out.") {
        for expert in $0.layer.experts.indices {
          ($0.layer.experts[expert].gate.bias, $0.layer.experts[expert].up.bias) = (nil, nil)
        }
      },
      mutant("clamps-forgotten", "The gates are not clamped.") {
        $0.layer.clamped = { gate in
          gate.clampedGate = { gate, _ in gate }
          gate.clampedUp = { up, _ in up }
        }
      },
      mutant("through-the-clamp", "The gradient goes through clamps that are met.") { backward in
        let clamp = backward.layer.clamp
        backward.changed = { part in
          guard let clamp else { return }
          part.parts = { [context = part.context] opening, inner, gradient in
            var gate = ClampedGate(opening, inner, clamp, in: context)
            let limit = Double(clamp.limit)
            gate.gate = Row.tensor([context.row(opening.elements).kept(upTo: limit)], shape: opening.shape)
            gate.up = Row.tensor(
              [context.row(inner.elements).kept(upTo: limit).kept(from: -limit)], shape: inner.shape)
            return (
              ClampedGateBackward(gate, gradient: gradient, isOfUp: false).inside.forward(),
              ClampedGateBackward(gate, gradient: gradient, isOfUp: true).inside.forward()
            )
          }
        }
      },
      mutant("weighted-in-bf16", "The weighted gradient is kept in bfloat16.") {
        $0.incoming = { ($0 * $1).rounded(to: .bfloat16) }
      },
      mutant("given-in-bf16", "What comes back is kept in bfloat16.") {
        $0.sum = { given in total(given.map { $0.rounded(to: .bfloat16) }) }
      },
      signFlipped, doubled, resultInBfloat16, truncated, rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }

  /// The product by the weight of `gate` of what `other` is given.
  private static func changedInput(_ gate: LinearBackward<Context>, _ other: LinearBackward<Context>) -> Linear<Context>
  {
    var product = gate.product
    product.x = other.product.x
    return product
  }
}

extension ExpertsWeightsBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .expertsWeightsBackward }

  static var bugs: [Bug<Self>] {
    [
      mutant("next-expert", "The gradient is that of the expert after each.") { backward in
        backward.layer.choice = backward.layer.choice.map { ($0 + 1) % backward.layer.experts.count }
      },
      mutant("sum-without-gradient", "The numbers that experts give are added without the gradient.") {
        $0.product = { _, given in given.total }
      },
      mutant("last-product-skipped", "The last product is left out of the sum.") {
        $0.product = { $0.prefix($0.count - 1).dot($1.prefix($1.count - 1)) }
      },
      mutant("mean-for-sum", "The mean of the products is taken.") {
        $0.product = { $0.dot($1) / $0.number(Double($0.count)) }
      },
      mutant("gradient-squared", "The gradient is multiplied by itself.") { $0.product = { $0.dot($1 * $0) } },
      mutant("down-bias-forgotten", "The bias of the last product is left out.") {
        for expert in $0.layer.experts.indices { $0.layer.experts[expert].down.bias = nil }
      },
      mutant("clamps-forgotten", "The gates are not clamped.") {
        $0.layer.clamped = { gate in
          gate.clampedGate = { gate, _ in gate }
          gate.clampedUp = { up, _ in up }
        }
      },
      mutant("activation-forgotten", "The gates are not activated.") {
        $0.layer.clamp = nil
        for expert in $0.layer.experts.indices { $0.layer.experts[expert].activation = { $0 } }
      },
      mutant("sum-in-bf16", "The sum is kept in bfloat16.") { $0.product = { $0.dot($1, in: .bfloat16) } },
      signFlipped, doubled, resultInBfloat16, truncated, rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}
