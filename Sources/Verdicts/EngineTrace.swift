import PlumbEngine
import PlumbModel

/// Every activation of one pass of the engine.
package struct EngineTrace: Sendable {
  /// The tokens of the pass.
  package let tokens: [Int]
  /// The activations by name.
  package private(set) var activations: [ActivationName: Activation<Float>] = [:]
  /// The names in the order in which the pass computed them.
  package private(set) var order: [ActivationName] = []

  /// An empty trace of a pass over `tokens`.
  package init(tokens: [Int]) { self.tokens = tokens }

  /// The trace of a pass of the engine over `tokens`, all of them at once.
  ///
  /// - Throws: `DriftError.pass` when the engine refuses them.
  package static func record(_ transformer: Transformer, _ tokens: [Int]) throws(DriftError) -> EngineTrace {
    do throws(Engine.PassError) {
      var trace = EngineTrace(tokens: tokens)
      try Engine.Pass(transformer).append(tokens) { trace.record($0, $1) }
      return trace
    } catch {
      throw .pass(error)
    }
  }

  /// The seconds that the engine takes over `tokens` when nothing is recorded.
  ///
  /// - Throws: as `record`.
  package static func seconds(_ transformer: Transformer, _ tokens: [Int]) throws(DriftError) -> Double {
    do throws(Engine.PassError) {
      let pass = try Engine.Pass(transformer)
      let start = ContinuousClock.now
      try pass.append(tokens)
      return (ContinuousClock.now - start) / .seconds(1)
    } catch {
      throw .pass(error)
    }
  }

  /// Keeps one activation.
  mutating func record(_ name: ActivationName, _ activation: Activation<Float>) {
    if activations.updateValue(activation, forKey: name) == nil { order.append(name) }
  }

  /// The activation called `name`.
  ///
  /// - Precondition: the pass computed it.
  package subscript(_ role: ActivationName.Role, in block: Int? = nil) -> Activation<Float> {
    self[ActivationName(block: block, role)]
  }

  /// The activation called `name`.
  ///
  /// - Precondition: the pass computed it.
  package subscript(_ name: ActivationName) -> Activation<Float> {
    guard let activation = activations[name] else { preconditionFailure("the pass computed no '\(name)'") }
    return activation
  }
}
