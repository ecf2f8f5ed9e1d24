import PlumbLayers
import PlumbModel

/// A feed-forward layer, gated or not, with the parts in which bugs of both are planted.
protocol PlantableFeedForward: Plantable {
  var activation: @Sendable (Activation<Context.Number>) -> Activation<Context.Number> { get set }
  /// The change of the numbers between the products.
  var between: RowFunction<Context> { get set }
  /// The last product.
  var down: Linear<Context> { get set }
}

extension PlantableFeedForward {
  /// The bugs of the numbers between the products.
  static var bugsBetweenProducts: [Bug<Self>] {
    [
      mutant("last-inner-skipped", "The last element between the products is left out.") {
        $0.down.counted = 0..<max($0.down.weight.columns - 1, 0)
      },
      mutant("vector-inners-only", "Elements between the products that do not fill a vector of eight are left out.") {
        $0.down.counted = 0..<$0.down.weight.columns / 8 * 8
      },
      mutant("inner-in-bf16", "What lies between the products is kept in bfloat16.") {
        $0.between = { $0.rounded(to: .bfloat16) }
      },
      mutant("inner-in-float16", "What lies between the products is kept in binary16.") {
        $0.between = { $0.rounded(to: .float16) }
      },
    ]
  }

  /// Activates by `function`, whatever it should be.
  mutating func activate(by function: ActivationFunction) {
    activation = { [context] in function.forward($0, in: context) }
  }
}
