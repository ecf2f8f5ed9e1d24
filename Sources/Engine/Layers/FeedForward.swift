import PlumbModel

extension Engine {
  /// The feed-forward layer down(activation(up(x))): `[tokens, hidden]` to `[tokens, hidden]`.
  ///
  /// *Error bound*: each step is the layer of its name, rounded to Float32 as that layer is.
  ///
  /// - Precondition: the shapes of the three fit each other.
  package static func feedForward(
    _ x: Activation<Float>, _ layer: FeedForwardLayer, instructionSet: InstructionSet = .current
  ) -> Activation<Float> {
    let up = linear(x, layer.up, instructionSet: instructionSet)
    return linear(
      activated(up, layer.activation, instructionSet: instructionSet), layer.down, instructionSet: instructionSet)
  }

  /// The gated feed-forward layer down(activation(gate(x)) · up(x)): `[tokens, hidden]` to `[tokens, hidden]`.
  ///
  /// *Error bound*: each step is the layer of its name, rounded to Float32 as that layer is.
  ///
  /// - Precondition: the shapes of the three fit each other.
  package static func gatedFeedForward(
    _ x: Activation<Float>, _ layer: GatedFeedForwardLayer, instructionSet: InstructionSet = .current
  ) -> Activation<Float> {
    let activated = activated(
      linear(x, layer.gate, instructionSet: instructionSet), layer.activation, instructionSet: instructionSet)
    let up = linear(x, layer.up, instructionSet: instructionSet)
    return linear(gate(activated, up), layer.down, instructionSet: instructionSet)
  }

  /// The activation function of each element.
  static func activated(_ x: Activation<Float>, _ function: ActivationFunction, _ crew: Crew) -> Activation<Float> {
    function.elementary.map(x, crew)
  }

  private static func activated(
    _ x: Activation<Float>, _ function: ActivationFunction, instructionSet: InstructionSet
  ) -> Activation<Float> {
    activated(x, function, Crew(threads: 1, instructionSet: instructionSet))
  }
}

extension ActivationFunction {
  /// The engine's kernels for it.
  fileprivate var elementary: Engine.ElementaryFunction {
    switch self {
    case .relu: .relu
    case .gelu: .gelu
    case .geluTanh: .geluTanh
    case .silu: .silu
    }
  }
}
