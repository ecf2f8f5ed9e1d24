import PlumbLayers
import PlumbModel

extension FeedForward: PlantableFeedForward, Plantable where Context: BugContext {
  static var layer: LayerKind { .feedForward }

  static var bugs: [Bug<Self>] {
    [
      mutant("up-bias-forgotten", "The first bias is not added.") { $0.up.bias = nil },
      mutant("down-bias-forgotten", "The second bias is not added.") { $0.down.bias = nil },
      mutant("up-bias-too-late", "The first bias is added after the activation.") { plain in
        guard let bias = plain.up.bias else { return }
        var late = plain.down.inside
        late.x = Activation(shape: [1, bias.count], elements: Array(bias.numbers))
        plain.down.bias = plain.context.row(late.forward().elements)
        plain.up.bias = nil
      },
      mutant("down-bias-twice", "The second bias is added twice.") { $0.down.bias = $0.down.bias.map { 2 * $0 } },
      mutant("residual-added", "The input is added to the result.") { $0.down.addInput($0.up.x) },
      mutant("activation-forgotten", "There is no activation between the products.") { $0.activation = { $0 } },
      mutant("relu-for-all", "The activation is ReLU, whatever it should be.") { $0.activate(by: .relu) },
      mutant("silu-for-all", "The activation is SiLU, whatever it should be.") {
        $0.activate(by: .silu)
      },
      mutant("tanh-for-all", "The activation is the tanh form of GELU, whatever it should be.") {
        $0.activate(by: .geluTanh)
      },
      mutant("quick-gelu", "The activation is x·sigmoid(1.702·x), an approximation of GELU.") {
        let context = $0.context
        $0.activation = { x in
          var quick = SiLU(x, in: context).inside
          quick.function = { $0 / (1 + (-1.702 * $0).exponential()) }
          return quick.forward()
        }
      },
      mutant("activation-twice", "The activation is applied twice.") { plain in
        let activation = plain.activation
        plain.activation = { activation(activation($0)) }
      },
    ] + bugsBetweenProducts + [
      mutant("up-in-bf16", "The first weight is kept in bfloat16.") {
        $0.up.readWeight = { $0.rounded(to: .bfloat16) }
      },
      mutant("down-in-float16", "The second weight is kept in binary16.") {
        $0.down.readWeight = { $0.rounded(to: .float16) }
      },
      resultInBfloat16,
      resultInFloat16,
      rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}
