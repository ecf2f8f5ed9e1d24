import PlumbLayers
import PlumbModel

extension Plantable where Self: ActivationBackward {
  /// The bugs that every activation function backwards may have.
  static var bugsOfActivations: [Bug<Self>] {
    [
      mutant("gradient-forgotten", "The derivative is given.") { plain in
        let product = plain.product
        plain.product = { product($0.ones, $1) }
      },
      mutant("derivative-forgotten", "The gradient is given.") { $0.product = { gradient, _ in gradient } },
      mutant("operands-swapped", "The derivative is taken at the gradient.") { plain in
        let product = plain.product
        plain.product = { product($1, $0) }
      },
      signFlipped, doubled, resultInBfloat16, rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}

extension Row where Context: BugContext {
  /// As many ones.
  fileprivate var ones: Self { each { _ in context.parameter(1) } }
}

extension ReLUBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .reluBackward }

  static var bugs: [Bug<Self>] {
    bugsOfActivations + [
      mutant("open-at-0", "The gradient passes where x is 0.") {
        $0.product = { $0.or($0.parameter(0), where: (-$1).isAbove(0)) }
      },
      mutant("leaky", "A hundredth of the gradient passes where x is negative.") {
        $0.product = { (0.01 * $0).or($0, where: $1.isAbove(0)) }
      },
      mutant("cut-at-6", "The gradient does not pass where x is above 6.") {
        $0.product = { $0.gated(by: $1).or($0.parameter(0), where: $1.isAbove(6)) }
      },
      mutant("gated-by-gradient", "The sign of the gradient decides.") {
        $0.product = { gradient, _ in gradient.rectified() }
      },
    ]
  }
}

extension GELUBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .geluBackward }

  static var bugs: [Bug<Self>] {
    bugsOfActivations + [
      mutant("density-forgotten", "The derivative is Φ(x).") { $0.product = { $0 * (0.5 * GELU.factor($1)) } },
      mutant("density-not-times-x", "The derivative is Φ(x) + φ(x).") {
        $0.product = { $0 * (0.5 * GELU.factor($1) + density($1)) }
      },
      mutant("density-subtracted", "The derivative is Φ(x) − x · φ(x).") {
        $0.product = { $0 * (0.5 * GELU.factor($1) - $1 * density($1)) }
      },
      mutant("density-unscaled", "The density is not divided by √(2π).") {
        $0.product = { $0 * (0.5 * GELU.factor($1) + $1 * (-0.5 * ($1 * $1)).exponential()) }
      },
      mutant("tanh-form", "The derivative of the tanh form is taken.") {
        $0.product = { $0 * GELUTanhBackward.derivative($1, GELUTanhBackward.slope(of: $1)) }
      },
      mutant("silu", "The derivative of SiLU is taken.") {
        $0.product = { $0 * SiLUBackward.derivative($1, SiLUBackward.sigmoid($1)) }
      },
      truncated,
    ]
  }
}

extension GELUTanhBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .geluTanhBackward }

  static var bugs: [Bug<Self>] {
    bugsOfActivations + [
      mutant("slope-forgotten", "The argument's own derivative is left out.") {
        $0.product = { $0 * derivative($1, $1.ones) }
      },
      mutant("cube-not-tripled", "The derivative of the cube is taken to be the square.") {
        $0.product = { gradient, x in
          let square = x.constant(.decimal(44_715, over: 1_000_000)) * (x * x)
          return gradient * derivative(x, x.constant(.rootOfTwoOverPi) * (1 + square))
        }
      },
      mutant("slope-unscaled", "The argument's derivative is not multiplied by √(2/π).") {
        $0.product = { gradient, x in
          gradient * derivative(x, 1 + 3 * x.constant(.decimal(44_715, over: 1_000_000)) * (x * x))
        }
      },
      mutant("tanh-not-squared", "The slope of tanh is taken to be 1 − tanh.") {
        $0.product = { gradient, x in
          let tanh = argument(x).hyperbolicTangent()
          return gradient * (0.5 * (1 + tanh) + 0.5 * x * (1 - tanh) * slope(of: x))
        }
      },
      mutant("erf-form", "The derivative of the exact form is taken.") {
        $0.product = { $0 * GELUBackward.derivative($1) }
      },
      mutant("derivative-in-bf16", "The derivative is kept in bfloat16.") {
        $0.product = { $0 * derivative($1, slope(of: $1)).rounded(to: .bfloat16) }
      },
    ]
  }
}

extension SiLUBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .siluBackward }

  static var bugs: [Bug<Self>] {
    bugsOfActivations + [
      mutant("sigmoid-alone", "The derivative is the sigmoid.") { $0.product = { $0 * sigmoid($1) } },
      mutant("sigmoid-slope", "The derivative of the sigmoid is taken.") {
        $0.product = { gradient, x in
          let sigmoid = sigmoid(x)
          return gradient * sigmoid * (1 - sigmoid)
        }
      },
      mutant("one-forgotten", "The derivative is s · x · (1 − s).") {
        $0.product = { gradient, x in
          let sigmoid = sigmoid(x)
          return gradient * sigmoid * (x * (1 - sigmoid))
        }
      },
      mutant("x-subtracted", "The derivative is s · (1 − x · (1 − s)).") {
        $0.product = { gradient, x in
          let sigmoid = sigmoid(x)
          return gradient * sigmoid * (1 - x * (1 - sigmoid))
        }
      },
      mutant("sigmoid-in-bf16", "The sigmoid is kept in bfloat16.") {
        $0.product = { $0 * derivative($1, sigmoid($1).rounded(to: .bfloat16)) }
      },
      truncated,
    ]
  }
}
