import PlumbEngine
import PlumbModel

/// The activations of a pass, in order.
typealias Trace = [(name: ActivationName, activation: Activation<Float>)]

/// The bits of every element: what "the same" means here.
func bits(_ activation: Activation<Float>) -> [UInt32] { activation.elements.map(\.bitPattern) }

extension Engine.Pass {
  /// Reads `tokens` and returns every activation, in order.
  func trace(_ tokens: [Int]) throws -> Trace {
    var trace: Trace = []
    try append(tokens) { trace.append(($0, $1)) }
    return trace
  }
}
