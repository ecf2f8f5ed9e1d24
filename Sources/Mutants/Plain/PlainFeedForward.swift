import Foundation
import PlumbModel
import PlumbVerdicts

/// y = down · activation(up · x + upBias) + downBias.
struct PlainFeedForward: PlainLayer {
  static let layer = LayerKind.feedForward

  let x: [Double]
  var up: [Double]
  var down: [Double]
  var upBias: [Double]
  var downBias: [Double]
  let hidden: Int
  let feedForward: Int
  var activation: (Double) -> Double
  /// Between the activation and the second product.
  var between: (Double) -> Double = { $0 }
  /// The elements between the products that are counted.
  var counted: Range<Int>
  /// What is added to the result.
  var added: [Double] = []
  var round = LastRounding.nearest

  init(_ input: CheckedCase) {
    func numbers(_ name: String) -> [Double] { input.optionalReal(name)?.elements.map(Double.init) ?? [] }
    (x, up, down) = (numbers("x"), numbers("up"), numbers("down"))
    (upBias, downBias) = (numbers("upBias"), numbers("downBias"))
    (hidden, feedForward) = (input.extent("hidden"), input.extent("feedForward"))
    activation = PlainStep.function(input.word("activation"))
    counted = 0..<feedForward
  }

  func output() -> Activation<Float> {
    let inner = PlainStep.product(x, up, inputs: hidden, bias: upBias).enumerated().map {
      counted.contains($0 % feedForward) ? between(activation($1)) : 0
    }
    let y = PlainStep.product(inner, down, inputs: feedForward, bias: downBias)
    return Activation(
      shape: [y.count / hidden, hidden], elements: y.enumerated().map { round($1 + (added.isEmpty ? 0 : added[$0])) })
  }

  static let mutants: [Mutant] =
    [
      mutant("up-bias-forgotten", "The first bias is not added.") { $0.upBias = [] },
      mutant("down-bias-forgotten", "The second bias is not added.") { $0.downBias = [] },
      mutant("up-bias-too-late", "The first bias is added after the activation.") { plain in
        guard !plain.upBias.isEmpty else { return }
        plain.downBias = zip(
          PlainStep.product(plain.upBias, plain.down, inputs: plain.feedForward),
          plain.downBias.isEmpty ? plain.x.map { _ in 0 } : plain.downBias
        ).map { $0 + $1 }
        plain.upBias = []
      },
      mutant("down-bias-twice", "The second bias is added twice.") { $0.downBias = $0.downBias.map { 2 * $0 } },
      mutant("residual-added", "The input is added to the result.") { $0.added = $0.x },
    ] + activations + insides

  /// The bugs of the activation between products.
  private static let activations: [Mutant] = [
    mutant("activation-forgotten", "There is no activation between the products.") { $0.activation = { $0 } },
    mutant("relu-for-all", "The activation is ReLU, whatever it should be.") { $0.activation = { max($0, 0) } },
    mutant("silu-for-all", "The activation is SiLU, whatever it should be.") {
      $0.activation = PlainStep.function("silu")
    },
    mutant("tanh-for-all", "The activation is the tanh form of GELU, whatever it should be.") {
      $0.activation = PlainStep.function("gelu-tanh")
    },
    mutant("quick-gelu", "The activation is x·sigmoid(1.702·x), an approximation of GELU.") {
      $0.activation = { $0 / (1 + exp(-1.702 * $0)) }
    },
    mutant("activation-twice", "The activation is applied twice.") { plain in
      let activation = plain.activation
      plain.activation = { activation(activation($0)) }
    },
  ]

  /// The bugs of what lies between the products, and of the last step.
  private static let insides: [Mutant] = [
    mutant("last-inner-skipped", "The last element between the products is left out.") {
      $0.counted = 0..<max($0.feedForward - 1, 0)
    },
    mutant("vector-inners-only", "Elements between the products that do not fill a vector of eight are left out.") {
      $0.counted = 0..<$0.feedForward / 8 * 8
    },
    mutant("inner-in-bf16", "What lies between the products is kept in bfloat16.") {
      $0.between = { NarrowFormat.bfloat16.rounded($0) }
    },
    mutant("inner-in-float16", "What lies between the products is kept in binary16.") {
      $0.between = { NarrowFormat.float16.rounded($0) }
    },
    mutant("up-in-bf16", "The first weight is kept in bfloat16.") {
      $0.up = $0.up.map { NarrowFormat.bfloat16.rounded($0) }
    },
    mutant("down-in-float16", "The second weight is kept in binary16.") {
      $0.down = $0.down.map { NarrowFormat.float16.rounded($0) }
    },
    mutant("result-in-bf16", "The result goes through bfloat16.") { $0.round = LastRounding.bfloat16 },
    mutant("result-in-float16", "The result goes through binary16.") { $0.round = LastRounding.float16 },
    rowTailSkipped, vectorTailSkipped, firstRowRepeated,
  ]
}
