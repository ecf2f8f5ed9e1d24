import PlumbBounds
import PlumbLayers
import PlumbModel
import PlumbTolerance

// The formulas of elementwise layers, feed-forwards and similarities, as the others.

extension ResidualAdd: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("x"), input.real("residual"), in: input.context)
  }
}

extension ResidualAddEntry: ModelledEntry {
  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    ResidualAdd(reading: input).forward()
  }
}

extension Scale: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("x"), ScalePart.layer(input.source), in: input.context)
  }
}

extension ScaleEntry: ModelledEntry {
  static let known = ["factor", "root", "divides"]

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    Scale(reading: input).forward()
  }
}

extension Gate: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("x"), input.real("gate"), in: input.context)
  }
}

extension GateEntry: ModelledEntry {
  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    Gate(reading: input).forward()
  }
}

extension Clamp: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("x"), ClampEntry.layer(input.source), in: input.context)
  }
}

extension ClampEntry: ModelledEntry {
  static let known = ["limit"]

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    Clamp(reading: input).forward()
  }
}

extension ClampedGate: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("gate"), input.real("up"), ClampedGateEntry.layer(input.source), in: input.context)
  }
}

extension ClampedGateEntry: ModelledEntry {
  static let known = ["alpha", "limit"]

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    ClampedGate(reading: input).forward()
  }
}

extension ReLU: CaseFormula {}

extension ReLUEntry: ModelledEntry {
  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    ReLU(reading: input).forward()
  }
}

extension GELU: CaseFormula {}

extension GELUEntry: ModelledEntry {
  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    GELU(reading: input).forward()
  }
}

extension GELUTanh: CaseFormula {}

extension GELUTanhEntry: ModelledEntry {
  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    GELUTanh(reading: input).forward()
  }
}

extension SiLU: CaseFormula {}

extension SiLUEntry: ModelledEntry {
  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    SiLU(reading: input).forward()
  }
}

extension FeedForward: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      up: Linear(input.real("x"), weight: input.weights("up"), bias: input.optionalReal("upBias"), in: input.context),
      input.source.activation,
      down: Linear(.none, weight: input.weights("down"), bias: input.optionalReal("downBias"), in: input.context))
  }
}

extension FeedForwardEntry: ModelledEntry {
  static let known = ["activation"]

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    FeedForward(reading: input).forward()
  }
}

extension GatedFeedForward: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    func product(_ x: Activation<Context.Number>, _ name: String) -> Linear<Context> {
      Linear(x, weight: input.weights(name), in: input.context)
    }
    let x = input.real("x")
    self.init(gate: product(x, "gate"), up: product(x, "up"), input.source.activation, down: product(.none, "down"))
  }
}

extension GatedFeedForwardEntry: ModelledEntry {
  static let known = ["activation"]

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    GatedFeedForward(reading: input).forward()
  }
}
